public import Bootstrap
public import Kafka
public import Observability
public import Transport

/// Reads topics as a member of a group and hands what comes to a sink; commits offsets behind what the sink is done with.
public final class EventConsumer: BackgroundService {
    public let name = "event-consumer"
    private let core: ConsumerCore

    /// - Parameter batchLimit: the most messages handed over at once.
    public init(
        configuration: ConsumerConfiguration, topics: [String], sink: any EventSink, batchLimit: Int = 2_048, loop: EventLoop, log: Logger,
        metrics: ConsumerMetrics
    ) {
        core = ConsumerCore(
            configuration: configuration, topics: topics, sink: sink, batchLimit: batchLimit, loop: loop, log: log, metrics: metrics)
    }

    public func run() async throws {
        // As for the relay.
        await withTaskExecutorPreference(core.loop) { await core.run() }
    }
}
