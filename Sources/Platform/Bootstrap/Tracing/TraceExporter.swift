public import Contracts
internal import Crypto
internal import Encodings
internal import HTTP
internal import JSON
public import Observability
public import Transport

/// Sends a service's spans to an OpenTelemetry collector (OTLP 1.3 over HTTP, `application/json`), behind the requests' back: a collector that is slow or away
/// costs spans, never a request.
public final class TraceExporter: BackgroundService {
    public let name = "trace-exporter"
    /// What the service traces with.
    public let tracer: Tracer

    private let settings: TracingSettings
    private let pace: ExportPace
    private let client: HTTPClient
    private let encoder: OTLPTraces
    private let clock: WallClock
    private let log: Logger
    private let exported: Counter
    private let refused: Counter
    private let lost: Counter

    public convenience init(
        _ settings: TracingSettings, service: ServiceName, loops: LoopGroup, clock: WallClock, log: Logger, metrics: MetricsRegistry
    ) {
        self.init(settings, service: service, loops: loops, clock: clock, log: log, metrics: metrics, pace: ExportPace())
    }

    init(
        _ settings: TracingSettings, service: ServiceName, loops: LoopGroup, clock: WallClock, log: Logger, metrics: MetricsRegistry, pace: ExportPace
    ) {
        self.settings = settings
        self.pace = pace
        self.clock = clock
        self.log = log
        client = HTTPClient(loops: loops)
        encoder = OTLPTraces(service: service.rawValue, instance: UUID.v4(random: (Random.uint64(), Random.uint64())).description)
        func spans(_ result: String) -> Counter {
            metrics.counter(
                "strongroom_trace_spans_total",
                help: "Spans by what became of them: exported, dropped for want of room, refused by the collector, lost because it was away.",
                labels: MetricLabel("result", result))
        }
        exported = spans("exported")
        refused = spans("refused")
        lost = spans("lost")
        tracer = Tracer(oneIn: settings.oneIn, dropped: spans("dropped"), now: clock.now, random: { Random.uint64() })
    }

    public func run() async throws {
        var unsent: [TraceSpan] = []
        while !Task.isCancelled {
            // Cut short when the service stops; then the loop ends, too.
            try? await Task.sleep(for: .milliseconds(pace.gatherMilliseconds))
            while !Task.isCancelled {
                let batch = tracer.take(atMost: pace.batch)
                if batch.isEmpty { break }
                if await !deliver(batch) { unsent = batch }
            }
        }
        // A task of its own, since this one is cancelled already and nothing could be sent in it any more.
        let farewell = Task { [unsent] in await sayFarewell(unsent) }
        // Each piece of an answer has its own time: a collector that says one byte at a time would have the service stop never.
        let limit = Task {
            try await Task.sleep(for: .milliseconds(pace.farewellMilliseconds))
            farewell.cancel()
        }
        await farewell.value
        limit.cancel()
        await client.shutDown()
    }

    // MARK: One batch

    private enum Outcome {
        case taken(rejected: Int)
        case refused(LogField)
        /// To be tried again, where the collector says so not before so many milliseconds.
        case later(LogField, milliseconds: UInt64?)
    }

    /// - Returns: false if the service stopped before it was clear what becomes of the batch.
    private func deliver(_ batch: [TraceSpan]) async -> Bool {
        let body = encoder.encode(batch)
        var pause = pace.firstPauseMilliseconds
        for attempt in 1...pace.attempts {
            let reason: LogField
            switch await post(body, timeoutMilliseconds: pace.timeoutMilliseconds) {
            case .taken(let rejected):
                count(batch.count, rejected: rejected)
                return true
            case .refused(let field):
                refused.increment(by: UInt64(batch.count))
                log.warning("The collector refuses traces", .address("\(settings.endpoint)"), .count(batch.count), field)
                return true
            case .later(let field, let asked):
                if Task.isCancelled { return false }
                reason = field
                let jittered = pause / 2 + Random.uint64() % (pause / 2 + 1)
                pause = min(2 * pause, pace.longestPauseMilliseconds)
                if attempt < pace.attempts {
                    try? await Task.sleep(for: .milliseconds(asked.map { min($0, 2 * pace.longestPauseMilliseconds) } ?? jittered))
                    if Task.isCancelled { return false }
                    continue
                }
            }
            lost.increment(by: UInt64(batch.count))
            log.warning("Traces are lost because their collector cannot take them", .address("\(settings.endpoint)"), .count(batch.count), reason)
        }
        return true
    }

    private func count(_ spans: Int, rejected: Int) {
        // What it says is not believed beyond what it was sent.
        let rejected = min(rejected, spans)
        exported.increment(by: UInt64(spans - rejected))
        guard rejected > 0 else { return }
        refused.increment(by: UInt64(rejected))
        log.warning("The collector refuses some traces", .address("\(settings.endpoint)"), .count(rejected))
    }

    /// What is left when the service stops is sent once, in the time there is.
    private func sayFarewell(_ unsent: [TraceSpan]) async {
        let end = clock.now().adding(milliseconds: Int64(pace.farewellMilliseconds))
        var batch = unsent.isEmpty ? tracer.take(atMost: pace.batch) : unsent
        while !batch.isEmpty {
            let left = end.microseconds(since: clock.now()) / 1000
            if left > 0, case .taken(let rejected) = await post(encoder.encode(batch), timeoutMilliseconds: UInt64(left)) {
                count(batch.count, rejected: rejected)
            } else {
                lost.increment(by: UInt64(batch.count))
            }
            batch = tracer.take(atMost: pace.batch)
        }
    }

    private func post(_ body: [UInt8], timeoutMilliseconds: UInt64) async -> Outcome {
        var headers: Headers = [.contentType: "application/json", .userAgent: "strongroom"]
        for index in 0..<settings.headers.count { headers.add(from: settings.headers, at: index) }
        var request = ClientRequest(
            .post, Array(settings.target.utf8), headers: headers, body: .bytes(body), timeoutMilliseconds: timeoutMilliseconds)
        // A collector that closed an idle connection has not read it; one that gets a span twice shows it once.
        request.mayBeSentAgain = true
        do throws(ClientError) {
            let answer = try await client.send(request, to: settings.endpoint)
            let text = try await answer.body.collect(upTo: 1 << 16)
            let status = Int(answer.status.rawValue)
            let field = LogField.status(status)
            switch status {
            case 200...299: return .taken(rejected: Self.rejected(text))
            // OTLP/HTTP, "Failures": these, and a connection that breaks, are tried again.
            case 429, 502, 503, 504: return .later(field, milliseconds: retryAfter(answer.headers))
            default: return .refused(field)
            }
        } catch {
            return .later(.error(error), milliseconds: nil)
        }
    }

    /// `partialSuccess.rejectedSpans` of an `ExportTraceServiceResponse`. An answer that isn't one says nothing of rejected spans.
    private static func rejected(_ answer: [UInt8]) -> Int {
        guard let count = (try? JSON.parse(answer))?.object?["partialSuccess"]?.object?["rejectedSpans"] else { return 0 }
        // A 64-bit number is a string in protobuf's JSON; a number must be read, too.
        switch count {
        case .string(let text): return Decimal.parse(text) ?? 0
        case .number(let number): return Decimal.parse(number.text) ?? 0
        default: return 0
        }
    }

    /// RFC 9110 §10.2.3: seconds, or a date.
    private func retryAfter(_ headers: Headers) -> UInt64? {
        let milliseconds = headers.withValue(of: .retryAfter) { value -> Int64? in
            if let seconds = Decimal.parse(value) { return Int64(clamping: min(seconds, 86_400)) * 1000 }
            return Timestamp.parse(httpDate: value).map { $0.microseconds(since: clock.now()) / 1000 }
        }
        return (milliseconds ?? nil).map { UInt64(max(0, $0)) }
    }
}
