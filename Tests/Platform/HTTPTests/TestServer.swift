import HTTP
import Testing
import Transport

/// A server on port 0 with loops of its own, and a raw connection to it: bytes out, bytes back.
struct TestServer {
    let loops: LoopGroup
    let server: HTTPServer

    static func with(
        _ configuration: ServerConfiguration = .patient, loops count: Int = 1, errors: ErrorRenderer = .json,
        handler: @escaping HTTPServer.Handler, _ body: (TestServer) async throws -> Void
    ) async throws {
        let loops = LoopGroup.start(count: count, name: "test")
        let server = try await HTTPServer.start(
            on: .loopback(port: 0), loops: loops, configuration: configuration, errors: errors, handler: handler)
        do {
            try await body(TestServer(loops: loops, server: server))
        } catch {
            await server.shutDown(withinMilliseconds: 0)
            loops.stop()
            throw error
        }
        await server.shutDown(withinMilliseconds: 0)
        loops.stop()
    }

    func connect() async throws -> RawClient { try await RawClient.connect(to: server.address, on: loops.loops[0]) }

    /// Sends `text` on a connection of its own and returns all that comes back until the server closes.
    func exchange(_ text: String) async throws -> String {
        let client = try await connect()
        try await client.send(text)
        let answer = try await client.readAll()
        await client.close()
        return answer
    }
}

extension ServerConfiguration {
    /// Between a test's connecting and its sending, other tests may have the processors: under a sanitizer for longer than the ten seconds that a server waits.
    static var patient: ServerConfiguration {
        var configuration = ServerConfiguration()
        configuration.headMilliseconds = 60_000
        return configuration
    }
}

/// A connection without any idea of HTTP.
actor RawClient: OnLoop {
    nonisolated let loop: EventLoop
    private let stream: Stream

    init(_ stream: Stream) {
        loop = stream.loop
        self.stream = stream
    }

    static func connect(to address: SocketAddress, on loop: EventLoop) async throws -> RawClient {
        try await Task(executorPreference: loop) {
            let stream = try await connectStream(to: address, on: loop)
            stream.deadline = loop.now + 60_000
            return RawClient(stream)
        }.value
    }

    @concurrent
    private static func connectStream(to address: SocketAddress, on loop: EventLoop) async throws -> Stream {
        try await Stream.connect(to: address, on: loop)
    }

    func send(_ text: String) async throws { try await stream.write(Array(text.utf8)) }
    func send(bytes: [UInt8]) async throws { try await stream.write(bytes) }
    /// As a server: waits for something, answers with `bytes` and ends.
    func answer(_ bytes: [UInt8]) async {
        do {
            _ = try await stream.fill()
            try await stream.write(bytes)
        } catch {}
        stream.consume(stream.unreadCount)
        stream.close()
    }

    /// The server may stop reading before the end.
    func sendQuietly(_ bytes: [UInt8]) async {
        do { try await stream.write(bytes) } catch {}
    }
    func reset() { stream.reset() }
    func shutdownWrite() { stream.shutdownWrite() }
    func close() { stream.close() }

    private func take() -> String {
        let text = stream.withUnread { span in String(decoding: span.indices.map { span[$0] }, as: UTF8.self) }
        stream.consume(stream.unreadCount)
        return text
    }

    /// A reset ends what can be read, too.
    private func more() async -> Bool {
        do {
            return try await stream.fill()
        } catch {
            return false
        }
    }

    func readAll() async throws -> String {
        var text = ""
        while true {
            text += take()
            if await !more() { return text + take() }
        }
    }

    /// Reads to the end with a pause after each 4 MiB. Returns how much that was.
    func count(pausing milliseconds: UInt64) async throws -> Int {
        var (count, pausedAt) = (0, 0)
        repeat {
            count += stream.unreadCount
            stream.consume(stream.unreadCount)
            if count - pausedAt >= 4 << 20 {
                pausedAt = count
                try await loop.sleep(milliseconds: milliseconds)
            }
            // More may have come meanwhile than is waited for.
        } while stream.unreadCount > 0 ? true : await more()
        return count
    }

    /// Reads until what has come contains `mark`.
    func read(until mark: String) async throws -> String {
        var text = ""
        while true {
            text += take()
            if text.contains(mark) { return text }
            guard try await stream.fill() else { return text }
        }
    }
}
