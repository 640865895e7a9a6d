internal import Synchronization

/// The series of routes that change while the service runs. Those that are gone are no longer shown, and a long table has series for its first routes only, so
/// that no document lets the exposition grow without bound.
public final class ChangingRoutes: Sendable {
    public struct Route: Hashable, Sendable {
        let method: String
        let template: String

        public init(method: String, template: String) {
            self.method = method
            self.template = template
        }
    }

    /// Routes with series of their own, which is as many as API Gateway lets an API have; those after them are counted together as `others`.
    public static let limit = 300

    private let metrics: MetricsRegistry
    private let others: RouteMetrics
    private let shown = Mutex<[Route: RouteMetrics]>([:])

    public init(_ metrics: MetricsRegistry) {
        self.metrics = metrics
        others = metrics.route("ANY", "others")
    }

    /// Takes a new table into use.
    ///
    /// - Returns: what each of its routes is counted by, in order. A route that was there before goes on counting.
    public func take(_ routes: [Route]) -> [RouteMetrics] {
        shown.withLock { shown in
            var next: [Route: RouteMetrics] = [:]
            let taken = routes.map { route in
                if let known = next[route] { return known }
                guard next.count < Self.limit else { return others }
                let made = shown[route] ?? metrics.route(route.method, route.template)
                next[route] = made
                return made
            }
            for route in shown.keys where next[route] == nil { metrics.removeRoute(route.method, route.template) }
            shown = next
            return taken
        }
    }
}
