public import Contracts
internal import Encodings
internal import HTTP
public import Observability
public import Trust

/// Asks a source for its streams, and for events again, by signed call.
public struct SignedSourceClient: EventSourceClient {
    public static let streamsPath = "/internal/v1/streams"
    public static let replayPath = "/internal/v1/replay"
    public let source: ServiceName
    private let client: InternalClient

    public init(_ client: InternalClient) {
        source = client.callee
        self.client = client
    }

    public func streams(tenant: String?, after: String?, cause: RequestEvent?) async throws -> StreamsPage {
        var target = "\(Self.streamsPath)?limit=\(StreamsPage.maximumStreams)"
        if let tenant { target += "&tenant=\(PercentEncoding.encode(tenant))" }
        if let after { target += "&after=\(PercentEncoding.encode(after))" }
        var call = OutgoingCall(.get, Array(target.utf8))
        call.cause = cause
        let body = try await client.body(of: call)
        return try StreamsPage(body.span, source: source)
    }

    public func replay(_ request: ReplayRequest) async throws -> ReplayResponse {
        let body = try await client.body(of: .json(.post, Self.replayPath, request.encoded()))
        return try ReplayResponse(body.span)
    }
}
