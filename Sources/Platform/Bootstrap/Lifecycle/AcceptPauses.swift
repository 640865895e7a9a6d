internal import Observability
internal import Processes
internal import Synchronization

/// Tells the operator that a listener accepts nothing for a moment, because connections have taken all descriptors that they may.
final class AcceptPauses: Sendable {
    private static let quietNanoseconds: UInt64 = 10_000_000_000

    private let log: Logger
    private let pauses: Counter
    private let quietUntil = Mutex<UInt64>(0)

    init(log: Logger, metrics: MetricsRegistry) {
        self.log = log
        pauses = metrics.counter(
            "strongroom_accept_pauses_total",
            help: "Times that a loop accepted no connection for a tenth of a second, because few descriptors were left.")
    }

    func note() {
        pauses.increment()
        let now = SystemClock.monotonicNanoseconds()
        let isNews = quietUntil.withLock { until in
            guard now >= until else { return false }
            until = now + Self.quietNanoseconds
            return true
        }
        if isNews { log.warning("New connections wait: those there are have taken half of what the limit on open files allows") }
    }
}
