internal import HTTP2Frames
internal import Transport

/// The limits on time. A look once a second at all exchanges costs nothing on the way of a request.
extension HTTP2Connection {
    private static let tickMilliseconds: UInt64 = 1_000

    func startTicking() {
        guard !isTicking else { return }
        isTicking = true
        _ = loop.schedule(afterMilliseconds: Self.tickMilliseconds) { self.assumeIsolated { $0.tick() } }
    }

    /// A header block in pieces has the time that a head has (the frames of one may come slowly, and nothing else may come between them).
    func noteBlock() {
        if !session.isInBlock {
            blockStartedAt = 0
        } else if blockStartedAt == 0 {
            blockStartedAt = loop.now
            startTicking()
        }
    }

    private func tick() {
        isTicking = false
        guard !stream.isClosed else { return }
        let now = loop.now
        if blockStartedAt != 0, now >= blockStartedAt + configuration.headMilliseconds {
            session.terminate(.enhanceYourCalm)
            requestFlush()
        }
        let sent = outgoing.sent - sentAtTick
        sentAtTick = outgoing.sent
        for exchange in exchanges.values { check(exchange, now, ofAll: sent) }
        if isDraining {
            isDraining = false
            session.refuseNew()
        }
        if session.wantsToSend { requestFlush() }
        if !exchanges.isEmpty || blockStartedAt != 0 { startTicking() }
    }

    /// - Parameter ofAll: what the connection has sent since the last look.
    private func check(_ exchange: Exchange, _ now: UInt64, ofAll sentOfAll: Int) {
        if exchange.lingersUntil != 0 {
            if now >= exchange.lingersUntil { session.reset(exchange.id, .noError) }
        } else if exchange.reader != nil {
            guard now >= exchange.bodyDeadline else { return }
            exchange.failure = .requestTimeout
            exchange.wakeReader()
        } else if !exchange.isAnswered {
            if now >= exchange.handlerDeadline { exchange.task?.cancel() }
        } else if let outgoing = exchange.outgoing, outgoing.count > 0 {
            // A client may be slow, but not for ever: each 16 KiB that it takes give it one more second, up to twice the first patience. Where its
            // window is open, a stream waits for those before it, and for what the client takes of them.
            let sent = session.isShut(exchange.id) ? outgoing.sent - exchange.sentAtTick : sentOfAll
            let progress = UInt64(sent) * 1000 / 16_384
            exchange.sentAtTick = outgoing.sent
            exchange.writeDeadline = min(exchange.writeDeadline + progress, now + 2 * configuration.writeMilliseconds)
            guard now >= exchange.writeDeadline else { return }
            session.reset(exchange.id, .cancel)
            forget(exchange)
        } else if exchange.outgoing?.isFinished == false, now >= exchange.handlerDeadline {
            exchange.task?.cancel()
        }
    }
}
