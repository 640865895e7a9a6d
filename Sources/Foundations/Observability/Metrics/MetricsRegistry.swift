import Synchronization

/// The metrics of one process. Series are made at start, by whoever counts; the hot path then holds the `Counter` itself and never looks anything up.
///
/// Asking again for a name with the same labels gives the same series, so two listeners of a process may share one.
public final class MetricsRegistry: Sendable {
    struct Family: Sendable {
        let help: String
        let kind: Kind
        var series: [[MetricLabel]: Series] = [:]
    }
    enum Kind: String, Sendable { case counter, gauge, histogram }
    enum Series: Sendable {
        case counter(Counter)
        case gauge(Gauge)
        case measured(@Sendable () -> Double)
        case histogram(Histogram)
    }

    /// The media type of `exposition()`.
    public static let contentType = PrometheusText.contentType

    private let families = Mutex<[String: Family]>([:])

    public init() {}

    /// - Parameter name: ends in `_total` by convention.
    public func counter(_ name: StaticString, help: StaticString, labels: MetricLabel...) -> Counter {
        let found = series(name, help, .counter, labels) { .counter(Counter()) }
        guard case .counter(let counter) = found else { preconditionFailure("\(name) is registered as another kind") }
        return counter
    }

    public func gauge(_ name: StaticString, help: StaticString, labels: MetricLabel...) -> Gauge {
        let found = series(name, help, .gauge, labels) { .gauge(Gauge()) }
        guard case .gauge(let gauge) = found else { preconditionFailure("\(name) is registered as another kind") }
        return gauge
    }

    /// A gauge that is read when the metrics are asked for, from any thread.
    public func gauge(_ name: StaticString, help: StaticString, labels: MetricLabel..., measure: @escaping @Sendable () -> Double) {
        _ = series(name, help, .gauge, labels) { .measured(measure) }
    }

    /// A counter that somebody else keeps, read when the metrics are asked for, from any thread.
    public func counter(_ name: StaticString, help: StaticString, labels: MetricLabel..., measure: @escaping @Sendable () -> Double) {
        _ = series(name, help, .counter, labels) { .measured(measure) }
    }

    /// - Parameter name: ends in `_seconds` by convention.
    public func histogram(_ name: StaticString, help: StaticString, labels: MetricLabel...) -> Histogram {
        let found = series(name, help, .histogram, labels) { .histogram(Histogram()) }
        guard case .histogram(let histogram) = found else { preconditionFailure("\(name) is registered as another kind") }
        return histogram
    }

    /// Shows a series no more. Who still holds it may go on counting, for nobody.
    func remove(_ name: StaticString, labels: MetricLabel...) {
        _ = families.withLock { $0[name.description]?.series.removeValue(forKey: labels.sorted()) }
    }

    /// All families in the Prometheus text format 0.0.4, ordered by name.
    public func exposition() -> [UInt8] {
        let families = families.withLock { $0 }
        var text = PrometheusText()
        for (name, family) in families.sorted(by: { $0.key < $1.key }) {
            text.append(name, family)
        }
        return text.bytes
    }

    private func series(
        _ name: StaticString, _ help: StaticString, _ kind: Kind, _ labels: [MetricLabel], make: () -> Series
    ) -> Series {
        let name = name.description
        precondition(
            PrometheusText.isMetricName(name) && labels.allSatisfy { PrometheusText.isLabelName($0.name) }, "\(name) is no metric's name")
        let labels = labels.sorted()
        return families.withLock { families in
            var family = families[name] ?? Family(help: help.description, kind: kind)
            precondition(family.kind == kind, "\(name) is registered as another kind")
            if let known = family.series[labels] { return known }
            let made = make()
            family.series[labels] = made
            families[name] = family
            return made
        }
    }
}
