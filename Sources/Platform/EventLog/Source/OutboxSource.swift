public import Contracts

/// What a service with outboxes offers its ``EventRelay``.
public protocol OutboxSource: Sendable {
    /// The streams that may hold events audit does not have: asked once, at start. Opens the files that are on the durable list
    /// of shards with undelivered events, and no others. A file that can't be read holds up only its own streams.
    /// - Returns: the streams, and how many files could not be read; then it is asked again.
    func pendingStreams() async throws(OutboxSourceError) -> (streams: [StreamHead], unreadable: Int)

    /// See ``Outbox/events(epoch:from:to:count:bytes:)``. Empty for a stream that is not this source's.
    func events(
        of stream: StreamID, from: UInt64, to: UInt64, count: Int, bytes: Int
    ) async throws(OutboxSourceError) -> [CommittedEvent]

    /// Audit has said up to where it has these streams: hand it to each ``Outbox/confirm(epoch:mark:backedUp:)``.
    /// - Returns: the marks that could not be stored; the others are.
    func confirm(_ marks: [StreamMark]) async -> [StreamMark]
}
