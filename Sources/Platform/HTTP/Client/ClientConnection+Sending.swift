internal import Encodings
internal import Transport

/// Writing the request.
extension ClientConnection: BodySink {
    /// - Returns: false if the server stopped reading before the end (it may have answered already).
    func send(_ request: ClientRequest) async throws(ClientError) -> Bool {
        do throws(TransportError) {
            switch request.body {
            case .empty:
                try await stream.write(head(of: request, length: request.method.isIdempotent ? nil : 0))
            case .bytes(let bytes):
                var output = head(of: request, length: bytes.count)
                if bytes.count > 4096 {
                    try await stream.write(output, bytes)
                } else {
                    output.append(contentsOf: bytes)
                    try await stream.write(output)
                }
            case .stream(let length, let body):
                outgoing.pending = head(of: request, length: length, isChunked: length == nil)
                outgoing.mode = length.map { .length(remaining: $0) } ?? .chunked
                return try await stream(body)
            }
            return true
        } catch {
            if error == .reset, stream.unreadCount > 0 { return false }
            throw ClientError(error)
        }
    }

    private func stream(_ body: @Sendable (BodyWriter) async throws -> Void) async throws(TransportError) -> Bool {
        isSending = true
        defer {
            isSending = false
            outgoing.mode = .none
        }
        do {
            try await body(BodyWriter(self, message: exchange))
            if case .finished = outgoing.mode { return true }
            try await stream.write(outgoing.end(trailers: nil))
            return true
        } catch HTTPError.disconnected {
            throw .reset
        } catch let error as TransportError {
            throw error
        } catch {
            throw .cancelled
        }
    }

    func writePiece(_ bytes: [UInt8], of message: UInt64) async throws(HTTPError) {
        guard message == exchange else { throw .bodyUnavailable }
        guard let (before, after) = try outgoing.frame(bytes) else { return }
        do throws(TransportError) {
            try await stream.write(before, after.isEmpty ? bytes : bytes + after)
        } catch {
            throw .disconnected
        }
    }

    func finish(_ trailers: Headers, of message: UInt64) async throws(HTTPError) {
        guard message == exchange else { throw .bodyUnavailable }
        let end = try outgoing.end(trailers: trailers)
        do throws(TransportError) {
            try await stream.write(end)
        } catch {
            throw .disconnected
        }
    }

    private func head(of request: ClientRequest, length: Int?, isChunked: Bool = false) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(request.headers.bytes.count + request.target.count + 128 + (length.map { min($0, 4096) } ?? 0))
        output.append(request.method.rawValue)
        output.append(UInt8(ascii: " "))
        output.append(contentsOf: request.target)
        output.append(" HTTP/1.1\r\n")
        if !request.headers.contains(.host) {
            output.append("Host: ")
            output.append(contentsOf: authority)
            output.append("\r\n")
        }
        for index in 0..<request.headers.count where !FieldRules.isFraming(request.headers, index) {
            FieldRules.append(request.headers, index, to: &output)
        }
        if let length {
            output.append("Content-Length: ")
            output.append(decimal: length)
            output.append("\r\n")
        } else if isChunked {
            output.append("Transfer-Encoding: chunked\r\n")
        }
        output.append("\r\n")
        return output
    }
}
