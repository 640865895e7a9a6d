internal import Contracts
internal import Crypto
internal import Encodings
internal import HTTP
internal import Observability

extension RequestEvent {
    /// - Parameter trustsCaller: whether the request's id is taken from its header, as behind the gateway. The trace is taken over always, as its
    ///   specification asks; it decides nothing.
    convenience init(_ request: Request, trustsCaller: Bool) {
        var requestID: UUID?
        if trustsCaller, let name = Self.requestIDHeader { requestID = request.headers.withValue(of: name) { UUID($0) } ?? nil }
        let parent = request.headers.withValue(of: .traceparent) { TraceContext(parsing: $0) } ?? nil
        self.init(
            requestID: requestID ?? UUID.v4(random: (Random.uint64(), Random.uint64())),
            trace: parent?.child(random: Random.uint64()) ?? TraceContext(random: (Random.uint64(), Random.uint64(), Random.uint64())))
    }

    private static let requestIDHeader = HeaderName(HeaderNames.requestID)
}
