public import Encodings

/// Names one writer's unbroken sequence of events: a shard, from its making or its restoring on.
public struct StreamID: Hashable, Sendable {
    /// The service whose outbox it is.
    public var source: ServiceName
    public var tenant: String
    public var shard: UInt32
    /// A UUID of version 7, made when the shard is created or restored; never used by two streams.
    public var epoch: UUID

    public init(source: ServiceName, tenant: String, shard: UInt32, epoch: UUID) {
        self.source = source
        self.tenant = tenant
        self.shard = shard
        self.epoch = epoch
    }

    // The epoch alone tells streams apart; what else a stream says is compared, but need not be hashed.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(epoch)
    }
}
