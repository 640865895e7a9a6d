internal import Contracts
public import Observability

/// Messages that were refused, by reason. Any is a reason for an alarm.
public struct DeadLetterMetrics: Sendable {
    private let refused: [String: Counter]

    public init(_ registry: MetricsRegistry) {
        refused = Dictionary(
            uniqueKeysWithValues: EventError.names.map { name in
                (
                    name,
                    registry.counter(
                        "strongroom_events_refused_total", help: "Messages in a topic that are not events of ours.",
                        labels: MetricLabel("reason", name))
                )
            })
    }

    func count(_ reason: EventError) { refused[reason.name]?.increment() }
}
