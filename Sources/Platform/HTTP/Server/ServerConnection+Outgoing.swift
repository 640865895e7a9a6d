internal import Encodings
internal import Transport

/// Writing the response.
extension ServerConnection: BodySink {
    /// - Parameter request: nil where its head could not be read.
    /// - Returns: whether another request may follow.
    func send(_ response: Response, to request: RequestHead?) async throws(TransportError) -> Bool {
        let mayPersist = (request?.keepsAlive ?? false) && !group.drainSignal.isDraining && !Task.isCancelled
        // A streamed response may read the request while it is written.
        let persists = mayPersist && (response.body.isStream || canSkipRestOfBody())
        let isVersion10 = request?.isVersion10 ?? false
        let sendsBody = request?.method != .head && !response.status.neverHasBody
        stream.deadline = loop.now + configuration.writeMilliseconds

        switch response.body {
        case .empty:
            try await stream.write(head(of: response, length: response.status.neverHasBody ? nil : 0, persists: persists))
        case .bytes(let bytes):
            var output = head(of: response, length: response.status.neverHasBody ? nil : bytes.count, persists: persists)
            if sendsBody, bytes.count > 4096 {
                try await stream.write(output, bytes)
            } else {
                if sendsBody { output.append(contentsOf: bytes) }
                try await stream.write(output)
            }
        case .stream(let length, let body):
            // HTTP/1.0 has no chunks: there the end of the connection ends the body.
            let persists = persists && (length != nil || !isVersion10)
            outgoing.pending = head(
                of: response, length: length, isChunked: length == nil && !isVersion10 && !response.status.neverHasBody, persists: persists)
            guard sendsBody else {
                try await stream.write(outgoing.pending)
                return persists
            }
            outgoing.mode = length.map { .length(remaining: $0) } ?? (isVersion10 ? .untilClose : .chunked)
            return try await stream(body) && persists && canSkipRestOfBody()
        }
        return persists
    }

    /// - Returns: false if the body stayed incomplete: then only the end of the connection tells the client.
    private func stream(_ body: @Sendable (BodyWriter) async throws -> Void) async throws(TransportError) -> Bool {
        defer { outgoing.mode = .none }
        do {
            try await body(BodyWriter(self, message: serial))
            if case .finished = outgoing.mode { return true }
            let end = try outgoing.end(trailers: nil)
            stream.deadline = loop.now + configuration.writeMilliseconds
            try await stream.write(end)
            return true
        } catch {
            // The status line is out; a truncated body is the one way left to say that something failed.
            return false
        }
    }

    func writePiece(_ bytes: [UInt8], of message: UInt64) async throws(HTTPError) {
        guard message == serial else { throw .bodyUnavailable }
        guard let (before, after) = try outgoing.frame(bytes) else { return }
        do throws(TransportError) {
            stream.deadline = loop.now + configuration.writeMilliseconds
            if after.isEmpty, before.isEmpty {
                try await stream.write(bytes)
            } else {
                try await stream.write(before, bytes + after)
            }
            stream.deadline = loop.now + configuration.handlerMilliseconds
        } catch {
            throw .disconnected
        }
    }

    func finish(_ trailers: Headers, of message: UInt64) async throws(HTTPError) {
        guard message == serial else { throw .bodyUnavailable }
        let end = try outgoing.end(trailers: trailers)
        do throws(TransportError) {
            stream.deadline = loop.now + configuration.writeMilliseconds
            try await stream.write(end)
        } catch {
            throw .disconnected
        }
    }

    // MARK: The head

    private func head(of response: Response, length: Int?, isChunked: Bool = false, persists: Bool) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(response.headers.bytes.count + 192 + (length.map { min($0, 4096) } ?? 0))
        output.append("HTTP/1.1 ")
        output.append(decimal: response.status.rawValue)
        output.append(UInt8(ascii: " "))
        output.append(response.status.reason)
        output.append("\r\n")
        var hasDate = false
        for index in 0..<response.headers.count where !FieldRules.isFraming(response.headers, index) {
            FieldRules.append(response.headers, index, to: &output)
            hasDate = hasDate || response.headers.withName(at: index) { Grammar.equals($0, "date") }
        }
        if !hasDate { dateLine.append(to: &output) }
        if let server = configuration.serverName {
            output.append("Server: ")
            output.append(server)
            output.append("\r\n")
        }
        if let length {
            output.append("Content-Length: ")
            output.append(decimal: length)
            output.append("\r\n")
        } else if isChunked {
            output.append("Transfer-Encoding: chunked\r\n")
        }
        if !persists { output.append("Connection: close\r\n") }
        output.append("\r\n")
        return output
    }
}
