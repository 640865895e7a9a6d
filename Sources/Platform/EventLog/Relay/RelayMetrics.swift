public import Observability

/// What a relay counts.
public struct RelayMetrics: Sendable {
    let produced: Counter
    let failed: Counter
    let producersLost: Counter
    let backlog: Gauge
    let longestWait: Gauge
    let unconfirmedBytes: Gauge

    public init(_ registry: MetricsRegistry) {
        produced = registry.counter("strongroom_relay_events_produced_total", help: "Events handed to the producer, those sent again included.")
        failed = registry.counter("strongroom_relay_deliveries_failed_total", help: "Events the producer gave up on; they are sent again.")
        producersLost = registry.counter("strongroom_relay_producers_lost_total", help: "Producers that turned fatal and were replaced.")
        backlog = registry.gauge("strongroom_relay_backlog_events", help: "Events that audit is not known to have.")
        longestWait = registry.gauge(
            "strongroom_relay_longest_wait_seconds", help: "How long the events of one outbox have waited without audit having taken any.")
        unconfirmedBytes = registry.gauge("strongroom_relay_unconfirmed_bytes", help: "Bytes sent and not yet confirmed by audit.")
    }
}
