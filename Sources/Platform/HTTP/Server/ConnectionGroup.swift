internal import Transport

/// The connections of a server on one loop.
actor ConnectionGroup: OnLoop {
    nonisolated let loop: EventLoop
    nonisolated let configuration: ServerConfiguration
    nonisolated let errors: ErrorRenderer
    nonisolated let handler: HTTPServer.Handler
    nonisolated let drainSignal: DrainSignal
    nonisolated let tls: TLSServerContext?
    private var standing: StandingResponses
    private var isLooking = false
    private var connections: [ObjectIdentifier: any ServedConnection] = [:]
    /// Encrypted connections that are none yet.
    var handshaking: [ObjectIdentifier: Stream] = [:]
    private var drained: CheckedContinuation<Void, Never>?

    init(
        loop: EventLoop, configuration: ServerConfiguration, errors: ErrorRenderer, handler: @escaping HTTPServer.Handler,
        drainSignal: DrainSignal, tls: TLSServerContext?, standing: StandingResponses
    ) {
        self.loop = loop
        self.configuration = configuration
        self.errors = errors
        self.handler = handler
        self.drainSignal = drainSignal
        self.tls = tls
        self.standing = standing
    }

    /// Called on the loop for each new connection.
    nonisolated func accept(_ stream: Stream) {
        if let tls { return acceptEncrypted(stream, tls) }
        let connection = ServerConnection(stream: stream, group: self)
        let task = loop.spawn(name: "http connection") { [self] in await serve(connection) }
        // The peer has gone while a handler was at work, or it takes too long.
        stream.onEvent = { [cancels = configuration.cancelsWhenHalfClosed] event in
            if event != .halfClosed || cancels { task.cancel() }
        }
    }

    /// Makes room for one more handshake: each costs memory before anybody has shown anything. Where too many are under way, one of them goes, whichever: they are
    /// of those who take their time, as far as one can tell.
    func makeRoomForHandshake() {
        if handshaking.count >= configuration.maximumHandshakesPerLoop { handshaking.values.randomElement()?.close() }
    }

    /// Whether one more connection may be served.
    var hasRoom: Bool { connections.count + handshaking.count < configuration.maximumConnectionsPerLoop && !drainSignal.isDraining }

    func serve(_ connection: any ServedConnection) async {
        guard hasRoom else { return connection.close() }
        let key = ObjectIdentifier(connection)
        connections[key] = connection
        await connection.run()
        connections[key] = nil
        if connections.isEmpty, let waiting = drained {
            drained = nil
            waiting.resume()
        }
    }

    /// The connection has so many bytes of bodies to send, which its client may not take: somebody's, or of several.
    nonisolated func stands(_ bytes: Int, of owner: Int = 0, on connection: any ServedConnection) {
        assumeIsolated { group in
            group.standing.set(bytes, of: owner, for: connection, at: loop.now)
            group.startLooking()
        }
    }

    /// The client has taken them, or has gone.
    nonisolated func ended(on connection: any ServedConnection) {
        assumeIsolated { $0.standing.remove(ObjectIdentifier(connection)) }
    }

    /// Looks once a second at what stands, as long as something does.
    private func startLooking() {
        guard !isLooking else { return }
        isLooking = true
        _ = loop.schedule(afterMilliseconds: StandingResponses.graceMilliseconds) { self.assumeIsolated { $0.look() } }
    }

    private func look() {
        isLooking = false
        standing.shed(at: loop.now)
        // A loop that stops runs its timers at once, and would run this one for ever.
        if !standing.isEmpty, !loop.isStopping { startLooking() }
    }

    func drain(withinMilliseconds limit: UInt64) async {
        for stream in handshaking.values { stream.close() }
        for connection in connections.values { await connection.closeIfIdle() }
        guard !connections.isEmpty else { return }
        let timer = loop.schedule(afterMilliseconds: limit) { self.assumeIsolated { $0.closeAll() } }
        await withCheckedContinuation { drained = $0 }
        loop.cancelTimer(timer)
    }

    private func closeAll() {
        for connection in connections.values { connection.abort() }
    }
}
