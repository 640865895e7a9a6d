public import Transport

/// An HTTP/1.1 client with a pool of connections on each loop.
///
/// ```
/// let client = HTTPClient(loops: loops)
/// let notes = Endpoint(host: "127.0.0.1", port: 8083)
/// var request = ClientRequest(.post, "/notes", headers: [.contentType: "application/json"], body: .bytes(json))
/// request.timeoutMilliseconds = 2_000
/// let response = try await client.send(request, to: notes)
/// let body = try await response.body.collect(upTo: 1 << 20)
/// ```
///
/// Called from a task on one of its loops (a server's handler), everything happens on that loop without a hop; from anywhere
/// else, on the first loop. Cancelling the task closes the connection.
///
/// A proxy answers `Response(response.status, headers: …, body: response.body.forwarded)`.
public final class HTTPClient: Sendable {
    private let pools: [ConnectionPool]

    public init(loops: LoopGroup, configuration: ClientConfiguration = ClientConfiguration()) {
        pools = loops.loops.map { ConnectionPool(loop: $0, configuration: configuration) }
    }

    /// Sends the request and waits for the response's head.
    public func send(_ request: ClientRequest, to endpoint: Endpoint) async throws(ClientError) -> ClientResponse {
        try await pool.send(request, to: endpoint)
    }

    /// Closes the connections that have nothing to do; requests that run may end.
    public func shutDown() async {
        for pool in pools { await pool.shutDown() }
    }

    private var pool: ConnectionPool {
        for pool in pools where pool.loop.isCurrent { return pool }
        return pools[0]
    }
}
