public import Crypto

/// How far a stream reaches at its source.
public struct StreamHead: Equatable, Sendable {
    public var stream: StreamID
    /// The number of the newest event; 0 when there is none.
    public var head: UInt64
    /// The digest of the newest event; nil when there is none.
    public var digest: SHA256Digest?
    /// Up to where the source knows audit to have it: a hint. Not sent.
    public var mark: UInt64

    public init(stream: StreamID, head: UInt64, digest: SHA256Digest?, mark: UInt64 = 0) {
        self.stream = stream
        self.head = head
        self.digest = digest
        self.mark = mark
    }
}
