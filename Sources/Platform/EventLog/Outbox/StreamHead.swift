public import Contracts
public import Crypto

/// How far a stream reaches at its source.
public struct StreamHead: Equatable, Sendable {
    public var stream: StreamID
    /// The number of the newest event; 0 when there is none.
    public var head: UInt64
    /// The digest of the newest event.
    public var digest: SHA256Digest?
    /// Up to where the audit service was known to have it.
    public var mark: UInt64

    public init(stream: StreamID, head: UInt64, digest: SHA256Digest?, mark: UInt64) {
        self.stream = stream
        self.head = head
        self.digest = digest
        self.mark = mark
    }
}
