internal import Transport

/// One request for a shard's thread: what to do with the open file, and how to answer.
struct ShardRequest<Handle>: Sendable {
    let shard: ShardID
    /// The loop the answer goes to; nil when the caller is on none.
    let loop: EventLoop?
    /// For a reader: whether the file's writer has opened it just now.
    var isPrepared = false
    /// For a writer: whether it only tidies up. That adds no event, and a shard that nobody else writes to stays idle.
    var isUpkeep = false
    /// Does the work and returns what hands over its result.
    let perform: @Sendable (Handle) throws -> Reply
    let fail: @Sendable (any Error) -> Void

    typealias Reply = @Sendable () -> Void
}
