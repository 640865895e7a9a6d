internal import HTTP
internal import Observability

/// What every service counts of its requests. Labels come from closed sets: the methods we speak, the classes of status.
struct RequestMetrics: Sendable {
    private let answered: [Method: [Counter]]
    private let duration: Histogram
    let inFlight: Gauge

    init(_ metrics: MetricsRegistry) {
        answered = Dictionary(
            uniqueKeysWithValues: Method.allCases.map { method in
                let classes = ["1xx", "2xx", "3xx", "4xx", "5xx"].map { status in
                    metrics.counter(
                        "strongroom_requests_total", help: "Requests answered.", labels: MetricLabel("method", method.rawValue),
                        MetricLabel("status", status))
                }
                return (method, classes)
            })
        duration = metrics.histogram("strongroom_request_seconds", help: "From a request's head to its response's head.")
        inFlight = metrics.gauge("strongroom_requests_in_flight", help: "Requests being answered.")
    }

    func count(_ method: Method, _ status: Status, microseconds: UInt64) {
        let index = min(max(Int(status.rawValue) / 100, 1), 5) - 1
        answered[method]?[index].increment()
        duration.observe(microseconds: microseconds)
    }
}
