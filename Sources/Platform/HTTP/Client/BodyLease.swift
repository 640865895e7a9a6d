internal import Transport

/// The hold of a response body on its connection. Whoever lets go of it before the end closes the connection.
final class BodyLease: Sendable {
    private let connection: ClientConnection
    private let exchange: UInt64

    init(_ connection: ClientConnection, exchange: UInt64) {
        self.connection = connection
        self.exchange = exchange
    }

    deinit {
        let (connection, exchange) = (connection, exchange)
        connection.loop.execute { connection.assumeIsolated { $0.abandon(exchange) } }
    }

    func next() async throws(ClientError) -> [UInt8]? { try await connection.nextPiece(of: exchange) }
    func trailers() async -> Headers? { await connection.trailers(of: exchange) }
}
