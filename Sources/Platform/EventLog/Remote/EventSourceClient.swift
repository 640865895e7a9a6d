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

/// The source can't read files of these tenants, and so can't say which streams there are.
struct FilesUnreadable: Error {
    let tenants: Set<String>
}

extension EventSourceClient {
    /// Every stream of one tenant, or of all, at most `limit`. Throws where the source can't read some.
    public func allStreams(tenant: String?, limit: Int = 100_000, cause: RequestEvent? = nil) async throws -> [StreamHead] {
        let list = try await streams(tenant: tenant, limit: limit, cause: cause)
        guard list.unreadable.isEmpty else { throw FilesUnreadable(tenants: list.unreadable) }
        return list.heads
    }

    /// Every stream that the source can read, and the tenants of whom it can't read all.
    public func readableStreams() async throws -> (heads: [StreamHead], unreadable: Set<String>) {
        try await streams(tenant: nil, limit: .max, cause: nil)
    }

    private func streams(tenant: String?, limit: Int, cause: RequestEvent?) async throws -> (heads: [StreamHead], unreadable: Set<String>) {
        var list: (heads: [StreamHead], unreadable: Set<String>) = ([], [])
        var after: String?
        repeat {
            let page = try await streams(tenant: tenant, after: after, cause: cause)
            list.heads += page.streams
            list.unreadable.formUnion(page.unreadable)
            after = page.next
        } while after != nil && list.heads.count < limit
        return list
    }
}
