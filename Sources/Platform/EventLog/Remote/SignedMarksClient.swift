public import Contracts
internal import HTTP
public import Trust

/// Asks the audit service for a source's marks by signed call.
public struct SignedMarksClient: MarksClient {
    public static let path = "/internal/v1/marks"
    private let source: ServiceName
    private let audit: InternalClient

    /// - Parameter source: the service that asks, and whose streams it asks about.
    public init(source: ServiceName, audit: InternalClient) {
        self.source = source
        self.audit = audit
    }

    public func marks(_ request: MarksRequest) async throws -> MarksResponse {
        let body = try await audit.body(of: .json(.post, Self.path, request.encoded()).longPoll(seconds: request.wait))
        return try MarksResponse(body.span, source: source)
    }
}
