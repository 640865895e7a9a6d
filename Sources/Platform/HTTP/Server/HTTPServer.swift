public import Transport

/// An HTTP server: HTTP/1.1, and over TLS HTTP/2 as well.
///
/// ```
/// let loops = LoopGroup.start()
/// let router = try Router(
///     [
///         Route(.get, "/notes/{noteId}") { request in Response.json(try await store.note(request.parameter("noteId"))) },
///         Route(.post, "/notes") { request in
///             let body = try await request.body.collect(upTo: 65_536)
///             return Response.json(try await store.create(body), status: .created)
///         },
///     ], metrics: metrics)
/// let server = try await HTTPServer.start(on: .loopback(port: 0), loops: loops, errors: .json, handler: router.handler)
/// print(server.address)
/// …
/// await server.shutDown(withinMilliseconds: 10_000)
/// loops.stop()
/// ```
///
/// Each connection is one task on one loop, and its handler runs there: it may await, but never block. A handler's task is
/// cancelled when the peer resets the connection, or when it takes longer than `handlerMilliseconds`, not counting what it waited for the body.
public final class HTTPServer: Sendable {
    public typealias Handler = @Sendable (Request) async throws -> Response

    private let listener: Listener
    private let groups: [ConnectionGroup]
    private let drainSignal: DrainSignal

    /// The address it listens on; the port is filled in where 0 was asked for.
    public var address: SocketAddress { listener.address }

    private init(listener: Listener, groups: [ConnectionGroup], drainSignal: DrainSignal) {
        self.listener = listener
        self.groups = groups
        self.drainSignal = drainSignal
    }

    /// Binds and listens.
    /// - Parameters:
    ///   - tls: where it is given, every connection begins with a handshake.
    ///   - paused: told on a loop that accepts nothing for a tenth of a second, because the process has few descriptors left.
    /// - Throws: ``TransportError/addressInUse(_:)``, whose description is a sentence for the operator.
    public static func start(
        on address: SocketAddress, loops: LoopGroup, configuration: ServerConfiguration = ServerConfiguration(),
        tls: TLSServerContext? = nil, errors: ErrorRenderer = .json, paused: @escaping @Sendable () -> Void = {}, handler: @escaping Handler
    ) async throws(TransportError) -> HTTPServer {
        let drainSignal = DrainSignal()
        let standing = StandingResponses.Total(limit: configuration.standingBytes)
        let groups = loops.loops.map { loop in
            ConnectionGroup(
                loop: loop, configuration: configuration, errors: errors, handler: handler, drainSignal: drainSignal,
                tls: tls, standing: StandingResponses(standing))
        }
        let listener = try await Listener(
            address, on: loops, leaving: configuration.descriptorReserve,
            accept: { stream in
                guard let group = groups.first(where: { $0.loop === stream.loop }) else { return stream.close() }
                group.accept(stream)
            }, paused: paused)
        return HTTPServer(listener: listener, groups: groups, drainSignal: drainSignal)
    }

    /// Stops listening, closes idle connections, lets running requests end, each with `Connection: close`, and closes what is left.
    public func shutDown(withinMilliseconds limit: UInt64) async {
        drainSignal.set()
        listener.close()
        await withTaskGroup(of: Void.self) { tasks in
            for group in groups { tasks.addTask { await group.drain(withinMilliseconds: limit) } }
        }
    }
}
