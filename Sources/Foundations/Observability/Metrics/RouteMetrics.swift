/// Rate, errors and duration of one route of a service. Whoever finds a request's route gives this to the request's event, so that counting looks nothing up.
public final class RouteMetrics: Sendable {
    static let requests: StaticString = "strongroom_requests_total"
    static let seconds: StaticString = "strongroom_request_seconds"

    /// The pattern as it was written, such as `/notes/{noteId}`; or a word without a slash for what has no pattern.
    public let template: String
    /// Answers by class, from 2xx.
    private let answered: [Counter]
    private let duration: Histogram

    static let classes = ["2xx", "3xx", "4xx", "5xx"]

    init(_ method: String, _ template: String, in metrics: MetricsRegistry) {
        self.template = template
        let labels = Self.labels(method, template)
        answered = Self.classes.map { status in
            metrics.counter(
                Self.requests, help: "Requests answered.", labels: labels.method, labels.route, MetricLabel("status", status))
        }
        duration = metrics.histogram(
            Self.seconds, help: "From a request's head to its response's head.", labels: labels.method, labels.route)
    }

    /// - Parameter status: of the final response; what is not one of the classes is counted as the nearest.
    public func count(status: Int, microseconds: UInt64) {
        answered[min(max(status / 100, 2), 5) - 2].increment()
        duration.observe(microseconds: microseconds)
    }

    static func labels(_ method: String, _ template: String) -> (method: MetricLabel, route: MetricLabel) {
        (MetricLabel("method", method), MetricLabel("route", template))
    }
}

extension MetricsRegistry {
    /// The series of a route.
    ///
    /// - Parameters:
    ///   - method: the route's own, `ANY` where it takes any; never what a request happens to say.
    ///   - template: from the table of routes; a word without a slash where there is no pattern (`unmatched`).
    public func route(_ method: String, _ template: String) -> RouteMetrics {
        RouteMetrics(method, template, in: self)
    }

    func removeRoute(_ method: String, _ template: String) {
        let labels = RouteMetrics.labels(method, template)
        for status in RouteMetrics.classes { remove(RouteMetrics.requests, labels: labels.method, labels.route, MetricLabel("status", status)) }
        remove(RouteMetrics.seconds, labels: labels.method, labels.route)
    }
}
