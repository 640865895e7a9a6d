internal import HTTP2Frames
internal import Transport

/// From a header block to an answer.
extension HTTP2Connection {
    private static let scheme: StaticString = "https"

    /// Handlers that may be at work: those of open streams, and as many again whose streams were reset (CVE-2023-44487).
    private var maximumRunning: Int { 2 * session.limits.concurrentStreams }

    func begin(_ id: Int32, _ block: FieldBlock, isWhole: Bool) {
        guard running < maximumRunning else { return session.reset(id, .enhanceYourCalm) }
        gauge.noteRequest()
        stream.deadline = isBlocked ? stream.deadline : 0
        startTicking()
        do throws(ParseError) {
            begin(id, try RequestTranslation(block, limits: configuration.head).head(scheme: Self.scheme, hasBody: !isWhole), isWhole: isWhole)
        } catch {
            let exchange = Exchange(id: id, isWhole: isWhole)
            exchanges[id] = exchange
            answer(group.errors.response(for: HTTPError.malformed(error), request: nil), exchange)
        }
    }

    private func begin(_ id: Int32, _ head: consuming RequestHead, isWhole: Bool) {
        let exchange = Exchange(id: id, head, isWhole: isWhole, handlerDeadline: loop.now + configuration.handlerMilliseconds)
        exchanges[id] = exchange
        let request = Request(
            head: head, body: isWhole ? RequestBody() : RequestBody(self, stream: id), peer: stream.peer, drainSignal: group.drainSignal)
        if let length = exchange.length, length > configuration.maximumBodyBytes {
            return answer(group.errors.response(for: HTTPError.bodyTooLarge, request: request), exchange)
        }
        running += 1
        exchange.task = loop.spawn { [self] in await handle(request, id) }
    }

    private func handle(_ request: Request, _ id: Int32) async {
        let exchange = exchanges[id]
        defer {
            running -= 1
            if let exchange {
                giveBackBudget(exchange)
                // Nobody is left to read a body, nor what has come of it.
                exchange.task = nil
                dropWaiting(of: exchange, id)
            }
        }
        guard let exchange else { return }
        let response: Response?
        do {
            response = try await group.handler(request)
        } catch {
            response = rendered(error, request)
        }
        guard let response, !exchange.isGone else {
            if !exchange.isGone { session.reset(id, .internalError) }
            return requestFlush()
        }
        // Asked twice: to take a body apart copies it.
        if response.body.isStream, case .stream(let length, let body) = response.body, !exchange.isHead, !response.status.neverHasBody {
            return await answer(response, length, body, exchange)
        }
        answer(response, exchange)
    }

    /// Never inlined: Swift 6.3's optimiser crashes on the cast inside an asynchronous function.
    /// - Returns: nil if there is nobody left to answer.
    @inline(never)
    private func rendered(_ error: any Error, _ request: Request) -> Response? {
        if let error = error as? HTTPError, error == .disconnected { return nil }
        return group.errors.response(for: Task.isCancelled ? HTTPError.handlerTimeout : error, request: request)
    }

    /// Answers what needs no more waiting.
    private func answer(_ response: Response, _ exchange: Exchange) {
        let neverHasBody = response.status.neverHasBody
        var length: Int?
        var outgoing: OutgoingData?
        switch response.body {
        case .empty: length = 0
        case .bytes(let bytes):
            length = bytes.count
            if !exchange.isHead, !neverHasBody, !bytes.isEmpty { outgoing = OutgoingData(bytes, in: self.outgoing) }
        case .stream(let announced, _): length = announced
        }
        send(response, length: neverHasBody ? nil : length, outgoing, exchange)
    }

    private func send(_ response: Response, length: Int?, _ outgoing: OutgoingData?, _ exchange: Exchange) {
        let translation = ResponseTranslation(response, length: length, dateLine: &dateLine)
        exchange.isAnswered = true
        exchange.outgoing = outgoing
        exchange.writeDeadline = loop.now + configuration.writeMilliseconds
        _ = session.respond(to: exchange.id, translation.block, body: outgoing)
        requestFlush()
    }

    // MARK: Bodies that are written while they go out

    private func answer(
        _ response: Response, _ length: Int?, _ body: @Sendable (BodyWriter) async throws -> Void, _ exchange: Exchange
    ) async {
        exchange.unwritten = length
        send(response, length: length, OutgoingData(in: outgoing), exchange)
        do {
            try await body(BodyWriter(self, message: UInt64(exchange.id)))
            guard let outgoing = exchange.outgoing, !outgoing.isFinished else { return }
            guard exchange.unwritten ?? 0 == 0 else { throw HTTPError.lengthMismatch }
            outgoing.finish()
            session.resume(exchange.id)
        } catch {
            // The status is out; a reset is the one way left to say that something failed.
            if !exchange.isGone { session.reset(exchange.id, Self.code(of: error)) }
        }
        requestFlush()
    }

    /// As `rendered`, never inlined.
    @inline(never)
    private static func code(of error: any Error) -> StreamErrorCode {
        error as? ClientError == .givenUp ? .enhanceYourCalm : .internalError
    }
}

extension HTTP2Connection: BodySink {
    /// What may wait to be framed before its writer does.
    private static let waitingAtMost = 64 * 1024

    private func writable(_ message: UInt64) throws(HTTPError) -> (Exchange, OutgoingData) {
        guard let id = Int32(exactly: message), let exchange = exchanges[id], !exchange.isGone else { throw .disconnected }
        guard let outgoing = exchange.outgoing, !outgoing.isFinished else { throw .bodyUnavailable }
        return (exchange, outgoing)
    }

    func writePiece(_ bytes: [UInt8], of message: UInt64) async throws(HTTPError) {
        let (exchange, outgoing) = try writable(message)
        if let left = exchange.unwritten {
            guard bytes.count <= left else { throw .lengthMismatch }
            exchange.unwritten = left - bytes.count
        }
        if outgoing.count == 0 { exchange.writeDeadline = loop.now + configuration.writeMilliseconds }
        outgoing.append(bytes)
        session.resume(exchange.id)
        requestFlush()
        // The handler is at work again.
        exchange.handlerDeadline = loop.now + configuration.handlerMilliseconds
        guard outgoing.count > Self.waitingAtMost, exchange.writer == nil else { return }
        waitingWriters += 1
        await withCheckedContinuation { exchange.writer = $0 }
        waitingWriters -= 1
        if exchange.isGone { throw .disconnected }
    }

    func finish(_ trailers: Headers, of message: UInt64) async throws(HTTPError) {
        let (exchange, outgoing) = try writable(message)
        guard exchange.unwritten ?? 0 == 0 else { throw .lengthMismatch }
        outgoing.finish(trailers: ResponseTranslation(trailers: trailers).block)
        session.resume(exchange.id)
        requestFlush()
    }

    /// Lets writers go on whose pieces have been framed.
    func wakeWriters() {
        guard waitingWriters > 0 else { return }
        for exchange in exchanges.values where exchange.writer != nil {
            if (exchange.outgoing?.count ?? 0) <= Self.waitingAtMost / 2 { exchange.wakeWriter() }
        }
    }
}
