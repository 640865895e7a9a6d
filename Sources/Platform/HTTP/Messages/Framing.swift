/// How a message's body is delimited (RFC 9112 §6.3).
public enum Framing: Hashable, Sendable {
    /// There is none.
    case none
    /// Exactly so many bytes.
    case length(Int)
    case chunked
    /// All until the connection ends (responses only).
    case untilClose
}
