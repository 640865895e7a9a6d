internal import Bytes
internal import HTTP2Frames
internal import Transport

/// Reading a request's body.
extension HTTP2Connection {
    /// Pieces shorter than this are joined with what comes next.
    private static let pieceSize = 16 * 1024

    func receive(_ bytes: [UInt8], on id: Int32) {
        guard let exchange = exchanges[id], !exchange.isAnswered || exchange.task != nil, exchange.failure == nil else {
            // Nobody will read it.
            session.consume(bytes.count, of: id)
            return drop(bytes.count, on: id)
        }
        exchange.received += bytes.count
        guard exchange.received <= configuration.maximumBodyBytes else {
            session.consume(bytes.count, of: id)
            dropWaiting(of: exchange, id)
            exchange.failure = .bodyTooLarge
            return exchange.wakeReader()
        }
        // A client that sends its body by the byte must not cost an array for each.
        if let last = exchange.pieces.indices.last, exchange.pieces[last].count < Self.pieceSize {
            exchange.pieces[last].appendBytes(of: bytes.span)
        } else {
            exchange.pieces.append(bytes)
        }
        exchange.waiting += bytes.count
        exchange.wakeReader()
    }

    func dropWaiting(of exchange: Exchange, _ id: Int32) {
        exchange.pieces = []
        // What a stream that is gone still owes is given back when it is closed.
        guard exchange.waiting > 0, !exchange.isGone else { return }
        session.consume(exchange.waiting, of: id)
        exchange.waiting = 0
    }

    /// What a client still sends of a request that has its answer: it is told to stop at once where that is much (RFC 9113 §8.1), else it may end, for a moment. Told
    /// while it sends a body, curl takes the reset for a failure and loses the answer, and Java's client waits for ever for room to send the rest.
    func linger(on id: Int32) {
        guard let exchange = exchanges[id] else { return }
        exchange.lingersUntil = loop.now + Self.lingerMilliseconds
        drop(0, on: id)
    }

    private static let lingerMilliseconds: UInt64 = 5_000
    private static let lingerBytes = 1 << 20

    private func drop(_ count: Int, on id: Int32) {
        guard let exchange = exchanges[id] else { return }
        exchange.dropped += count
        guard exchange.lingersUntil != 0, max(exchange.dropped, exchange.length ?? 0) > Self.lingerBytes else { return }
        session.reset(id, .noError)
        requestFlush()
    }

    func receive(_ trailers: FieldBlock, on id: Int32) {
        guard let exchange = exchanges[id], exchange.failure == nil else { return }
        do throws(ParseError) {
            exchange.trailers = try RequestTranslation(trailers, limits: configuration.head).trailers()
        } catch {
            exchange.failure = .malformed(error)
            exchange.wakeReader()
        }
    }

    func collectBody(on id: Int32, upTo limit: Int, within budget: BodyBudget?) async throws(HTTPError) -> [UInt8] {
        guard let exchange = exchanges[id] else { throw .disconnected }
        guard exchange.received == exchange.waiting else { throw .bodyUnavailable }
        if let length = exchange.length, length > limit { throw .bodyTooLarge }
        exchange.budget = budget?.counting(exchange.length)
        var body: [UInt8] = []
        while let piece = try await nextPiece(of: exchange) {
            if body.count + piece.count > limit { throw .bodyTooLarge }
            try takeBudget(piece.count, exchange)
            if body.isEmpty {
                body = piece
            } else {
                body.append(contentsOf: piece)
            }
        }
        return body
    }

    func nextPiece(on id: Int32) async throws(HTTPError) -> [UInt8]? {
        guard let exchange = exchanges[id] else { throw .disconnected }
        return try await nextPiece(of: exchange)
    }

    func trailers(on id: Int32) -> Headers? { exchanges[id]?.trailers }

    private func nextPiece(of exchange: Exchange) async throws(HTTPError) -> [UInt8]? {
        while true {
            if let failure = exchange.failure { throw failure }
            if !exchange.pieces.isEmpty {
                let piece = exchange.pieces.removeFirst()
                exchange.waiting -= piece.count
                session.consume(piece.count, of: exchange.id)
                if session.wantsToSend { requestFlush() }
                return piece
            }
            if exchange.isEnded { return nil }
            guard exchange.reader == nil else { throw .bodyUnavailable }
            if exchange.owesContinue {
                exchange.owesContinue = false
                session.inform(exchange.id, ResponseTranslation(status: .continue).block)
                requestFlush()
            }
            if exchange.bodyStartedAt == 0 { exchange.bodyStartedAt = loop.now }
            // A body may be long, but not slow: 16 KiB a second, after the first seconds, and never a pause as long as those.
            let rate = exchange.bodyStartedAt + configuration.bodyMilliseconds + UInt64(exchange.received) * 1000 / 16_384
            exchange.bodyDeadline = min(rate, loop.now + configuration.bodyMilliseconds)
            await withCheckedContinuation { exchange.reader = $0 }
            exchange.bodyDeadline = 0
            // The handler's time begins anew: what the client took of it is none of its own.
            exchange.handlerDeadline = loop.now + configuration.handlerMilliseconds
        }
    }

    private func takeBudget(_ count: Int, _ exchange: Exchange) throws(HTTPError) {
        guard let budget = exchange.budget else { return }
        do throws(HTTPError) {
            try budget.take(count)
        } catch {
            exchange.failure = error
            throw error
        }
        exchange.taken += count
    }

    func giveBackBudget(_ exchange: Exchange) {
        guard exchange.taken > 0 else { return }
        exchange.budget?.giveBack(exchange.taken)
        exchange.taken = 0
    }
}
