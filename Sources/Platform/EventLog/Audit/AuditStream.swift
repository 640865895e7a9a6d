public import Crypto

/// What the audit log knows of one stream.
public struct AuditStream: Equatable, Sendable {
    /// The log holds the stream's events 1 to `mark`.
    public var mark: UInt64
    /// The digest of event `mark`; nil while there is none.
    public var digest: SHA256Digest?
    /// The newest event that is known to exist, by its own arrival or by the source's word. At least `mark`.
    public var known: UInt64
    /// How many conflicts were recorded.
    public var conflicts: UInt64
    /// The source has said that it does not have the event after `mark`.
    public var isLost: Bool

    /// When it may be asked for again; not durable.
    var retryAt: UInt64 = 0

    public init(mark: UInt64 = 0, digest: SHA256Digest? = nil, known: UInt64 = 0, conflicts: UInt64 = 0, isLost: Bool = false) {
        self.mark = mark
        self.digest = digest
        self.known = max(known, mark)
        self.conflicts = conflicts
        self.isLost = isLost
    }
}
