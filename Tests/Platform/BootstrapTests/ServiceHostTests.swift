import Bootstrap
import Contracts
import Encodings
import HTTP
import Observability
import Synchronization
import TestTools
import Testing
import Transport

/// A service that answers, fails and works in the background as a test asks.
private struct Sample: HostedService {
    struct Configuration: ServiceConfiguration {
        init(reading reader: inout ConfigurationReader) throws(ConfigurationError) {}
        init() {}
    }
    struct Broken: Error {}
    struct Work: BackgroundService {
        let name = "work"
        let fails: Bool
        let ended: Flag

        func run() async throws {
            if fails { throw Broken() }
            await StopSignal().wait()
            ended.set()
        }
    }
    final class Flag: Sendable {
        private let value = Atomic<Bool>(false)
        func set() { value.store(true, ordering: .relaxed) }
        var isSet: Bool { value.load(ordering: .relaxed) }
    }

    static let name = ServiceName.notes
    static let errors = ErrorRenderer.json
    static var limits: ServerConfiguration {
        var limits = ServerConfiguration()
        limits.cancelsWhenHalfClosed = true
        limits.handlerMilliseconds = 4_000
        return limits
    }
    var background: [any BackgroundService] { [Work(fails: backgroundFails, ended: backgroundEnded)] }
    let backgroundFails: Bool
    /// What it counts requests for `/things/…` by.
    var things: RouteMetrics?
    let backgroundEnded = Flag()
    let closed = Flag()

    init(configuration: Configuration, runtime: Runtime) async throws { backgroundFails = false }
    init(backgroundFails: Bool = false, things: RouteMetrics? = nil) {
        self.backgroundFails = backgroundFails
        self.things = things
    }

    var handler: HTTPServer.Handler {
        { request in
            if let things, request.head.target.hasPrefix("/things/") { request.event?.count(by: things) }
            if request.head.target.hasSuffix("/broken") { throw Broken() }
            if request.method == .post { _ = try await request.body.collect(upTo: 100) }
            if request.head.target.hasSuffix("/waits") { try await Task.sleep(for: .seconds(60)) }
            request.event?.add(.operation("here"))
            return .text(request.event?.requestID.description ?? "none")
        }
    }
    func readiness() async -> Readiness { .ready }
    func close() async { closed.set() }
}

@Suite struct ServiceHostTests {
    private let loops = LoopGroup.start(count: 1)
    private let metrics = MetricsRegistry()
    private let buffer = LogBuffer { _ in }

    private func bind() async throws -> ServiceHost {
        let log = Logger(service: "notes", buffer: buffer, now: WallClock.system.now)
        return try await ServiceHost.bind(Sample.self, on: .loopback(port: 0), loops: loops, log: log, metrics: metrics)
    }

    private func get(
        _ host: ServiceHost, _ path: String, headers: [String: String] = [:], seconds: String = "5"
    ) async throws -> (status: Int, body: String) {
        let curl = try await ForeignProgram.run(
            "/usr/bin/curl",
            ["-s", "-w", "\n%{http_code}", "--max-time", seconds, "http://\(host.address)\(path)"]
                + headers.flatMap { ["-H", "\($0.key): \($0.value)"] })
        let lines = curl.text.split(separator: "\n", omittingEmptySubsequences: false)
        return (Int(lines.last ?? "") ?? 0, lines.dropLast().joined(separator: "\n"))
    }

    @Test func untilItsServiceIsOpenItIsAliveButNotReady() async throws {
        let host = try await bind()
        #expect(try await get(host, "/healthz").status == 200)
        #expect(try await get(host, "/readyz").status == 503)
        #expect(try await get(host, "/anything").status == 503)
        await host.abandon()
        loops.stop()
    }

    @Test func itAnswersCountsAndLogsEachRequestAndEndsInOrder() async throws {
        let host = try await bind()
        let service = Sample(things: metrics.route("GET", "/things/{id}"))
        let stop = StopSignal()
        let running = Task { try await host.run(service, until: stop) }
        try await until { try await get(host, "/readyz").status == 200 }
        let id = "01020304-0506-4708-890a-0b0c0d0e0f10"
        let trace = "4bf92f3577b34da6a3ce929d0e0e4736"
        let answer = try await get(
            host, "/x?secret=1", headers: ["x-strongroom-request-id": id, "traceparent": "00-\(trace)-00f067aa0ba902b7-01"])
        #expect(answer.body == id)
        #expect(try await get(host, "/broken").status == 500)
        #expect(try await get(host, "/things/broken").status == 500)
        let exposition = try await get(host, "/metrics").body
        func holds(_ sample: String) -> Bool { exposition.contains("\nstrongroom_request\(sample)\n") }
        #expect(holds(#"s_total{method="ANY",route="unmatched",status="2xx"} 1"#))
        #expect(holds(#"s_total{method="ANY",route="unmatched",status="5xx"} 1"#))
        #expect(holds(#"_seconds_count{method="ANY",route="unmatched"} 2"#))
        #expect(holds(#"s_total{method="GET",route="/things/{id}",status="2xx"} 0"#))
        #expect(holds(#"s_total{method="GET",route="/things/{id}",status="5xx"} 1"#))
        #expect(holds(#"_seconds_count{method="GET",route="/things/{id}"} 1"#))
        stop.set()
        try await running.value
        #expect(service.backgroundEnded.isSet && service.closed.isSet)
        let lines = String(decoding: buffer.take(), as: UTF8.self).split(separator: "\n").map(String.init)
        let line = try #require(lines.first { $0.contains(id) })
        #expect(line.contains(trace) && line.contains(#""operation":"here","status":200"#) && !line.contains("secret"))
        #expect(lines.contains { $0.contains(#""level":"error""#) && $0.contains("Broken") })
        loops.stop()
    }

    @Test func whoGoesAwayIsNobodysFailureAndWhatTakesTooLongIs() async throws {
        let host = try await bind()
        let service = Sample(things: metrics.route("GET", "/things/{id}"))
        let stop = StopSignal()
        let running = Task { try await host.run(service, until: stop) }
        try await until { try await get(host, "/readyz").status == 200 }
        #expect(try await get(host, "/things/waits", seconds: "0.2").status == 0)
        #expect(try await get(host, "/things/waits", seconds: "8").status == 500)
        // A body that took longer than a handler may has left it all its time.
        let slowly = #"exec 3<>/dev/tcp/127.0.0.1/\#(host.address.port); printf "$1" >&3; sleep 4.5; printf body >&3; sleep 0.2"#
        let head = #"POST /things/waits HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n"#
        #expect(try await ForeignProgram.run("/bin/bash", ["-c", slowly, "slowly", head]).status == 0)
        func count(_ status: String, _ count: Int) -> String {
            #"strongroom_requests_total{method="GET",route="/things/{id}",status="\#(status)"} \#(count)"#
        }
        try await until { try await get(host, "/metrics").body.contains(count("4xx", 2)) }
        #expect(try await get(host, "/metrics").body.contains(count("5xx", 1)))
        stop.set()
        try await running.value
        let lines = String(decoding: buffer.take(), as: UTF8.self).split(separator: "\n").filter { $0.contains("CancellationError") }
        #expect(lines.map { $0.contains(#""level":"info""#) } == [true, false, true])
        #expect(lines.map { $0.contains(#""status":499"#) } == [true, false, true])
        loops.stop()
    }

    @Test func aBackgroundServiceThatFailsEndsTheService() async throws {
        let host = try await bind()
        await #expect(throws: Sample.Broken.self) { try await host.run(Sample(backgroundFails: true), until: StopSignal()) }
        loops.stop()
    }

    @Test func aTakenPortIsAnError() async throws {
        let host = try await bind()
        let log = Logger(service: "notes", buffer: buffer, now: WallClock.system.now)
        await #expect(throws: TransportError.self) {
            try await ServiceHost.bind(Sample.self, on: host.address, loops: loops, log: log, metrics: MetricsRegistry())
        }
        await host.abandon()
        loops.stop()
    }
}
