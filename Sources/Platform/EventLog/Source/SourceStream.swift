public import Crypto
public import Encodings

/// One stream of a shard's file, as the file remembers it.
public struct SourceStream: Equatable, Sendable {
    /// How many events the file's earlier streams hold: event `seq` lies in the outbox at position `base + seq`.
    public var base: UInt64
    public let epoch: UUID
    /// The number of the newest event; 0 while there is none.
    public var head: UInt64
    /// The digest of the newest event; nil while there is none.
    public var digest: SHA256Digest?
    /// Up to where the audit service is known to have the stream. Only a hint: it may go back when audit is restored.
    public var mark: UInt64

    public init(base: UInt64, epoch: UUID, head: UInt64 = 0, digest: SHA256Digest? = nil, mark: UInt64 = 0) {
        self.base = base
        self.epoch = epoch
        self.head = head
        self.digest = digest
        self.mark = mark
    }
}
