internal import Transport

/// The hold of a response body on its connection. Whoever lets go of it before the end closes the connection.
final class BodyLease: Sendable {
    private let pool: ConnectionPool
    private let exchange: UInt64

    init(_ pool: ConnectionPool, exchange: UInt64) {
        self.pool = pool
        self.exchange = exchange
    }

    deinit {
        let (pool, exchange) = (pool, exchange)
        pool.loop.execute { pool.assumeIsolated { $0.forget(exchange) } }
    }

    func next() async throws(ClientError) -> [UInt8]? { try await pool.nextPiece(of: exchange) }
    func trailers() async -> Headers? { await pool.trailers(of: exchange) }
}
