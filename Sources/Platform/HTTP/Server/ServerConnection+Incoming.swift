internal import Bytes
internal import Transport

/// Reading the request's body.
extension ServerConnection {
    /// What is dropped to save a connection; beyond it, closing is cheaper.
    private static let skippedAtMost = 65_536
    private static let continueLine = Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)

    /// The body, where it is short and has come with its head in whole: nobody has to wait for it. Nil for every other.
    func arrivedBody() -> RequestBody? {
        guard let length = incoming.length, length <= min(BodyBudget.shortBody, configuration.maximumBodyBytes), length <= stream.unreadCount,
            !incoming.owesContinue
        else { return nil }
        let bytes = stream.withUnread { [UInt8](copying: $0.extracting(0..<length)) }
        stream.consume(length)
        incoming = IncomingBody(.none, limits: configuration.head)
        return RequestBody(bytes)
    }

    func collectBody(of request: UInt64, upTo limit: Int, within budget: BodyBudget?) async throws(HTTPError) -> [UInt8] {
        guard request == serial, incoming.received == 0 else { throw .bodyUnavailable }
        if let length = incoming.length, length > limit { throw .bodyTooLarge }
        incoming.budget = budget?.counting(incoming.length)
        var body: [UInt8] = []
        // Memory follows what arrives, not what was announced.
        body.reserveCapacity(min(incoming.length ?? 0, 65_536))
        while let count = try await nextData() {
            // The decoder is past these bytes, and the stream isn't: what follows must never be read as another request.
            if body.count + count > limit { throw broken(.bodyTooLarge) }
            try takeBudget(count)
            stream.withUnread { body.appendBytes(of: $0.extracting(0..<count)) }
            stream.consume(count)
        }
        return body
    }

    func nextPiece(of request: UInt64) async throws(HTTPError) -> [UInt8]? {
        guard request == serial else { throw .bodyUnavailable }
        guard let count = try await nextData() else { return nil }
        let piece = stream.withUnread { [UInt8](copying: $0.extracting(0..<count)) }
        stream.consume(count)
        return piece
    }

    func trailers(of request: UInt64) -> Headers? { request == serial ? incoming.trailers : nil }

    /// - Returns: how many of the unread bytes are body, to be consumed at once; nil at its end.
    private func nextData() async throws(HTTPError) -> Int? {
        if incoming.isBroken { throw .bodyUnavailable }
        while true {
            switch try nextStep() {
            case .data(let count):
                incoming.received += count
                guard incoming.received <= configuration.maximumBodyBytes else { throw broken(.bodyTooLarge) }
                return count
            case .skip(let count): stream.consume(count)
            case .end(let trailers):
                if let trailers { incoming.trailers = trailers }
                return nil
            case .needMore: try await waitForBody()
            }
        }
    }

    private func nextStep() throws(HTTPError) -> BodyDecoder.Step {
        var decoder = incoming.decoder
        defer { incoming.decoder = decoder }
        do throws(ParseError) {
            return try stream.withUnread { (input) throws(ParseError) in try decoder.next(input) }
        } catch {
            throw broken(.malformed(error))
        }
    }

    private func waitForBody() async throws(HTTPError) {
        if incoming.startedAt == 0 { incoming.startedAt = loop.now }
        // A body may be long, but not slow: 16 KiB a second, after the first seconds, and never a pause as long as those.
        let rate = incoming.startedAt + configuration.bodyMilliseconds + UInt64(incoming.received) * 1000 / 16_384
        stream.deadline = min(rate, loop.now + configuration.bodyMilliseconds)
        let more: Bool
        do throws(TransportError) {
            if incoming.owesContinue {
                incoming.owesContinue = false
                try await stream.write(Self.continueLine)
            }
            more = try await stream.fill()
        } catch {
            throw broken(error == .deadline ? .requestTimeout : .disconnected)
        }
        guard more else { throw broken(.malformed(.truncated)) }
        // The handler's time begins anew: what the client took of it is none of its own.
        stream.deadline = loop.now + configuration.handlerMilliseconds
    }

    private func broken(_ error: HTTPError) -> HTTPError {
        incoming.isBroken = true
        return error
    }

    // MARK: The budget

    private func takeBudget(_ count: Int) throws(HTTPError) {
        guard let budget = incoming.budget else { return }
        do throws(HTTPError) { try budget.take(count) } catch { throw broken(error) }
        incoming.taken += count
    }

    func giveBackBudget() {
        guard incoming.taken > 0 else { return }
        incoming.budget?.giveBack(incoming.taken)
        incoming.taken = 0
    }

    // MARK: What the handler left

    /// Whether the connection can go on once the response is out. Reads what has arrived already; doesn't wait.
    func canSkipRestOfBody() -> Bool {
        // A client that was never told to continue may send the body or not: no telling what the next byte is.
        if incoming.isBroken || incoming.owesContinue { return false }
        if incoming.isDone { return true }
        if let left = incoming.decoder.remaining { return left <= Self.skippedAtMost }
        do throws(HTTPError) {
            try skipWhatArrived()
        } catch {
            return false
        }
        return incoming.isDone
    }

    func skipRestOfBody() async throws(TransportError) -> Bool {
        while true {
            do throws(HTTPError) {
                try skipWhatArrived()
            } catch {
                return false
            }
            if incoming.isDone { return true }
            stream.deadline = loop.now + configuration.bodyMilliseconds
            guard try await stream.fill() else { return false }
        }
    }

    private func skipWhatArrived() throws(HTTPError) {
        while true {
            switch try nextStep() {
            case .data(let count), .skip(let count): stream.consume(count)
            case .end, .needMore: return
            }
        }
    }
}
