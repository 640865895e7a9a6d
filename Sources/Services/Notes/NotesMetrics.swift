internal import Observability

/// What the notes service counts. Labels come from closed sets, never from tenants or users.
struct NotesMetrics: Sendable {
    private let outcomes: [String: Counter]
    let setBack: Counter

    init(_ registry: MetricsRegistry) {
        var outcomes: [String: Counter] = [:]
        for name in WriteOutcome.names {
            outcomes[name] = registry.counter(
                "strongroom_note_writes_total", help: "Writes of notes by how they ended.", labels: MetricLabel("outcome", name))
        }
        self.outcomes = outcomes
        setBack = registry.counter(
            "strongroom_shards_set_back_total", help: "Files that lacked what they had once committed, or were gone. Any is a reason for an alarm.")
    }

    func count(_ outcome: WriteOutcome) { outcomes[outcome.name]?.increment() }
}
