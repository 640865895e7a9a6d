internal import Bytes
internal import Transport

/// Writing the response.
extension ServerConnection: BodySink {
    /// A body up to this long is copied behind the head, and goes out with it.
    private static let shortBody = 4096

    /// - Parameter request: nil where its head could not be read.
    func plan(_ response: Response, to request: Request?) -> ResponsePlan {
        let mayPersist = (request?.head.keepsAlive ?? false) && !group.drainSignal.isDraining && !Task.isCancelled
        // A streamed response may read the request while it is written.
        let persists = mayPersist && (response.body.isStream || canSkipRestOfBody())
        let neverHasBody = response.status.neverHasBody
        let isVersion10 = request?.head.isVersion10 ?? false
        let sendsBody = request?.method != .head && !neverHasBody

        switch response.body {
        case .empty:
            let bytes = head(of: response, length: neverHasBody ? nil : 0, persists: persists, isVersion10: isVersion10)
            return ResponsePlan(bytes: bytes, persists: persists)
        case .bytes(let body):
            let isShort = body.count <= Self.shortBody
            let bytes = head(
                of: response, length: neverHasBody ? nil : body.count, persists: persists, isVersion10: isVersion10,
                before: sendsBody && isShort ? body : [])
            return ResponsePlan(bytes: bytes, body: sendsBody && !isShort ? body : [], owner: response.owner, persists: persists)
        case .stream(let length, let body):
            // HTTP/1.0 has no chunks: there the end of the connection ends the body.
            let persists = persists && (length != nil || !isVersion10)
            let isChunked = length == nil && !isVersion10 && !neverHasBody
            let head = head(of: response, length: neverHasBody ? nil : length, isChunked: isChunked, persists: persists, isVersion10: isVersion10)
            guard sendsBody else { return ResponsePlan(bytes: head, persists: persists) }
            outgoing.mode = length.map { .length(remaining: $0) } ?? (isVersion10 ? .untilClose : .chunked)
            return ResponsePlan(bytes: head, stream: body, persists: persists)
        }
    }

    /// - Returns: false if ``sendSlowly(_:)`` has to send it.
    func sendAtOnce(_ plan: ResponsePlan) throws(TransportError) -> Bool {
        // Before a connection is closed, its last response has to be out.
        guard plan.stream == nil, plan.body.isEmpty, plan.persists else { return false }
        stream.deadline = loop.now + configuration.writeMilliseconds
        return try stream.post(plan.bytes)
    }

    /// Sends what ``sendAtOnce(_:)`` does not.
    /// - Returns: whether another request may follow.
    func sendSlowly(_ plan: ResponsePlan) async throws(TransportError) -> Bool {
        stream.deadline = loop.now + configuration.writeMilliseconds
        if let body = plan.stream {
            outgoing.pending = plan.bytes
            return try await writeStream(body) && plan.persists && canSkipRestOfBody()
        }
        // The short ones are no burden.
        if plan.body.isEmpty {
            try await stream.write(plan.bytes)
        } else {
            group.stands(plan.body.count, of: plan.owner, on: self)
            defer { group.ended(on: self) }
            try await write(plan.bytes, plan.body)
        }
        return plan.persists
    }

    /// What takes a piece of the body in time has as much time for the next.
    private func write(_ head: [UInt8], _ body: [UInt8]) async throws(TransportError) {
        if body.count <= Self.piece { return try await stream.write(head, body) }
        for start in stride(from: 0, to: body.count, by: Self.piece) {
            let piece = Array(body[start..<min(start + Self.piece, body.count)])
            stream.deadline = loop.now + configuration.writeMilliseconds
            try await stream.write(start == 0 ? head : [], piece)
        }
    }

    private static let piece = 256 * 1024

    /// - Returns: false if the body stayed incomplete: then only the end of the connection tells the client.
    private func writeStream(_ body: @Sendable (BodyWriter) async throws -> Void) async throws(TransportError) -> Bool {
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

    /// - Parameter body: what goes out with the head.
    private func head(
        of response: Response, length: Int?, isChunked: Bool = false, persists: Bool, isVersion10: Bool, before body: [UInt8] = []
    ) -> [UInt8] {
        let (status, hasDate) = (response.status, response.fieldLines.hasDate || response.headers.contains(.date))
        let (lines, body) = (response.fieldLines.bytes.span, body.span)
        // Besides what is counted: the status line, the fields of the framing, and their line ends.
        var bytes: [UInt8] = []
        bytes.reserveCapacity(192 + DateLine.room + response.headers.bytes.count + lines.count + body.count)
        bytes.append(addingCapacity: 64) { output in
            output.append(literal: "HTTP/1.1 ")
            output.append(decimal: UInt64(status.rawValue))
            output.append(UInt8(ascii: " "))
            output.append(literal: status.phrase)
            output.append(literal: "\r\n")
        }
        FieldRules.append(response.headers, to: &bytes)
        bytes.append(addingCapacity: FieldRules.framingRoom + 32 + DateLine.room + lines.count + body.count) { output in
            output.append(copying: lines)
            if !hasDate { dateLine.append(to: &output) }
            FieldRules.appendFraming(length: length, isChunked: isChunked, to: &output)
            if !persists {
                output.append(literal: "Connection: close\r\n")
            } else if isVersion10 {
                // Or it would wait for the end of the connection (RFC 9112 §9.3, appendix C.2.2).
                output.append(literal: "Connection: keep-alive\r\n")
            }
            output.append(literal: "\r\n")
            output.append(copying: body)
        }
        return bytes
    }
}
