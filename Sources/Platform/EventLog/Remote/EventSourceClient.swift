public import Contracts
public import Observability

/// What the audit service asks of one source: by signed call, or within one process in tests.
public protocol EventSourceClient: Sendable {
    /// The service that is asked.
    var source: ServiceName { get }

    /// One page of the source's streams, of one tenant or of all.
    /// - Parameter cause: the request that wants to know.
    func streams(tenant: String?, after: String?, cause: RequestEvent?) async throws -> StreamsPage

    /// Events again. An answer without events means that the source no longer has the first one asked for.
    func replay(_ request: ReplayRequest) async throws -> ReplayResponse
}

/// The source lacks files, and so can't say which streams there are.
struct FilesMissing: Error {}

extension EventSourceClient {
    /// Every stream of one tenant, or of all, at most `limit`. Throws where the source lacks some.
    public func allStreams(tenant: String?, limit: Int = 100_000, cause: RequestEvent? = nil) async throws -> [StreamHead] {
        var heads: [StreamHead] = []
        var after: String?
        repeat {
            let page = try await streams(tenant: tenant, after: after, cause: cause)
            guard page.isWhole else { throw FilesMissing() }
            heads += page.streams
            after = page.next
        } while after != nil && heads.count < limit
        return heads
    }
}
