internal import Transport

/// A client's connections on one loop.
actor ConnectionPool: OnLoop {
    nonisolated let loop: EventLoop
    nonisolated let configuration: ClientConfiguration
    private var laneOf: [Endpoint: Int] = [:]
    private var lanes: [Lane] = []
    private var lastWaiter: UInt64 = 0
    private var isShutDown = false
    private var lastExchange: UInt64 = 0
    /// The exchanges whose body, either way, goes piece by piece.
    var streaming: [UInt64: ClientConnection] = [:]
    /// The trailer fields of responses whose bodies somebody still holds.
    var trailers: [UInt64: Headers] = [:]
    /// Exchanges that lost their connection to others, and whose bodies somebody still holds.
    var givenUp: Set<UInt64> = []

    /// What belongs to one endpoint.
    private struct Lane {
        let endpoint: Endpoint
        /// The latest used is last: it is the one least likely to have been closed.
        var idle: [ClientConnection] = []
        /// Connections that exist or are being made.
        var open = 0
        var waiting: [Waiter] = []
        var isRelieving = false

        /// - Returns: whether somebody waits for it; nil if there are enough.
        mutating func keep(_ connection: ClientConnection, atMost limit: Int) -> Bool? {
            guard idle.count < limit else { return nil }
            idle.append(connection)
            return !waiting.isEmpty
        }
    }

    private struct Waiter {
        let number: UInt64
        let timer: UInt64
        let continuation: CheckedContinuation<Permit, Never>
    }

    private enum Permit: Sendable {
        /// One has been put among the idle ones.
        case useIdle
        case connect
        case refused(ClientError)
    }

    init(loop: EventLoop, configuration: ClientConfiguration) {
        self.loop = loop
        self.configuration = configuration
    }

    func lane(_ endpoint: Endpoint) -> Int {
        // A service asks few others: looking at them in turn is quicker than a hash of a name.
        for lane in 0..<min(lanes.count, 4) where lanes[lane].endpoint == endpoint { return lane }
        if let lane = laneOf[endpoint] { return lane }
        lanes.append(Lane(endpoint: endpoint))
        laneOf[endpoint] = lanes.count - 1
        return lanes.count - 1
    }

    // MARK: Taking

    /// The latest used of the idle connections that still stand.
    func takeIdle(_ lane: Int) -> ClientConnection? {
        while let connection = lanes[lane].idle.popLast() {
            if connection.isUsable { return connection }
            connection.stream.close()
            lanes[lane].open -= 1
        }
        return nil
    }

    /// A new connection, or the next that is given back where there are as many as may be.
    @inline(never)
    func takeNew(_ lane: Int, _ endpoint: Endpoint, deadline: UInt64) async throws(ClientError) -> ClientConnection {
        while lanes[lane].open >= configuration.maximumConnections {
            switch try await permit(lane, deadline: deadline) {
            case .useIdle: if let connection = takeIdle(lane) { return connection }
            case .connect: break  // if nobody was quicker
            case .refused(let error): throw error
            }
        }
        lanes[lane].open += 1
        do throws(ClientError) {
            let stream = try await connect(endpoint, deadline: deadline)
            watch(stream, lane: lane)
            return ClientConnection(stream: stream, lane: lane, authority: endpoint.authority)
        } catch {
            freePlace(lane)
            throw error
        }
    }

    private func connect(_ endpoint: Endpoint, deadline: UInt64) async throws(ClientError) -> Stream {
        let limit = min(deadline, loop.now + configuration.connectMilliseconds)
        var failure = TransportError.refused
        do throws(TransportError) {
            for address in try await loop.resolve(host: endpoint.host, port: endpoint.port, deadline: limit) {
                do throws(TransportError) {
                    let stream = try await Stream.connect(to: address, on: loop, deadline: limit)
                    if let security = endpoint.security { try await secure(stream, security, deadline: limit) }
                    return stream
                } catch {
                    failure = error
                }
            }
        } catch {
            failure = error
        }
        throw ClientError(connecting: failure)
    }

    private func secure(_ stream: Stream, _ security: Endpoint.Security, deadline: UInt64) async throws(TransportError) {
        stream.deadline = deadline
        do throws(TransportError) {
            try await stream.secure(as: security.context, to: security.name)
        } catch {
            stream.close()
            throw error
        }
        stream.deadline = 0
    }

    /// What happens to a connection while nobody waits on it.
    private func watch(_ stream: Stream, lane: Int) {
        stream.onEvent = { [self, unowned stream] event in
            assumeIsolated { $0.happened(event, to: stream, lane: lane) }
        }
    }

    private func happened(_ event: StreamEvent, to stream: Stream, lane: Int) {
        if let index = lanes[lane].idle.firstIndex(where: { $0.stream === stream }) {
            // The server closed it, or it has been idle for long enough.
            lanes[lane].idle.remove(at: index)
            stream.close()
            freePlace(lane)
        } else if event == .deadline, streaming.values.contains(where: { $0.stream === stream && $0.isSending }) {
            // The request's own body keeps us waiting for too long.
            stream.reset()
        }
    }

    // MARK: Responses that are left standing

    private static let relieveMilliseconds: UInt64 = 100

    private func startRelieving(_ lane: Int) {
        // On a loop that stops a timer is over at once.
        guard !lanes[lane].isRelieving, !loop.isStopping else { return }
        lanes[lane].isRelieving = true
        _ = loop.schedule(afterMilliseconds: Self.relieveMilliseconds) { [self] in assumeIsolated { $0.relieve(lane) } }
    }

    /// While requests wait, the responses that their readers have left standing longest give up their connections: a client that takes nothing of what
    /// it asked for keeps nobody else from the service.
    private func relieve(_ lane: Int) {
        lanes[lane].isRelieving = false
        let limit = loop.now - min(loop.now, configuration.standingMilliseconds)
        let standing = streaming.values.filter { $0.lane == lane && ($0.standingSince ?? .max) <= limit }
        let longest = standing.sorted { ($0.standingSince ?? 0) < ($1.standingSince ?? 0) }
        for connection in longest.prefix(lanes[lane].waiting.count) {
            givenUp.insert(connection.exchange)
            release(connection, reusable: false)
        }
        if !lanes[lane].waiting.isEmpty { startRelieving(lane) }
    }

    func nextExchange() -> UInt64 {
        lastExchange += 1
        return lastExchange
    }

    /// Waits until a connection is given back, or its place is free.
    private func permit(_ lane: Int, deadline: UInt64) async throws(ClientError) -> Permit {
        guard lanes[lane].waiting.count < configuration.maximumWaiting else { throw .overloaded }
        if loop.isStopping { throw .closed }
        lastWaiter += 1
        let number = lastWaiter
        let now = loop.now
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let timer = loop.schedule(afterMilliseconds: deadline > now ? deadline - now : 0) { [self] in
                    assumeIsolated { $0.withdraw(number, from: lane, .timeout) }
                }
                lanes[lane].waiting.append(Waiter(number: number, timer: timer, continuation: continuation))
                startRelieving(lane)
            }
        } onCancel: {
            loop.execute { [self] in assumeIsolated { $0.withdraw(number, from: lane, .cancelled) } }
        }
    }

    private func withdraw(_ number: UInt64, from lane: Int, _ error: ClientError) {
        guard let index = lanes[lane].waiting.firstIndex(where: { $0.number == number }) else { return }
        grant(lanes[lane].waiting.remove(at: index), .refused(error))
    }

    private func grant(_ waiter: Waiter, _ permit: Permit) {
        loop.cancelTimer(waiter.timer)
        waiter.continuation.resume(returning: permit)
    }

    // MARK: Giving back

    /// Ends an exchange, once.
    func release(_ connection: ClientConnection, reusable: Bool) {
        let lane = connection.lane
        if !streaming.isEmpty { streaming[connection.exchange] = nil }
        guard reusable, connection.isUsable, !isShutDown, let waiting = lanes[lane].keep(connection, atMost: configuration.maximumIdleConnections)
        else {
            // A reset, so that the server learns that nobody waits for its answer.
            if reusable { connection.stream.close() } else { connection.stream.reset() }
            return freePlace(lane)
        }
        connection.stream.deadline = loop.now + configuration.idleMilliseconds
        if waiting { grant(lanes[lane].waiting.removeFirst(), .useIdle) }
    }

    /// A connection is gone: its place is the next one's.
    func freePlace(_ lane: Int) {
        lanes[lane].open -= 1
        if !lanes[lane].waiting.isEmpty { grant(lanes[lane].waiting.removeFirst(), .connect) }
    }

    func shutDown() {
        isShutDown = true
        for lane in lanes.indices {
            while let connection = lanes[lane].idle.popLast() {
                connection.stream.close()
                lanes[lane].open -= 1
            }
        }
    }
}
