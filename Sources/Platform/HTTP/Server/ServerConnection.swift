internal import Transport

/// One connection of a client: reads a head, calls the handler, writes what it answers, and again.
///
/// ```
/// idle ──first byte──▶ head ──complete──▶ handling ◀──▶ body ──response──▶ idle      (or close)
///   └─ deadline: close   └─ 408, 431, 400, 501, 505: answer, close
/// ```
///
/// Coming back from an `await` costs a tenth of a microsecond, so the way of an ordinary request has two: for its head, and
/// for the handler. All else that may wait has a synchronous first try.
actor ServerConnection: ServedConnection {
    nonisolated let loop: EventLoop
    nonisolated let stream: Stream
    nonisolated let group: ConnectionGroup
    nonisolated var configuration: ServerConfiguration { group.configuration }

    private enum Phase { case idle, head, handling }
    /// What a head has left to arrive in once the server stops.
    private static let lastHeadMilliseconds: UInt64 = 500

    private var phase = Phase.idle
    /// Of a head that has arrived in part.
    private var parser: RequestParser?
    /// Which request the body and the response belong to; what is held from an earlier one is refused.
    var serial: UInt64 = 0
    var incoming = IncomingBody(.none, limits: HeadLimits())
    var outgoing = OutgoingBody()
    var dateLine = DateLine()

    init(stream: Stream, group: ConnectionGroup) {
        loop = stream.loop
        self.stream = stream
        self.group = group
    }

    func run() async {
        // However it ends, in the middle of a body, too.
        defer { giveBackBudget() }
        stream.deadline = loop.now + configuration.headMilliseconds
        do {
            try await serve()
            if stream.unreadCount > 0 || !incoming.isDone || stream.hasUnsent { try await linger() }
        } catch TransportError.deadline where phase == .head {
            await refuseLate()
        } catch {
            // The peer has gone or stalls: there is nobody to tell.
        }
        close()
    }

    private func serve() async throws {
        while true {
            switch readHead() {
            case .needMore:
                if phase == .idle, group.drainSignal.isDraining { return }
                guard try await stream.fill() else { return }
            case .refused(let error): return try await refuse(.malformed(error))
            case .complete(let head):
                let request = begin(head)
                var response = refusal(of: request)
                if response == nil {
                    do {
                        response = try await group.handler(request)
                    } catch {
                        response = answer(to: error, request)
                    }
                }
                guard let response else { return }
                let plan = plan(response, to: request)
                let isSent = try sendAtOnce(plan)
                let persists = isSent ? plan.persists : try await sendSlowly(plan)
                giveBackBudget()
                serial += 1
                guard persists else { return }
                if !incoming.isDone { guard try await skipRestOfBody() else { return } }
                phase = .idle
                stream.deadline = loop.now + configuration.idleMilliseconds
            }
        }
    }

    // MARK: The head

    private enum HeadStep {
        case complete(RequestHead)
        case refused(ParseError)
        case needMore
    }

    private func readHead() -> HeadStep {
        guard stream.unreadCount > 0 else { return .needMore }
        if phase == .idle {
            phase = .head
            if serial > 0 { stream.deadline = loop.now + configuration.headMilliseconds }
            if group.drainSignal.isDraining { hurryHead() }
        }
        var parser = self.parser.take() ?? RequestParser(limits: configuration.head)
        do throws(ParseError) {
            guard let head = try stream.withUnread({ (input) throws(ParseError) in try parser.parse(input) }) else {
                self.parser = parser
                return .needMore
            }
            stream.consume(parser.consumed)
            return .complete(head)
        } catch {
            return .refused(error)
        }
    }

    private func refuse(_ error: HTTPError) async throws(TransportError) {
        _ = try await sendSlowly(plan(group.errors.response(for: error, request: nil), to: nil))
    }

    private func refuseLate() async {
        do throws(TransportError) {
            try await refuse(.requestTimeout)
        } catch {
            // Too late even for that.
        }
    }

    // MARK: The handler

    private func begin(_ head: consuming RequestHead) -> Request {
        phase = .handling
        serial += 1
        incoming = IncomingBody(head.framing, limits: configuration.head, expectsContinue: head.expectsContinue)
        stream.deadline = loop.now + configuration.handlerMilliseconds
        let body = incoming.isDone ? RequestBody() : arrivedBody() ?? RequestBody(self, request: serial)
        return Request(head: head, body: body, peer: stream.peer, drainSignal: group.drainSignal)
    }

    private func refusal(of request: Request) -> Response? {
        guard let length = incoming.length, length > configuration.maximumBodyBytes else { return nil }
        return group.errors.response(for: HTTPError.bodyTooLarge, request: request)
    }

    /// Never inlined: Swift 6.3's optimiser crashes on the cast inside an asynchronous function.
    /// - Returns: nil if there is nobody left to answer.
    @inline(never)
    private func answer(to error: any Error, _ request: Request) -> Response? {
        if let error = error as? HTTPError, error == .disconnected { return nil }
        return group.errors.response(for: Task.isCancelled ? HTTPError.handlerTimeout : error, request: request)
    }

    // MARK: The end

    /// Closes at once, whatever is going on. To be called on the loop.
    nonisolated func close() { stream.close() }

    /// Closes and cancels the handler.
    nonisolated func abort() {
        stream.onEvent?(.reset)
        stream.close()
    }

    /// The server stops. Half a head is no request yet, but the rest of it may be on its way.
    private func hurryHead() { stream.deadline = min(stream.deadline, loop.now + Self.lastHeadMilliseconds) }

    func closeIfIdle() {
        if phase == .head { hurryHead() }
        guard phase == .idle, stream.unreadCount == 0 else { return }
        // A client that takes its answer late gets all of it, and the end after it.
        if stream.hasUnsent { stream.shutdownWrite() } else { close() }
    }

    /// Closing while the peer still sends would reset the connection, and the reset could overtake our answer. So we end our
    /// direction and, for a moment, listen without hearing (RFC 9112 §9.6).
    private func linger() async throws(TransportError) {
        stream.shutdownWrite()
        stream.deadline = loop.now + 1000
        var dropped = 0
        while dropped < 1 << 20 {
            dropped += stream.unreadCount
            stream.consume(stream.unreadCount)
            guard try await stream.fill() else { return }
        }
    }
}
