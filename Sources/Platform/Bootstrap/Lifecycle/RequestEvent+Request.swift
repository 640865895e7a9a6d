internal import Contracts
internal import Crypto
internal import Encodings
internal import HTTP
internal import Observability

extension RequestEvent {
    /// - Parameters:
    ///   - trustsCaller: whether the request's id is taken from its header, as behind the gateway. The trace is taken over always, as its
    ///     specification asks; it decides nothing.
    ///   - tracer: says which of the traces that begin here are recorded. They begin at the gateway: what services ask each other besides is none.
    convenience init(_ request: Request, trustsCaller: Bool, tracer: Tracer?) {
        var requestID: UUID?
        if trustsCaller { requestID = request.headers.withValue(of: Self.requestIDHeader) { UUID($0) } ?? nil }
        let parent = request.headers.withValue(of: .traceparent) { TraceContext(parsing: $0) } ?? nil
        self.init(
            requestID: requestID ?? UUID.v4(random: (Random.uint64(), Random.uint64())),
            trace: parent?.child(random: Random.uint64()) ?? Self.beginning(isEntrance: !trustsCaller, tracer), parent: parent?.span,
            method: request.method.rawValue)
    }

    private static func beginning(isEntrance: Bool, _ tracer: Tracer?) -> TraceContext {
        let random = (Random.uint64(), Random.uint64(), Random.uint64())
        guard let tracer else { return TraceContext(random: random) }
        return TraceContext(random: random, isSampled: isEntrance && tracer.isSampled(traceLow: random.1))
    }

    private static let requestIDHeader = HeaderName(stringLiteral: HeaderNames.requestID)
}
