internal import Observability

/// What the audit service counts. Labels come from closed sets, never from tenants or users.
struct AuditMetrics: Sendable {
    private let stored: Counter
    private let duplicates: Counter
    private let gaps: Counter
    private let conflicts: Counter
    private let strays: Counter
    private let returned: Counter
    private let unreadable: Counter
    let replayed: Counter
    let replaysFailed: Counter

    init(_ registry: MetricsRegistry) {
        func events(_ result: String) -> Counter {
            registry.counter("strongroom_audit_events_total", help: "Verified events by what became of them.", labels: MetricLabel("result", result))
        }
        stored = events("stored")
        duplicates = events("duplicate")
        gaps = events("gap")
        conflicts = events("conflict")
        strays = events("stray")
        returned = registry.counter("strongroom_audit_events_returned_total", help: "Events shown by queries.")
        unreadable = registry.counter(
            "strongroom_audit_events_unreadable_total", help: "Bodies that are not what their leaf commits to. Any is a reason for an alarm.")
        replayed = registry.counter("strongroom_audit_events_replayed_total", help: "Events that a source sent again because they were missing.")
        replaysFailed = registry.counter(
            "strongroom_audit_replays_failed_total", help: "Replays that a source did not answer, or not with what was asked for.")
    }

    /// Events stored since the process began.
    var storedEvents: UInt64 { stored.value }

    func count(_ report: IngestReport) {
        stored.increment(by: UInt64(report.stored))
        duplicates.increment(by: UInt64(report.duplicates))
        gaps.increment(by: UInt64(report.gaps))
        conflicts.increment(by: UInt64(report.conflicts))
        strays.increment(by: UInt64(report.strays))
    }

    func count(_ page: EventPage) {
        returned.increment(by: UInt64(page.count))
        unreadable.increment(by: UInt64(page.unreadable))
    }
}
