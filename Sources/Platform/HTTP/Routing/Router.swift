public import Observability

/// A table of routes as an ``HTTPServer`` handler.
///
/// ```
/// let router = try Router(
///     [
///         Route(.get, "/notes/{noteId}") { request in … request.parameter("noteId") … },
///         Route(.get, "/files/{path+}") { request in … },
///     ], metrics: metrics)
/// let server = try await HTTPServer.start(on: address, loops: loops, handler: router.handler)
/// ```
///
/// What no route matches throws ``HTTPError/notFound`` or ``HTTPError/methodNotAllowed(_:)``, which the server's
/// ``ErrorRenderer`` turns into the service's own bytes.
public struct Router: Sendable {
    private struct Destination: Sendable {
        let handler: HTTPServer.Handler
        let metrics: RouteMetrics
    }
    private let table: RouteTable<Destination>

    /// - Parameter metrics: where each route is counted.
    public init(_ routes: [Route], metrics: MetricsRegistry) throws(RouteError) {
        var table = RouteTable<Destination>()
        for route in routes {
            let destination = Destination(handler: route.handler, metrics: metrics.route(route.method.rawValue, route.pattern))
            try table.add(route.method, RoutePattern(route.pattern), destination)
        }
        self.table = table
    }

    /// Finds the route and calls its handler.
    public func respond(to request: Request) async throws -> Response {
        let path = request.head.pathRange
        let bytes = request.headers.bytes
        switch table.find(request.method, bytes.span.extracting(path)) {
        case .found(let destination, let match):
            request.event?.match(match.pattern.text, countedBy: destination.metrics)
            return try await destination.handler(request.matched(match.offset(by: path.lowerBound)))
        case .wrongMethod(let allowed): throw HTTPError.methodNotAllowed(allowed)
        case .notFound: throw HTTPError.notFound
        }
    }

    /// The router as a server's handler.
    public var handler: HTTPServer.Handler { { request in try await respond(to: request) } }
}
