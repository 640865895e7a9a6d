public import Bootstrap
public import Contracts
public import Observability
public import Transport

/// Publishes a source's outboxes to its topic until the audit service has every event.
///
/// Runs on one loop. A committed event usually goes straight from its writer to the producer; what does not fit the window, and what is
/// sent again, is read from the outbox.
public final class EventRelay: BackgroundService {
    public let name = "event-relay"
    private let inbox = RelayInbox()
    private let loop: EventLoop
    private let core: RelayCore

    public init(
        source: any OutboxSource, marks: any MarksClient, configuration: RelayConfiguration, loop: EventLoop, log: Logger, metrics: RelayMetrics,
        tracer: Tracer? = nil
    ) {
        self.loop = loop
        core = RelayCore(
            source: source, marks: marks, configuration: configuration, inbox: inbox, loop: loop, log: log, metrics: metrics, tracer: tracer)
    }

    /// Tells of events whose transaction is on disk, in their streams' order. May be called from any thread; never blocks.
    public func committed(_ events: [CommittedEvent]) {
        if inbox.add(events) { wake() }
    }

    /// Has audit asked once more for its marks of these streams, which then come by ``OutboxSource/confirm(_:)``.
    public func recheck(_ streams: [StreamHead]) {
        if inbox.add(rechecks: streams) { wake() }
    }

    /// The tenant's outboxes are no more: nothing of them is waited for.
    public func forget(tenant: String) {
        if inbox.add(gone: tenant) { wake() }
    }

    public func run() async throws {
        // Without the preference each wait inside would come back by way of the general executor's threads.
        await withTaskExecutorPreference(loop) { await core.run() }
    }

    private func wake() {
        let core = core
        loop.spawn { await core.takeInbox() }
    }
}
