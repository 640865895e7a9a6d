internal import Contracts
public import Observability

/// What a consumer counts.
public struct ConsumerMetrics: Sendable {
    let consumed: Counter
    let retried: Counter
    let partitions: Gauge
    /// One for each topic of events.
    let lag: [String: Gauge]

    public init(_ registry: MetricsRegistry) {
        consumed = registry.counter("strongroom_consumer_messages_total", help: "Messages handed to the log.")
        partitions = registry.gauge("strongroom_consumer_partitions", help: "Partitions that are this consumer's just now.")
        lag = Dictionary(
            uniqueKeysWithValues: EventTopic.sources.map { topic in
                (
                    topic,
                    registry.gauge(
                        "strongroom_consumer_lag_messages", help: "Messages that the broker has and the log has not read yet.",
                        labels: MetricLabel("topic", topic))
                )
            })
        retried = registry.counter("strongroom_consumer_batches_retried_total", help: "Batches that could not be stored and were tried again.")
    }
}
