import HTTP
import Testing
import Transport

@Suite struct ClientTests {
    static func with(
        _ configuration: ClientConfiguration = ClientConfiguration(), server: ServerConfiguration = ServerConfiguration(),
        handler: @escaping HTTPServer.Handler, _ body: (HTTPClient, Endpoint) async throws -> Void
    ) async throws {
        try await TestServer.with(server, handler: handler) { server in
            let client = HTTPClient(loops: server.loops, configuration: configuration)
            try await body(client, Endpoint(host: "127.0.0.1", port: server.server.address.port))
            await client.shutDown()
        }
    }

    static func connections(_ count: Int) -> [Int] { Array(0..<count) }

    @Test func `a request is answered and its connection used again`() async throws {
        try await Self.with {
            .text("\($0.peer.port)")
        } _: { client, endpoint in
            var ports: Set<String> = []
            for _ in 0..<5 {
                let response = try await client.send(ClientRequest(.get, "/"), to: endpoint)
                #expect(response.status == .ok)
                ports.insert(String(decoding: try await response.body.collect(upTo: 100), as: UTF8.self))
            }
            #expect(ports.count == 1)
        }
    }

    @Test func `long bodies stream both ways`() async throws {
        let handler: HTTPServer.Handler = { request in
            Response(
                body: .stream(length: nil) { writer in
                    while let piece = try await request.body.next() { try await writer.write(piece) }
                    try await writer.finish(trailers: ["x-end": "yes"])
                })
        }
        try await Self.with(handler: handler) { client, endpoint in
            let body = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            // Read and write at once: the response streams while the request does.
            var request = ClientRequest(
                .post, "/",
                body: .stream(length: nil) { writer in
                    for start in stride(from: 0, to: body.count, by: 10_000) { try await writer.write(Array(body[start..<start + 10_000])) }
                })
            request.timeoutMilliseconds = 5000
            let response = try await client.send(request, to: endpoint)
            #expect(try await response.body.collect(upTo: 1 << 20) == body)
            #expect(await response.body.trailers()?["x-end"] == "yes")
        }
    }

    @Test func `a connection that the server closed after its answer is not an error`() async throws {
        try await ResponseTests.withServer(Array("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".utf8)) { endpoint, loops in
            let client = HTTPClient(loops: loops)
            // Whether the client sees the end before it takes the connection again or only then is as the loop's turns fall.
            for _ in 0..<20 {
                let response = try await client.send(ClientRequest(.get, "/"), to: endpoint)
                #expect(response.status == .ok)
            }
            await client.shutDown()
        }
    }

    @Test func `more requests than connections wait their turn`() async throws {
        var configuration = ClientConfiguration()
        configuration.maximumConnections = 2
        try await Self.with(configuration) { request in
            .text("\(request.peer.port)")
        } _: { client, endpoint in
            let ports = try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<50 {
                    group.addTask {
                        let response = try await client.send(ClientRequest(.get, "/"), to: endpoint)
                        return String(decoding: try await response.body.collect(upTo: 100), as: UTF8.self)
                    }
                }
                return try await group.reduce(into: Set<String>()) { $0.insert($1) }
            }
            #expect(ports.count <= 2)
        }
    }

    /// One connection, taken by a long response.
    private static func withOneTaken(
        standing: UInt64, answer: @escaping @Sendable (BodyWriter) async throws -> Void,
        _ body: (HTTPClient, Endpoint, inout ResponseBody) async throws -> Void
    ) async throws {
        var configuration = ClientConfiguration()
        configuration.maximumConnections = 1
        configuration.standingMilliseconds = standing
        let handler: HTTPServer.Handler = { request in
            request.head.target == "/long" ? Response(body: .stream(length: nil, answer)) : .text("next")
        }
        try await with(configuration, handler: handler) { client, endpoint in
            var long = try await client.send(ClientRequest(.get, "/long"), to: endpoint).body
            #expect(try await long.next() != nil)
            try await body(client, endpoint, &long)
        }
    }

    private static let endless: @Sendable (BodyWriter) async throws -> Void = { writer in
        while true { try await writer.write([UInt8](repeating: 7, count: 10_000)) }
    }

    @Test func `a response that is left standing gives way to who waits for its connection`() async throws {
        try await Self.withOneTaken(standing: 20, answer: Self.endless) { client, endpoint, long in
            let next = try await client.send(ClientRequest(.get, "/"), to: endpoint)
            #expect(try await next.body.collect(upTo: 10) == Array("next".utf8))
            // The reader must not take what it has for the whole.
            await #expect(throws: ClientError.givenUp) { while try await long.next() != nil {} }
        }
    }

    @Test func `a response that is left standing keeps its connection while nobody waits`() async throws {
        try await Self.withOneTaken(standing: 0, answer: Self.endless) { _, _, long in
            try await Task.sleep(for: .milliseconds(300))
            for _ in 0..<100 { #expect(try await long.next() != nil) }
        }
    }

    @Test func `a response whose reader waits for it gives way to nobody`() async throws {
        let (mayGoOn, goOn) = AsyncStream.makeStream(of: Void.self)
        let answer: @Sendable (BodyWriter) async throws -> Void = { writer in
            try await writer.write([1])
            for await _ in mayGoOn {}
            try await writer.write([2])
        }
        // Time for the reader to begin.
        try await Self.withOneTaken(standing: 200, answer: answer) { client, endpoint, long in
            let rest = long
            // On a thread of its own, since those that tests share may be busy for longer than it has.
            let reader = EventLoop.start(name: "reader")
            defer { reader.stop() }
            let last = Task(executorPreference: reader) { try await Self.next(of: rest) }
            var request = ClientRequest(.get, "/")
            request.timeoutMilliseconds = 500
            await #expect(throws: ClientError.timeout) { try await client.send(request, to: endpoint) }
            goOn.finish()
            let piece = try await last.value
            #expect(piece == [2])
        }
    }

    private static func next(of body: ResponseBody) async throws -> [UInt8]? {
        var body = body
        return try await body.next()
    }

    @Test func `a slow answer is a timeout`() async throws {
        try await Self.with { _ in
            try await EventLoop.current?.sleep(milliseconds: 5000)
            return .text("late")
        } _: { client, endpoint in
            var request = ClientRequest(.get, "/")
            request.timeoutMilliseconds = 100
            await #expect(throws: ClientError.timeout) { try await client.send(request, to: endpoint) }
        }
    }

    @Test func `cancelling closes the connection`() async throws {
        try await Self.with { _ in
            try await EventLoop.current?.sleep(milliseconds: 5000)
            return .text("late")
        } _: { client, endpoint in
            let task = Task { try await client.send(ClientRequest(.get, "/"), to: endpoint) }
            try await Task.sleep(for: .milliseconds(20))
            task.cancel()
            await #expect(throws: ClientError.cancelled) { try await task.value }
        }
    }

    @Test func `a port where nobody listens is a typed error`() async throws {
        let loops = LoopGroup.start(count: 1)
        let server = try await HTTPServer.start(on: .loopback(port: 0), loops: loops) { _ in .text("") }
        let port = server.address.port
        await #expect(throws: TransportError.addressInUse(.loopback(port: port))) {
            try await HTTPServer.start(on: .loopback(port: port), loops: loops) { _ in .text("") }
        }
        await server.shutDown(withinMilliseconds: 0)
        let client = HTTPClient(loops: loops)
        await #expect(throws: ClientError.connect(.refused)) {
            try await client.send(ClientRequest(.get, "/"), to: Endpoint(host: "localhost", port: port))
        }
        loops.stop()
    }
}
