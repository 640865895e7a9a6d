internal import Transport

/// One connection of a client: reads a head, calls the handler, writes what it answers, and again.
///
/// ```
/// idle ──first byte──▶ head ──complete──▶ handler ◀──▶ body ──response──▶ idle      (or close)
///   └─ idle deadline: close   └─ 408, 431, 400, 501, 505: answer, close
/// ```
actor ServerConnection: OnLoop {
    nonisolated let loop: EventLoop
    nonisolated let stream: Stream
    nonisolated let group: ConnectionGroup
    nonisolated var configuration: ServerConfiguration { group.configuration }

    /// Which request the body and the response belong to; what is held from an earlier one is refused.
    var serial: UInt64 = 0
    var incoming = IncomingBody(.none, limits: HeadLimits())
    var outgoing = OutgoingBody()
    var dateLine = DateLine()
    private var isIdle = true

    init(stream: Stream, group: ConnectionGroup) {
        loop = stream.loop
        self.stream = stream
        self.group = group
    }

    func run() async {
        stream.deadline = loop.now + configuration.headMilliseconds
        do throws(TransportError) {
            while try await serveRequest() {}
            if stream.unreadCount > 0 || !incoming.isDone { try await linger() }
        } catch {
            // The peer has gone or stalls: there is nobody to tell.
        }
        close()
    }

    /// Closes at once, whatever is going on. To be called on the loop.
    nonisolated func close() { stream.close() }

    /// Closes and cancels the handler.
    nonisolated func abort() {
        stream.onEvent?(.reset)
        stream.close()
    }

    func closeIfIdle() {
        if isIdle, stream.unreadCount == 0 { close() }
    }

    // MARK: One request

    /// - Returns: whether another may follow on the connection.
    private func serveRequest() async throws(TransportError) -> Bool {
        let head: RequestHead
        switch try await readHead() {
        case .ended: return false
        case .refused(let error):
            return try await send(group.errors.response(for: error, request: nil), to: nil)
        case .head(let read): head = read
        }
        serial += 1
        incoming = IncomingBody(head.framing, limits: configuration.head, expectsContinue: head.expectsContinue)
        let body = incoming.isDone ? RequestBody() : RequestBody(self, request: serial)
        let request = Request(head: head, body: body, peer: stream.peer, drainSignal: group.drainSignal)
        let response = await respond(to: request)
        defer { giveBackBudget() }
        guard let response else { return false }
        let persists = try await send(response, to: head)
        serial += 1
        guard persists else { return false }
        return try await skipRestOfBody()
    }

    /// - Returns: nil if there is nobody left to answer.
    private func respond(to request: Request) async -> Response? {
        stream.deadline = loop.now + configuration.handlerMilliseconds
        do {
            if let length = incoming.length, length > configuration.maximumBodyBytes { throw HTTPError.bodyTooLarge }
            return try await group.handler(request)
        } catch HTTPError.disconnected {
            return nil
        } catch {
            return group.errors.response(for: Task.isCancelled ? HTTPError.handlerTimeout : error, request: request)
        }
    }

    // MARK: The head

    private enum HeadOutcome {
        case head(RequestHead)
        case refused(HTTPError)
        case ended
    }

    private func readHead() async throws(TransportError) -> HeadOutcome {
        var parser = RequestParser(limits: configuration.head)
        do throws(TransportError) {
            if stream.unreadCount == 0 {
                guard try await waitForFirstByte() else { return .ended }
            }
            if serial > 0 { stream.deadline = loop.now + configuration.headMilliseconds }
            while true {
                do throws(ParseError) {
                    let head = try stream.withUnread { (input) throws(ParseError) in try parser.parse(input) }
                    if let head {
                        stream.consume(parser.consumed)
                        return .head(head)
                    }
                } catch {
                    return .refused(.malformed(error))
                }
                guard try await stream.fill() else { return .ended }
            }
        } catch .deadline where stream.unreadCount > 0 {
            return .refused(.requestTimeout)
        }
    }

    private func waitForFirstByte() async throws(TransportError) -> Bool {
        if group.drainSignal.isDraining { return false }
        if serial > 0 { stream.deadline = loop.now + configuration.idleMilliseconds }
        isIdle = true
        defer { isIdle = false }
        return try await stream.fill()
    }

    // MARK: The end

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
