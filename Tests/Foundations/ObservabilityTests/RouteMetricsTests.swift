import Observability
import Testing

@Suite struct RouteMetricsTests {
    private let metrics = MetricsRegistry()

    private var lines: [Substring] {
        String(decoding: metrics.exposition(), as: UTF8.self).split(separator: "\n").filter { !$0.hasPrefix("#") }
    }

    @Test func `a route counts its answers by class, and how long they took`() {
        let route = metrics.route("GET", "/notes/{noteId}")
        for status in [200, 204, 304, 404, 412, 429, 503] { route.count(status: status, microseconds: 400) }
        let label = #"method="GET",route="/notes/{noteId}""#
        for (status, count) in ["2xx": 2, "3xx": 1, "4xx": 3, "5xx": 1] {
            #expect(lines.contains("strongroom_requests_total{\(label),status=\"\(status)\"} \(count)"))
        }
        #expect(lines.contains("strongroom_request_seconds_count{\(label)} 7"))
        #expect(lines.contains("strongroom_request_seconds_sum{\(label)} 0.002800"))
    }

    @Test func `a status of no class is counted as the nearest`() {
        let route = metrics.route("GET", "/x")
        route.count(status: 101, microseconds: 1)
        route.count(status: 600, microseconds: 1)
        #expect(lines.contains(#"strongroom_requests_total{method="GET",route="/x",status="2xx"} 1"#))
        #expect(lines.contains(#"strongroom_requests_total{method="GET",route="/x",status="5xx"} 1"#))
    }

    @Test func `routes that stay go on counting, and those that are gone are shown no more`() {
        let routes = ChangingRoutes(metrics)
        let first = routes.take([.init(method: "GET", template: "/kept"), .init(method: "GET", template: "/gone")])
        for route in first { route.count(status: 200, microseconds: 10) }
        let second = routes.take([.init(method: "POST", template: "/new"), .init(method: "GET", template: "/kept")])
        #expect(second[1] === first[0])
        second[1].count(status: 200, microseconds: 10)
        #expect(lines.contains(#"strongroom_requests_total{method="GET",route="/kept",status="2xx"} 2"#))
        #expect(lines.contains(#"strongroom_requests_total{method="POST",route="/new",status="2xx"} 0"#))
        #expect(!lines.contains { $0.contains("/gone") })
    }

    @Test func `the number of series is bounded, however many routes come and go`() {
        let routes = ChangingRoutes(metrics)
        func table(_ round: Int) -> [ChangingRoutes.Route] {
            (0..<ChangingRoutes.limit + 50).map { .init(method: "GET", template: "/round\(round)/\($0)") }
        }
        let first = routes.take(table(0))
        let bound = lines.count
        for route in first { route.count(status: 200, microseconds: 10) }
        #expect(lines.contains(#"strongroom_requests_total{method="ANY",route="others",status="2xx"} 50"#))
        for round in 1...3 {
            _ = routes.take(table(round))
            #expect(lines.count == bound)
        }
        // What is held of an old table counts for nobody.
        first[0].count(status: 200, microseconds: 10)
        #expect(lines.count == bound)
    }
}
