internal import Transport

/// Response bodies that are pulled piece by piece.
extension ConnectionPool {
    func nextPiece(of exchange: UInt64) async throws(ClientError) -> [UInt8]? {
        guard let connection = streaming[exchange] else {
            if givenUp.contains(exchange) { throw .givenUp }
            return nil
        }
        connection.standingSince = nil
        do throws(ClientError) {
            connection.stream.deadline = loop.now + connection.bodyTimeout
            while true {
                switch try connection.nextStep() {
                case .data(let count):
                    connection.standingSince = loop.now
                    return connection.take(count)
                case .skip(let count): connection.stream.consume(count)
                case .end(let fields):
                    if let fields { trailers[exchange] = fields }
                    release(connection, reusable: connection.persists)
                    return nil
                case .needMore:
                    if try await isOver(connection) {
                        release(connection, reusable: false)
                        return nil
                    }
                }
            }
        } catch {
            release(connection, reusable: false)
            throw error
        }
    }

    /// Waits for more.
    /// - Returns: true at the end of a body that ends with its connection.
    private func isOver(_ connection: ClientConnection) async throws(ClientError) -> Bool {
        do throws(TransportError) {
            if try await connection.stream.fill() { return false }
        } catch {
            throw ClientError(error)
        }
        guard connection.decoder.endsWithConnection else { throw .closed }
        return true
    }

    func trailers(of exchange: UInt64) -> Headers? { trailers[exchange] }

    /// The caller has let go of the body.
    func forget(_ exchange: UInt64) {
        trailers[exchange] = nil
        givenUp.remove(exchange)
        if let connection = streaming[exchange] { release(connection, reusable: false) }
    }
}
