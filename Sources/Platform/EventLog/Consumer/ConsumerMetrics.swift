public import Observability

/// What a consumer counts.
public struct ConsumerMetrics: Sendable {
    let consumed: Counter
    let retried: Counter

    public init(_ registry: MetricsRegistry) {
        consumed = registry.counter("strongroom_consumer_messages_total", help: "Messages handed to the log.")
        retried = registry.counter("strongroom_consumer_batches_retried_total", help: "Batches that could not be stored and were tried again.")
    }
}
