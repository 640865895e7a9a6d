internal import HTTP2Frames
internal import Transport

/// One connection of a client that speaks HTTP/2 (RFC 9113): a reader that turns frames into requests, a task for each of these, and one write for all that
/// they answer in a turn of the loop.
///
/// ```
/// bytes ─▶ HTTP2Session ─events─▶ Exchange ─▶ handler (a task) ─▶ response ─▶ HTTP2Session ─▶ one flush at the turn's end
/// ```
///
/// Back-pressure is the protocol's own: a body's window opens as its handler reads, and a response is framed as the client's windows and its socket let it.
actor HTTP2Connection: ServedConnection {
    nonisolated let loop: EventLoop
    nonisolated let stream: Stream
    nonisolated let group: ConnectionGroup
    nonisolated var configuration: ServerConfiguration { group.configuration }

    let session: HTTP2Session
    var exchanges: [Int32: Exchange] = [:]
    /// Handlers at work, those among them whose stream is gone: what a client resets it has asked for all the same.
    var running = 0
    var gauge: FloodGauge
    var dateLine = DateLine()

    // Sending; see +Flush.
    var output: [UInt8] = []
    var isFlushDue = false
    var isBlocked = false
    var waitingWriters = 0
    /// Of all exchanges' bodies; and what the group was last told stands.
    let outgoing = OutgoingData.Total()
    /// What of it had been sent at the last look at the exchanges.
    var sentAtTick = 0
    var standing = 0

    // Time; see +Deadlines.
    var isTicking = false
    var blockStartedAt: UInt64 = 0

    var isDraining = false
    /// Our direction has ended.
    private(set) var isEnding = false

    init(stream: Stream, group: ConnectionGroup) throws(FrameError) {
        loop = stream.loop
        self.stream = stream
        self.group = group
        gauge = FloodGauge(now: stream.loop.now)
        var limits = FrameLimits()
        limits.headBytes = group.configuration.head.maximumBytes
        // Beside the pseudo-header fields.
        limits.fields = group.configuration.head.maximumFields + 4
        session = try HTTP2Session(limits)
    }

    func run() async {
        stream.deadline = loop.now + configuration.headMilliseconds
        requestFlush()
        do {
            try await read()
        } catch TransportError.deadline where !isBlocked && exchanges.isEmpty && !isEnding {
            session.terminate(.noError)
            flush()
        } catch let error as FrameError {
            end(error)
        } catch {
            // The peer has gone or stalls: there is nobody to tell.
        }
        giveUp()
        await linger()
        close()
        if standing > 0 { group.ended(on: self) }
    }

    private func read() async throws {
        while true {
            if stream.unreadCount == 0 { guard try await stream.fill() else { return } }
            if isEnding { return }
            try stream.withUnread { (input) throws(FrameError) in try session.receive(input) }
            stream.consume(stream.unreadCount)
            handleEvents()
            gauge.noteSent(session.takeSentBytes())
            if gauge.note(nuisances: session.takeNuisances(), now: loop.now) { throw FrameError.flooded }
            noteBlock()
            if session.wantsToSend || session.isOver { requestFlush() }
            // A stream that was reset takes what it held with it.
            noteStanding()
        }
    }

    /// The session is done with; the client learns why, if it still listens.
    private func end(_ error: FrameError) {
        guard !isBlocked, !isEnding else { return }
        output = session.farewell(error == .flooded ? .enhanceYourCalm : error == .malformed ? .protocolError : .internalError)
        do throws(TransportError) {
            _ = try stream.writeNow(output)
            beginEnd()
        } catch {
            // Nor does it need to.
        }
    }

    /// All is said. Whoever waits for more bytes is woken soon.
    func beginEnd() {
        guard !isEnding else { return }
        isEnding = true
        stream.shutdownWrite()
        stream.deadline = loop.now + 1000
    }

    /// Closing while the peer still sends would reset the connection, and the reset could overtake what we said last.
    private func linger() async {
        guard isEnding, !stream.isClosed else { return }
        stream.deadline = loop.now + 1000
        var dropped = 0
        while dropped < 1 << 20 {
            dropped += stream.unreadCount
            stream.consume(stream.unreadCount)
            do throws(TransportError) {
                guard try await stream.fill() else { return }
            } catch {
                return
            }
        }
    }

    /// Nobody is left to answer.
    private func giveUp() {
        for exchange in exchanges.values {
            forget(exchange)
            // The session, which has it too, may be held for another second, by the timer.
            exchange.outgoing?.discard()
        }
        exchanges = [:]
    }

    func forget(_ exchange: Exchange) {
        exchange.isGone = true
        if exchange.failure == nil { exchange.failure = .disconnected }
        exchange.task?.cancel()
        exchange.wakeReader()
        exchange.wakeWriter()
    }

    // MARK: Events

    func handleEvents() {
        while let event = session.nextEvent() {
            switch event {
            case .head(let id, let block, let isWhole): begin(id, block, isWhole: isWhole)
            case .data(let id, let bytes): receive(bytes, on: id)
            case .trailers(let id, let block): receive(block, on: id)
            case .end(let id):
                guard let exchange = exchanges[id] else { continue }
                exchange.isEnded = true
                exchange.wakeReader()
            case .answeredEarly(let id): linger(on: id)
            case .closed(let id): closed(id)
            }
        }
    }

    private func closed(_ id: Int32) {
        guard let exchange = exchanges.removeValue(forKey: id) else { return }
        session.drop(exchange.waiting)
        exchange.waiting = 0
        forget(exchange)
        guard exchanges.isEmpty else { return }
        if !isBlocked { stream.deadline = loop.now + configuration.idleMilliseconds }
        if isDraining || group.drainSignal.isDraining { finish() }
    }

    // MARK: The end

    nonisolated func close() { stream.close() }

    nonisolated func abort() {
        stream.onEvent?(.reset)
        stream.close()
    }

    /// What is under way runs its course; what is new goes elsewhere. The first GOAWAY gives requests that are on their way a chance (RFC 9113 §6.8), the second
    /// comes with the next tick.
    func closeIfIdle() {
        if exchanges.isEmpty { return finish() }
        isDraining = true
        session.announceEnd()
        requestFlush()
    }

    func finish() {
        session.terminate(.noError)
        requestFlush()
    }
}
