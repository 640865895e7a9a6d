internal import Transport

/// A client's connections on one loop.
actor ConnectionPool: OnLoop {
    nonisolated let loop: EventLoop
    nonisolated let configuration: ClientConfiguration
    private var laneOf: [Endpoint: Int] = [:]
    private var lanes: [Lane] = []
    private var lastWaiter: UInt64 = 0
    private var isShutDown = false

    /// What belongs to one endpoint.
    private struct Lane {
        /// The latest used is last: it is the one least likely to have been closed.
        var idle: [ClientConnection] = []
        /// Connections that exist or are being made.
        var open = 0
        var waiting: [Waiter] = []
    }

    private struct Waiter {
        let number: UInt64
        let timer: UInt64
        let continuation: CheckedContinuation<Permit, Never>
    }

    private enum Permit: Sendable {
        case use(ClientConnection)
        case connect
        case refused(ClientError)
    }

    init(loop: EventLoop, configuration: ClientConfiguration) {
        self.loop = loop
        self.configuration = configuration
    }

    func send(_ request: ClientRequest, to endpoint: Endpoint) async throws(ClientError) -> ClientResponse {
        guard request.hasValidTarget else { throw .target }
        let lane = lane(endpoint)
        let deadline = loop.now + request.timeoutMilliseconds
        while true {
            if Task.isCancelled { throw .cancelled }
            let connection = try await take(lane, endpoint, deadline: deadline)
            let isReused = connection.isReused
            do throws(ClientError) {
                return try await connection.exchange(request, deadline: deadline)
            } catch {
                // The server closed an idle connection just as we took it: nothing of a response has come.
                guard error == .closed, isReused, request.isRepeatable, await connection.sawNothing else { throw error }
            }
        }
    }

    private func lane(_ endpoint: Endpoint) -> Int {
        if let lane = laneOf[endpoint] { return lane }
        lanes.append(Lane())
        laneOf[endpoint] = lanes.count - 1
        return lanes.count - 1
    }

    // MARK: Taking

    private func take(_ lane: Int, _ endpoint: Endpoint, deadline: UInt64) async throws(ClientError) -> ClientConnection {
        while let connection = lanes[lane].idle.popLast() {
            if connection.isUsable { return connection }
            connection.close()
            lanes[lane].open -= 1
        }
        if lanes[lane].open < configuration.maximumConnections {
            lanes[lane].open += 1
        } else {
            switch try await permit(lane, deadline: deadline) {
            case .use(let connection): return connection
            case .connect: break
            case .refused(let error): throw error
            }
        }
        do throws(ClientError) {
            return try await ClientConnection.connect(to: endpoint, pool: self, lane: lane, deadline: deadline)
        } catch {
            freePlace(lane)
            throw error
        }
    }

    /// Waits until a connection is given back, or its place is free.
    private func permit(_ lane: Int, deadline: UInt64) async throws(ClientError) -> Permit {
        guard lanes[lane].waiting.count < configuration.maximumWaiting else { throw .overloaded }
        lastWaiter += 1
        let number = lastWaiter
        let now = loop.now
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let timer = loop.schedule(afterMilliseconds: deadline > now ? deadline - now : 0) { [self] in
                    assumeIsolated { $0.withdraw(number, from: lane, .timeout) }
                }
                lanes[lane].waiting.append(Waiter(number: number, timer: timer, continuation: continuation))
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

    /// A connection that can be used again.
    func giveBack(_ connection: ClientConnection) {
        let lane = connection.lane
        if !lanes[lane].waiting.isEmpty { return grant(lanes[lane].waiting.removeFirst(), .use(connection)) }
        guard !isShutDown, lanes[lane].idle.count < configuration.maximumIdleConnections else {
            connection.close()
            return freePlace(lane)
        }
        connection.stream.deadline = loop.now + configuration.idleMilliseconds
        lanes[lane].idle.append(connection)
    }

    /// A connection is gone: its place is the next one's.
    func freePlace(_ lane: Int) {
        if lanes[lane].waiting.isEmpty {
            lanes[lane].open -= 1
        } else {
            grant(lanes[lane].waiting.removeFirst(), .connect)
        }
    }

    /// The server closed an idle connection, or it has been idle for long enough.
    func dropIfIdle(_ connection: ClientConnection) {
        guard let index = lanes[connection.lane].idle.firstIndex(where: { $0 === connection }) else { return }
        lanes[connection.lane].idle.remove(at: index)
        connection.close()
        freePlace(connection.lane)
    }

    func shutDown() {
        isShutDown = true
        for lane in lanes { for connection in lane.idle { dropIfIdle(connection) } }
    }
}
