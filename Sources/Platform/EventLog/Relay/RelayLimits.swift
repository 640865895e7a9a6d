/// How much a relay sends ahead of the audit service, and how patiently it waits.
public struct RelayLimits: Equatable, Sendable {
    /// Bytes that may be sent and not yet confirmed by audit's mark, over all streams.
    public var windowBytes: Int
    /// Events and bytes of one read of an outbox.
    public var readEvents: Int
    public var readBytes: Int
    /// Milliseconds without progress of a stream's mark after which it is sent again; doubled each time.
    public var resendAfter: UInt64
    public var resendAtMost: UInt64

    public init(windowBytes: Int, readEvents: Int = 1_000, readBytes: Int = 1 << 20, resendAfter: UInt64 = 2_000, resendAtMost: UInt64 = 60_000) {
        self.windowBytes = windowBytes
        self.readEvents = readEvents
        self.readBytes = readBytes
        self.resendAfter = resendAfter
        self.resendAtMost = resendAtMost
    }
}
