internal import HTTP
internal import Observability

/// What every service counts of its requests: by their routes, and those that no route matches (the health endpoints are not counted at all).
struct RequestMetrics: Sendable {
    private let unmatched: RouteMetrics
    let inFlight: Gauge

    init(_ metrics: MetricsRegistry) {
        unmatched = metrics.route("ANY", "unmatched")
        inFlight = metrics.gauge("strongroom_requests_in_flight", help: "Requests being answered.")
    }

    func count(_ event: RequestEvent, _ status: Status, microseconds: UInt64) {
        (event.route ?? unmatched).count(status: Int(status.rawValue), microseconds: microseconds)
    }
}
