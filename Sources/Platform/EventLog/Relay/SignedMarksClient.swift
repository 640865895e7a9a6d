public import Contracts
internal import Encodings
internal import HTTP
internal import JSON
public import Trust

/// Asks the audit service for marks by a signed call.
public struct SignedMarksClient: MarksClient {
    private let source: ServiceName
    private let audit: InternalClient

    /// - Parameter source: the service whose streams are asked about: the one that signs.
    public init(source: ServiceName, audit: InternalClient) {
        self.source = source
        self.audit = audit
    }

    public func marks(_ request: MarksRequest) async throws -> MarksResponse {
        var call = OutgoingCall.json(.post, "/internal/v1/marks", request.encoded())
        // Audit answers a long poll late, but it answers.
        call.timeoutMilliseconds = UInt64(request.wait + 10) * 1000
        let response = try await audit.send(call)
        guard response.status == .ok else { throw InternalClientError.refused(response.status) }
        let body = try await response.body.collect(upTo: 1 << 20)
        return try parse(body)
    }

    private func parse(_ body: [UInt8]) throws(MessageError) -> MarksResponse {
        try MarksResponse(body.span, source: source)
    }
}
