/// Bounds on what a source may write and the audit service will read.
public enum EventLimits {
    /// The most bytes of an envelope. What is larger is refused at the source, so that no reader ever meets it.
    public static let maximumBytes = 65_536
    /// The most bytes of any one text of an event: names, actions, addresses, ids.
    public static let maximumTextBytes = 1_024
    /// The most bytes of a type, an action, a reason, or a tenant's name.
    public static let maximumNameBytes = 128
    /// The most bytes of a tracestate: as many as have to be passed on (W3C Trace Context §3.3.1.5).
    public static let maximumTraceStateBytes = 512
}
