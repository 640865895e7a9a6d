internal import Transport

/// One connection to a server: sends a request, reads the response, and is given back to its pool.
actor ClientConnection: OnLoop {
    nonisolated let loop: EventLoop
    nonisolated let stream: Stream
    nonisolated let pool: ConnectionPool
    nonisolated let lane: Int
    let authority: [UInt8]

    /// Which exchange a body belongs to; what is held from an earlier one is refused.
    private(set) var exchange: UInt64 = 0
    private var method = Method.get
    private var persists = false
    private var bodyTimeout: UInt64 = 0
    private var decoder = BodyDecoder(.none, limits: HeadLimits())
    private var trailerFields: Headers?
    var outgoing = OutgoingBody()
    /// A streamed request body is on its way.
    var isSending = false
    /// Whether no byte of a response has come.
    private(set) var sawNothing = true
    private var isLeased = false

    private init(stream: Stream, pool: ConnectionPool, lane: Int, authority: [UInt8]) {
        loop = stream.loop
        self.stream = stream
        self.pool = pool
        self.lane = lane
        self.authority = authority
    }

    static func connect(
        to endpoint: Endpoint, pool: ConnectionPool, lane: Int, deadline: UInt64
    ) async throws(ClientError) -> ClientConnection {
        let limit = min(deadline, pool.loop.now + pool.configuration.connectMilliseconds)
        var failure = TransportError.refused
        do throws(TransportError) {
            for address in try await pool.loop.resolve(host: endpoint.host, port: endpoint.port) {
                do throws(TransportError) {
                    let stream = try await Stream.connect(to: address, on: pool.loop, deadline: limit)
                    let connection = ClientConnection(stream: stream, pool: pool, lane: lane, authority: endpoint.authority)
                    connection.watch()
                    return connection
                } catch {
                    failure = error
                }
            }
        } catch {
            failure = error
        }
        throw ClientError(connecting: failure)
    }

    // MARK: Idle

    /// Whether it has served a request before: then the server may have closed it in the meantime.
    nonisolated var isReused: Bool { stream.hasReceived }

    /// Whether the server has kept quiet and open since the last response.
    nonisolated var isUsable: Bool { !stream.isClosed && !stream.isHalfClosed && stream.unreadCount == 0 }

    nonisolated func close() { stream.close() }

    /// Tells the server, too, that nobody waits for its answer.
    nonisolated func reset() { stream.reset() }

    private nonisolated func watch() {
        stream.onEvent = { [self] event in
            // A request's own body keeps us waiting for too long.
            if event == .deadline { assumeIsolated { if $0.isSending { $0.close() } } }
            pool.assumeIsolated { $0.dropIfIdle(self) }
        }
    }

    // MARK: An exchange

    func exchange(_ request: ClientRequest, deadline: UInt64) async throws(ClientError) -> ClientResponse {
        let result = await withTaskCancellationHandler {
            await perform(request, deadline: deadline)
        } onCancel: {
            loop.execute { [stream] in stream.reset() }
        }
        return try result.get()
    }

    private func perform(_ request: ClientRequest, deadline: UInt64) async -> Result<ClientResponse, ClientError> {
        exchange += 1
        method = request.method
        bodyTimeout = request.bodyTimeoutMilliseconds
        trailerFields = nil
        sawNothing = true
        stream.deadline = deadline
        do throws(ClientError) {
            let wasSent = try await send(request)
            let head = try await readHead()
            persists = head.keepsAlive && wasSent
            decoder = BodyDecoder(head.framing, limits: pool.configuration.head)
            return .success(ClientResponse(head: head, body: try await body(of: head)))
        } catch {
            await release(reusable: false)
            return .failure(Task.isCancelled ? .cancelled : error)
        }
    }

    private func readHead() async throws(ClientError) -> ResponseHead {
        // RFC 9110 §15.2: any number of interim responses may come first; we have asked for none.
        for _ in 0..<8 {
            var parser = ResponseParser(to: method, limits: pool.configuration.head)
            while true {
                let head: ResponseHead?
                do throws(ParseError) {
                    head = try stream.withUnread { (input) throws(ParseError) in try parser.parse(input) }
                } catch {
                    throw .malformed(error)
                }
                if let head {
                    stream.consume(parser.consumed)
                    if head.status.rawValue == 101 { throw .malformed(.unexpectedInformational) }
                    if head.status.isInformational { break }
                    return head
                }
                try await fill()
            }
        }
        throw .malformed(.unexpectedInformational)
    }

    private func fill() async throws(ClientError) {
        let more: Bool
        do throws(TransportError) {
            more = try await stream.fill()
        } catch {
            throw ClientError(error)
        }
        guard more else { throw .closed }
        sawNothing = false
    }

    // MARK: The body

    /// A body this long is waited for with the head, so that the connection is free again at once.
    private static let shortBody = 8192

    private func body(of head: ResponseHead) async throws(ClientError) -> ResponseBody {
        switch head.framing {
        case .none:
            await release(reusable: persists)
            if method == .head, let length = head.contentLength { return ResponseBody(.absent(length: length)) }
            return ResponseBody(.empty)
        case .length(let count) where count <= Self.shortBody:
            while stream.unreadCount < count { try await fill() }
            let bytes = stream.withUnread { [UInt8](copying: $0.extracting(0..<count)) }
            stream.consume(count)
            await release(reusable: persists)
            return ResponseBody(.bytes(bytes))
        case .length(let count):
            isLeased = true
            return ResponseBody(.connection(BodyLease(self, exchange: exchange), length: count))
        case .chunked, .untilClose:
            isLeased = true
            return ResponseBody(.connection(BodyLease(self, exchange: exchange), length: nil))
        }
    }

    func nextPiece(of exchange: UInt64) async throws(ClientError) -> [UInt8]? {
        guard exchange == self.exchange, isLeased else { return nil }
        let result = await withTaskCancellationHandler {
            await readPiece()
        } onCancel: {
            loop.execute { [stream] in stream.reset() }
        }
        switch result {
        case .success(let piece):
            if piece == nil { await release(reusable: persists) }
            return piece
        case .failure(let error):
            await release(reusable: false)
            throw Task.isCancelled ? .cancelled : error
        }
    }

    private func readPiece() async -> Result<[UInt8]?, ClientError> {
        stream.deadline = loop.now + bodyTimeout
        do throws(ClientError) {
            while true {
                switch try nextStep() {
                case .data(let count):
                    let piece = stream.withUnread { [UInt8](copying: $0.extracting(0..<count)) }
                    stream.consume(count)
                    return .success(piece)
                case .skip(let count): stream.consume(count)
                case .end(let fields):
                    trailerFields = fields
                    return .success(nil)
                case .needMore:
                    do throws(ClientError) {
                        try await fill()
                    } catch {
                        // The one framing in which the end of the connection is the end of the body.
                        if error == .closed, decoder.endsWithConnection, stream.isHalfClosed { return .success(nil) }
                        throw error
                    }
                }
            }
        } catch {
            return .failure(error)
        }
    }

    private func nextStep() throws(ClientError) -> BodyDecoder.Step {
        do throws(ParseError) {
            return try stream.withUnread { (input) throws(ParseError) in try decoder.next(input) }
        } catch {
            throw .malformed(error)
        }
    }

    func trailers(of exchange: UInt64) -> Headers? { exchange == self.exchange ? trailerFields : nil }

    /// The caller lost interest in the body before its end.
    func abandon(_ exchange: UInt64) {
        guard exchange == self.exchange, isLeased else { return }
        isLeased = false
        reset()
        pool.assumeIsolated { $0.freePlace(lane) }
    }

    /// Ends the exchange, once.
    private func release(reusable: Bool) async {
        isLeased = false
        if reusable, isUsable {
            await pool.giveBack(self)
        } else {
            reset()
            await pool.freePlace(lane)
        }
    }
}
