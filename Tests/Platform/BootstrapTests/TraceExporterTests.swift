import Contracts
import Encodings
import HTTP
import JSON
import Observability
import Synchronization
import TestTools
import Testing
import Transport

@testable import Bootstrap

@Suite struct TraceExporterTests {
    /// A collector that gives its answers in turn, the last of them for ever.
    private final class Collector: Sendable {
        private struct State {
            var bodies: [[UInt8]] = []
            var answers: [Response]
        }
        private final class Desk: Sendable {
            let state: Mutex<State>
            init(_ answers: [Response]) { state = Mutex(State(answers: answers)) }
        }

        private let desk: Desk
        let loops = LoopGroup.start(count: 1)
        let server: HTTPServer

        init(_ answers: Response...) async throws {
            let desk = Desk(answers)
            self.desk = desk
            server = try await HTTPServer.start(on: .loopback(port: 0), loops: loops, errors: .json) { request in
                guard request.head.target == "/base/v1/traces", request.method == .post else { throw HTTPError.notFound }
                let body = try await request.body.collect(upTo: 1 << 20)
                return desk.state.withLock { state in
                    state.bodies.append(body)
                    return state.answers.count > 1 ? state.answers.removeFirst() : state.answers[0]
                }
            }
        }

        var received: [[UInt8]] { desk.state.withLock { $0.bodies } }

        func stop() async {
            await server.shutDown(withinMilliseconds: 0)
            loops.stop()
        }
    }

    private let metrics = MetricsRegistry()
    private let buffer = LogBuffer { _ in }

    private func spans(_ result: String) -> UInt64 {
        metrics.counter("strongroom_trace_spans_total", help: "", labels: MetricLabel("result", result)).value
    }

    /// Runs an exporter against the collector, with spans to send, until `isDone`.
    private func export(to collector: Collector, spans count: Int = 3, pace: ExportPace = .quick, until isDone: () -> Bool) async throws {
        var reader = ConfigurationReader(settings: ["otlp-endpoint": "http://127.0.0.1:\(collector.server.address.port)/base/"])
        let settings = try #require(try TracingSettings(reading: &reader))
        let exporter = TraceExporter(
            settings, service: .notes, loops: collector.loops, clock: .system,
            log: Logger(service: "notes", buffer: buffer, now: WallClock.system.now), metrics: metrics, pace: pace)
        let running = Task { try await exporter.run() }
        for number in 0..<count {
            let context = TraceContext(random: (1, UInt64(number + 1), 1))
            exporter.tracer.record(context, parent: nil, kind: .server, name: "span \(number)", microseconds: 1, attributes: [])
        }
        try await until { isDone() }
        running.cancel()
        try await running.value
        await collector.stop()
    }

    @Test func `what the collector cannot take now is sent again as it was`() async throws {
        for status in [Status.tooManyRequests, .badGateway, .serviceUnavailable, .gatewayTimeout] {
            let before = spans("exported")
            let collector = try await Collector(Response(status, headers: [.retryAfter: "0"]), Response(.ok))
            try await export(to: collector) { spans("exported") == before + 3 }
            let received = collector.received
            #expect(received.count >= 2 && received[0] == received[1])
        }
        #expect(spans("lost") == 0 && spans("refused") == 0)
    }

    @Test func `a collector that says when is asked not before`() async throws {
        var pace = ExportPace.quick
        // By the exporter's own pace the next attempt would be an hour away.
        pace.firstPauseMilliseconds = 3_600_000
        pace.longestPauseMilliseconds = 3_600_000
        let collector = try await Collector(Response(.serviceUnavailable, headers: [.retryAfter: "Sun, 06 Nov 1994 08:49:37 GMT"]), Response(.ok))
        try await export(to: collector, pace: pace) { spans("exported") == 3 }
    }

    @Test func `what it refuses is given up, counted and told, once`() async throws {
        let collector = try await Collector(Response(.badRequest))
        try await export(to: collector) { spans("refused") == 3 }
        #expect(collector.received.count == 1)
        #expect(String(decoding: buffer.take(), as: UTF8.self).contains(#""message":"The collector refuses traces""#))
    }

    @Test func `what it takes in part is counted in part`() async throws {
        let collector = try await Collector(Response.json(Array(#"{"partialSuccess":{"rejectedSpans":"2","errorMessage":"no"}}"#.utf8)))
        try await export(to: collector) { spans("refused") == 2 }
        #expect(spans("exported") == 1)
    }

    @Test func `a collector cannot claim to have refused more than it was sent`() async throws {
        let collector = try await Collector(Response.json(Array(#"{"partialSuccess":{"rejectedSpans":"9223372036854775807"}}"#.utf8)))
        try await export(to: collector) { spans("refused") == 3 }
        #expect(spans("exported") == 0)
    }

    @Test func `what cannot be delivered in so many attempts is lost and counted`() async throws {
        let collector = try await Collector(Response(.serviceUnavailable))
        try await export(to: collector) { spans("lost") == 3 }
        #expect(collector.received.count == ExportPace.quick.attempts)
    }

    @Test func `a batch has its limit, and what is left at the end is sent, too`() async throws {
        var pace = ExportPace.quick
        pace.gatherMilliseconds = 3_600_000
        pace.batch = 2
        let collector = try await Collector(Response(.ok))
        try await export(to: collector, spans: 5, pace: pace) { true }
        #expect(collector.received.count == 3 && spans("exported") == 5)
    }

    @Test func `a collector that answers a byte at a time keeps no service from its end`() async throws {
        var pace = ExportPace.quick
        pace.gatherMilliseconds = 3_600_000
        pace.farewellMilliseconds = 300
        let collector = try await Collector(
            Response(
                body: .stream(length: nil) { writer in
                    // Each is within the time for a piece, all together are not.
                    for _ in 0..<6000 {
                        try await writer.write([UInt8(ascii: " ")])
                        try await EventLoop.current?.sleep(milliseconds: 20)
                    }
                }))
        try await export(to: collector, pace: pace) { true }
        #expect(collector.received.count == 1)
        #expect([spans("lost"), spans("exported"), spans("refused")] == [3, 0, 0])
    }

    @Test func `without a collector there is nothing, and an address that is none is refused`() throws {
        var reader = ConfigurationReader(settings: [:])
        #expect(try TracingSettings(reading: &reader) == nil)
        for url in [
            "ftp://collector.test", "collector.test:4318", "http://", "https://", "http://a b", "http://user:pw@host", "http://host/?x",
            "http://h:99999",
        ] {
            var reader = ConfigurationReader(settings: ["otlp-endpoint": url])
            #expect(throws: ConfigurationError.self) { try TracingSettings(reading: &reader) }
        }
    }

    @Test func `a collector has its scheme's port unless another is named, and is told no port that it knows`() throws {
        for (url, port, authority) in [
            ("http://collector.test", 80, "collector.test"), ("https://collector.test", 443, "collector.test"),
            ("https://collector.test:80", 80, "collector.test:80"), ("http://collector.test:443/", 443, "collector.test:443"),
        ] as [(String, UInt16, String)] {
            var reader = ConfigurationReader(settings: ["otlp-endpoint": url])
            let settings = try #require(try TracingSettings(reading: &reader))
            #expect(settings.endpoint.port == port && settings.endpoint.description == authority)
            #expect((settings.endpoint.security != nil) == url.hasPrefix("https"))
        }
    }

    @Test func `the standard variable names the collector, our own goes before it`() throws {
        func settings(_ environment: [String: String]) throws -> TracingSettings? {
            var reader = try ConfigurationReader(arguments: [], environment: environment)
            return try TracingSettings(reading: &reader)
        }
        let standard = try #require(try settings(["OTEL_EXPORTER_OTLP_ENDPOINT": "http://[::1]:4318"]))
        #expect(standard.endpoint == Endpoint(host: "::1", port: 4318) && standard.target == "/v1/traces")
        let own = try #require(try settings(["OTEL_EXPORTER_OTLP_ENDPOINT": "http://other:1", "STRONGROOM_OTLP_ENDPOINT": "http://own/a/"]))
        #expect(own.endpoint == Endpoint(host: "own", port: 80) && own.target == "/a/v1/traces")
    }
}

extension ExportPace {
    fileprivate static var quick: ExportPace {
        var pace = ExportPace()
        pace.gatherMilliseconds = 2
        pace.firstPauseMilliseconds = 2
        pace.longestPauseMilliseconds = 4
        pace.farewellMilliseconds = 60_000
        return pace
    }
}
