/// Up to where the audit log has a stream.
public struct StreamMark: Hashable, Sendable {
    public var stream: StreamID
    public var mark: UInt64
    /// The mark in the newest backup of the tenant's log; nil where no backups are made.
    public var backedUp: UInt64?

    public init(stream: StreamID, mark: UInt64, backedUp: UInt64? = nil) {
        self.stream = stream
        self.mark = mark
        self.backedUp = backedUp
    }
}
