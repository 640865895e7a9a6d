internal import Bytes
internal import Transport

/// Writing the request.
extension ConnectionPool: BodySink {
    /// A body up to this long is copied behind the head, and goes out with it.
    private static let copiedBody = 4096

    /// - Returns: false if ``sendSlowly(_:on:)`` has to send it.
    func sendAtOnce(_ request: ClientRequest, on connection: ClientConnection) throws(ClientError) -> Bool {
        let output =
            switch request.body {
            case .empty: head(of: request, connection, length: request.method.isIdempotent ? nil : 0)
            case .bytes(let body): head(of: request, connection, length: body.count, before: body.count <= Self.copiedBody ? body : [])
            case .stream(let length, _): head(of: request, connection, length: length, isChunked: length == nil)
            }
        let isWhole = !request.body.isStream && request.body.count <= Self.copiedBody
        do throws(TransportError) {
            if isWhole, try connection.stream.post(output) { return true }
            connection.outgoing.pending = output
            return false
        } catch {
            throw ClientError(error)
        }
    }

    /// Sends what ``sendAtOnce(_:on:)`` left.
    /// - Returns: false if the server stopped reading before the end (it may have answered already).
    func sendSlowly(_ request: ClientRequest, on connection: ClientConnection) async throws(ClientError) -> Bool {
        do throws(TransportError) {
            switch request.body {
            case .stream(let length, let body):
                connection.outgoing.mode = length.map { .length(remaining: $0) } ?? .chunked
                try await writeStream(body, on: connection)
            case .bytes(let body) where body.count > Self.copiedBody:
                let head = connection.outgoing.pending
                connection.outgoing.pending = []
                try await connection.stream.write(head, body)
            case .empty, .bytes:
                let rest = connection.outgoing.pending
                connection.outgoing.pending = []
                try await connection.stream.write(rest)
            }
            return true
        } catch {
            if error == .reset, connection.stream.unreadCount > 0 { return false }
            throw ClientError(error)
        }
    }

    private func writeStream(
        _ body: @Sendable (BodyWriter) async throws -> Void, on connection: ClientConnection
    ) async throws(TransportError) {
        let exchange = connection.exchange
        streaming[exchange] = connection
        connection.isSending = true
        defer {
            connection.isSending = false
            connection.outgoing.mode = .none
            streaming[exchange] = nil
        }
        do {
            try await body(BodyWriter(self, message: exchange))
            if case .finished = connection.outgoing.mode { return }
            try await connection.stream.write(connection.outgoing.end(trailers: nil))
        } catch HTTPError.disconnected {
            throw .reset
        } catch let error as TransportError {
            throw error
        } catch {
            throw .busy
        }
    }

    func writePiece(_ bytes: [UInt8], of message: UInt64) async throws(HTTPError) {
        guard let connection = streaming[message], connection.isSending else { throw .bodyUnavailable }
        guard let (before, after) = try connection.outgoing.frame(bytes) else { return }
        do throws(TransportError) {
            try await connection.stream.write(before, after.isEmpty ? bytes : bytes + after)
        } catch {
            throw .disconnected
        }
    }

    func finish(_ trailers: Headers, of message: UInt64) async throws(HTTPError) {
        guard let connection = streaming[message], connection.isSending else { throw .bodyUnavailable }
        let end = try connection.outgoing.end(trailers: trailers)
        do throws(TransportError) {
            try await connection.stream.write(end)
        } catch {
            throw .disconnected
        }
    }

    /// - Parameter body: what goes out with the head.
    private func head(
        of request: ClientRequest, _ connection: ClientConnection, length: Int?, isChunked: Bool = false, before body: [UInt8] = []
    ) -> [UInt8] {
        let (name, host) = (request.method.rawValue, connection.authority)
        let (method, target, authority) = (name.utf8.span, request.target.span, host.span)
        let (lines, body) = (request.fieldLines.bytes.span, body.span)
        let needsHost = !request.fieldLines.hasHost && !request.headers.contains(.host)
        // Besides what is counted: the rest of the request line, the fields of the framing, and their line ends.
        var bytes: [UInt8] = []
        bytes.reserveCapacity(192 + target.count + authority.count + request.headers.bytes.count + lines.count + body.count)
        bytes.append(addingCapacity: 48 + target.count + authority.count) { output in
            output.append(copying: method)
            output.append(UInt8(ascii: " "))
            output.append(copying: target)
            output.append(literal: " HTTP/1.1\r\n")
            if needsHost {
                output.append(literal: "Host: ")
                output.append(copying: authority)
                output.append(literal: "\r\n")
            }
        }
        FieldRules.append(request.headers, to: &bytes)
        bytes.append(addingCapacity: FieldRules.framingRoom + lines.count + body.count) { output in
            output.append(copying: lines)
            FieldRules.appendFraming(length: length, isChunked: isChunked, to: &output)
            output.append(literal: "\r\n")
            output.append(copying: body)
        }
        return bytes
    }
}
