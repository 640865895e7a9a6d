internal import Contracts
internal import Encodings
internal import HTTP
internal import Observability
internal import Processes
internal import Synchronization
internal import Transport

/// What a host does around each request: the health endpoints, the request's event, one log line, the metrics.
///
/// The listener is open before its service is (in `dev`, services need to know each other's ports first), so the service is set once, later; until then
/// everything but the health endpoints is answered 503.
final class RequestPipeline: Sendable {
    private final class Target: Sendable {
        let handler: HTTPServer.Handler
        let readiness: @Sendable () async -> Readiness

        init(handler: @escaping HTTPServer.Handler, readiness: @escaping @Sendable () async -> Readiness) {
            self.handler = handler
            self.readiness = readiness
        }
    }

    private let service: ServiceName
    private let errors: ErrorRenderer
    private let log: Logger
    private let metrics: MetricsRegistry
    private let counts: RequestMetrics
    private let tracer: Tracer?
    private let scheme: String
    private let handlerMilliseconds: UInt64
    private let target = Mutex<Target?>(nil)

    /// - Parameters:
    ///   - scheme: how clients reach the listener.
    ///   - limits: the listener's.
    init(
        service: ServiceName, scheme: String, limits: ServerConfiguration, errors: ErrorRenderer, log: Logger, metrics: MetricsRegistry,
        tracer: Tracer?
    ) {
        self.service = service
        self.errors = errors
        self.log = log
        self.metrics = metrics
        counts = RequestMetrics(metrics)
        self.tracer = tracer
        self.scheme = scheme
        handlerMilliseconds = limits.handlerMilliseconds
    }

    func open(_ service: some HostedService) {
        let opened = Target(
            handler: service.handler,
            readiness: {
                if service.folder?.isInPlace == false {
                    return .notReady("the data folder was moved, removed or replaced; nothing is written any more")
                }
                return await service.readiness()
            })
        target.withLock { $0 = opened }
    }

    func readiness() async -> Readiness {
        await target.withLock({ $0 })?.readiness() ?? .notReady("it is starting")
    }

    func respond(to request: Request) async -> Response {
        if request.head.operationsPath != nil, let operations = await operations(request, withMetrics: service != .gateway) { return operations }
        let started = SystemClock.monotonicNanoseconds()
        let event = RequestEvent(request, trustsCaller: service != .gateway, tracer: tracer)
        request.begin(event)
        counts.inFlight.add(1)
        defer { counts.inFlight.add(-1) }
        var response = await answer(request, event)
        let microseconds = (SystemClock.monotonicNanoseconds() - started) / 1000
        if response.status.rawValue >= 500, isAbandoned(request, startedAt: started) { response = Response(Self.abandoned) }
        counts.count(event, response.status, microseconds: microseconds)
        if let tracer, event.trace.isSampled {
            tracer.record(event, request.method, response.status, scheme: scheme, microseconds: microseconds)
        }
        write(event, response, microseconds)
        return response
    }

    /// What a request counts as whose caller went away before it could be answered, such as a peer that stops while it waits, or that the server's
    /// own stop ends: nobody's failure, and nobody hears of it. Of no specification, but the number that operators know.
    private static let abandoned = Status(rawValue: 499)

    /// A handler is cancelled when its caller has gone, and when it takes too long, which is a failure. Timers are late, never early, but
    /// this one began a little before the request came here.
    private func isAbandoned(_ request: Request, startedAt started: UInt64) -> Bool {
        if request.body.isBrokenOff { return true }
        let since = max(started, request.body.arrivedAt)
        return Task.isCancelled && (SystemClock.monotonicNanoseconds() - since) / 1_000_000 + 100 < handlerMilliseconds
    }

    private func answer(_ request: Request, _ event: RequestEvent) async -> Response {
        guard let target = target.withLock({ $0 }) else {
            event.add(.reason("starting"))
            return errors.response(for: HTTPError.overloaded, request: request)
        }
        do {
            return try await target.handler(request)
        } catch {
            let response = errors.response(for: error, request: request)
            // The client is told no more than the contract says; the cause is for the operator.
            if response.status.rawValue >= 500 { event.add(.error(error)) }
            return response
        }
    }

    private func write(_ event: RequestEvent, _ response: Response, _ microseconds: UInt64) {
        var bytesOut: Int?
        if case .bytes(let bytes) = response.body { bytesOut = bytes.count }
        log.write(
            response.status.rawValue >= 500 ? .error : .info, "Request answered", event, status: Int(response.status.rawValue),
            durationMicroseconds: microseconds,
            bytesOut: bytesOut)
    }

    /// The health endpoints: open to anyone who can reach the port, and silent about everything but health. Nil for every other request.
    func operations(_ request: Request, withMetrics: Bool) async -> Response? {
        guard request.method == .get || request.method == .head else { return nil }
        switch request.head.operationsPath {
        case .health: return .text("alive\n")
        case .readiness:
            switch await readiness() {
            case .ready: return .text("ready\n")
            // What is wrong inside is for those who may see the metrics.
            case .notReady(let reason): return .text(withMetrics ? "\(reason)\n" : "not ready\n", status: .serviceUnavailable)
            }
        case .metrics where withMetrics:
            return Response(headers: [.contentType: MetricsRegistry.contentType], body: .bytes(metrics.exposition()))
        case .metrics, nil: return nil
        }
    }
}

private enum OperationsPath: CaseIterable {
    case health, readiness, metrics

    var bytes: StaticString {
        switch self {
        case .health: "/healthz"
        case .readiness: "/readyz"
        case .metrics: "/metrics"
        }
    }
}

extension RequestHead {
    fileprivate var operationsPath: OperationsPath? {
        withTarget { target in
            // Nearly every other target is told apart by its length, or by where a query would begin: probes and scrapers may have one.
            guard target.count >= 7, target.count <= 8 || target[7] == question || target[8] == question else { return nil }
            return OperationsPath.allCases.first { path in
                let length = path.bytes.utf8CodeUnitCount
                guard target.count == length || target.count > length && target[length] == question else { return false }
                return path.matches(target.extracting(..<length))
            }
        }
    }
}

private let question = UInt8(ascii: "?")

extension OperationsPath {
    fileprivate func matches(_ target: Span<UInt8>) -> Bool {
        bytes.description.utf8.span.equals(target)
    }
}
