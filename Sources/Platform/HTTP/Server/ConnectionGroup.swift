internal import Transport

/// The connections of a server on one loop.
actor ConnectionGroup: OnLoop {
    nonisolated let loop: EventLoop
    nonisolated let configuration: ServerConfiguration
    nonisolated let errors: ErrorRenderer
    nonisolated let handler: HTTPServer.Handler
    nonisolated let drainSignal: DrainSignal
    private var connections: [ObjectIdentifier: ServerConnection] = [:]
    private var drained: CheckedContinuation<Void, Never>?

    init(
        loop: EventLoop, configuration: ServerConfiguration, errors: ErrorRenderer, handler: @escaping HTTPServer.Handler,
        drainSignal: DrainSignal
    ) {
        self.loop = loop
        self.configuration = configuration
        self.errors = errors
        self.handler = handler
        self.drainSignal = drainSignal
    }

    /// Called on the loop for each new connection.
    nonisolated func accept(_ stream: Stream) {
        let connection = ServerConnection(stream: stream, group: self)
        let task = loop.spawn(name: "http connection") { [self] in await serve(connection) }
        // The peer has gone while a handler was at work, or it takes too long.
        stream.onEvent = { [cancels = configuration.cancelsWhenHalfClosed] event in
            if event != .halfClosed || cancels { task.cancel() }
        }
    }

    private func serve(_ connection: ServerConnection) async {
        guard connections.count < configuration.maximumConnectionsPerLoop, !drainSignal.isDraining else {
            return connection.close()
        }
        let key = ObjectIdentifier(connection)
        connections[key] = connection
        await connection.run()
        connections[key] = nil
        if connections.isEmpty, let waiting = drained {
            drained = nil
            waiting.resume()
        }
    }

    func drain(withinMilliseconds limit: UInt64) async {
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
