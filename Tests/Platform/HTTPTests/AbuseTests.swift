import HTTP
import Processes
import Synchronization
import Testing
import Transport

/// Clients that are slow, endless, greedy or gone.
@Suite struct AbuseTests {
    /// The default limits but one.
    static func with(_ limit: WritableKeyPath<ServerConfiguration, UInt64>, milliseconds: UInt64 = 200) -> ServerConfiguration {
        var configuration = ServerConfiguration()
        configuration[keyPath: limit] = milliseconds
        return configuration
    }

    @Test func `a head that never ends is 408`() async throws {
        // Long enough that a busy machine delivers the head's beginning in time: before that, there is nobody to be answered.
        try await TestServer.with(Self.with(\.headMilliseconds, milliseconds: 4000), handler: ServerTests.echo) { server in
            let answer = try await server.exchange("GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ")
            #expect(answer.hasPrefix("HTTP/1.1 408 "))
        }
    }

    @Test func `a client that says nothing is let go`() async throws {
        try await TestServer.with(Self.with(\.headMilliseconds), handler: ServerTests.echo) { server in
            let answer = try await server.exchange("")
            #expect(answer == "")
        }
    }

    @Test func `a body that never ends is 408`() async throws {
        try await TestServer.with(Self.with(\.bodyMilliseconds), handler: ServerTests.echo) { server in
            let answer = try await server.exchange("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc")
            #expect(answer.hasPrefix("HTTP/1.1 408 "))
        }
    }

    @Test func `200,000 tiny fields are 431 after the first hundred`() async throws {
        try await TestServer.with(handler: ServerTests.echo) { server in
            let client = try await server.connect()
            try await client.send("GET / HTTP/1.1\r\nHost: x\r\n")
            let fields = Array(String(repeating: "a:b\r\n", count: 200_000).utf8)
            async let sent: Void = client.sendQuietly(fields)
            #expect(try await client.readAll().hasPrefix("HTTP/1.1 431 "))
            await sent
            await client.close()
        }
    }

    @Test func `a head of 10,240 bytes is read, and of one more is 431`() async throws {
        try await TestServer.with(handler: ServerTests.echo) { server in
            let start = "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX: "
            let room = 10_240 - start.utf8.count - 4
            let answer1 = try await server.exchange(start + String(repeating: "x", count: room) + "\r\n\r\n")
            #expect(answer1.hasPrefix("HTTP/1.1 200 "))
            let answer2 = try await server.exchange(start + String(repeating: "x", count: room + 1) + "\r\n\r\n")
            #expect(answer2.hasPrefix("HTTP/1.1 431 "))
            let answer3 = try await server.exchange("GET /" + String(repeating: "x", count: 20_000))
            #expect(answer3.hasPrefix("HTTP/1.1 431 "))
        }
    }

    @Test func `an announced body beyond the limit is 413 before any of it is read`() async throws {
        try await TestServer.with(handler: ServerTests.echo) { server in
            let answer = try await server.exchange("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10485761\r\n\r\n")
            #expect(answer.hasPrefix("HTTP/1.1 413 ") && answer.contains("Connection: close"))
        }
    }

    @Test func `a chunked body beyond the limit is 413`() async throws {
        var configuration = ServerConfiguration()
        configuration.maximumBodyBytes = 1000
        try await TestServer.with(configuration, handler: ServerTests.echo) { server in
            let chunk = "3e8\r\n" + String(repeating: "x", count: 1000) + "\r\n"
            let answer = try await server.exchange("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n\(chunk)\(chunk)0\r\n\r\n")
            #expect(answer.hasPrefix("HTTP/1.1 413 "))
        }
    }

    @Test func `bodies beyond the budget of all connections are 503, and the budget comes back`() async throws {
        let whole = BodyBudget(limit: 10_000)
        let (mine, yours) = (BodyBudget(limit: 8_000, within: whole), BodyBudget(limit: 20_000, within: whole))
        try await TestServer.with { request in
            .text(try await request.body.collect(upTo: 100_000, within: request.headers.contains("x-mine") ? mine : yours).count.description)
        } _: { server in
            func post(_ count: Int, _ field: String = "") async throws -> String {
                try await server.exchange(
                    "POST / HTTP/1.1\r\nHost: x\r\n\(field)Connection: close\r\nContent-Length: \(count)\r\n\r\n\(String(repeating: "x", count: count))"
                )
            }
            let refused = try await post(10_001)
            #expect(refused.hasPrefix("HTTP/1.1 503 ") && refused.contains("retry-after"))
            #expect(try await post(10_000).hasPrefix("HTTP/1.1 200 "))
            #expect(try await post(8_001, "X-Mine: 1\r\n").hasPrefix("HTTP/1.1 429 "))
            #expect(try await post(8_000, "X-Mine: 1\r\n").hasPrefix("HTTP/1.1 200 "))
            #expect([whole, mine, yours].map(\.inUse) == [0, 0, 0])
        }
    }

    @Test func `a body that is announced as short finds room where there is none, and can be read once`() async throws {
        let full = BodyBudget(limit: 0)
        try await TestServer.with { request in
            let body = try await request.body.collect(upTo: 8192, within: full)
            await #expect(throws: HTTPError.bodyUnavailable) { try await request.body.collect(upTo: 8192) }
            return .text(body.count.description)
        } _: { server in
            func post(_ count: Int, _ fields: String = "") -> String {
                "POST / HTTP/1.1\r\nHost: x\r\n\(fields)Content-Length: \(count)\r\n\r\n\(String(repeating: "x", count: count))"
            }
            // Another request behind the body is one of its own.
            let both = try await server.exchange(post(4096) + post(7, "Connection: close\r\n"))
            #expect(both.contains("\r\n\r\n4096HTTP/1.1 200 ") && both.hasSuffix("\r\n\r\n7"))
            #expect(try await server.exchange(post(7, "Connection: close\r\nExpect: 100-continue\r\n")).hasSuffix("\r\n\r\n7"))
            // Nobody knows how long a body in chunks will be.
            let chunked = "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n7\r\nxxxxxxx\r\n0\r\n\r\n"
            for refused in [post(4097, "Connection: close\r\n"), chunked] {
                #expect(try await server.exchange(refused).hasPrefix("HTTP/1.1 503 "))
            }
        }
    }

    @Test func `a handler that takes too long is cancelled and answered 503`() async throws {
        try await TestServer.with(Self.with(\.handlerMilliseconds)) { _ in
            try await EventLoop.current?.sleep(milliseconds: 60_000)
            return .text("late")
        } _: { server in
            let answer = try await server.exchange("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(answer.hasPrefix("HTTP/1.1 503 "))
        }
    }

    @Test func `a body that takes longer than a handler may leaves the handler its time`() async throws {
        var configuration = Self.with(\.handlerMilliseconds, milliseconds: 1_000)
        configuration.bodyMilliseconds = 600_000
        try await TestServer.with(configuration) { request in
            _ = try await request.body.collect(upTo: 100)
            try await EventLoop.current?.sleep(milliseconds: 600_000)
            return .text("late")
        } _: { server in
            let client = try await server.connect()
            try await client.send("POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 3\r\n\r\nab")
            try await server.loops.loops[0].sleep(milliseconds: 2_000)
            // However late a busy machine ends the handler, it is never before its time, which begins with the last byte.
            let whole = SystemClock.monotonicNanoseconds()
            try await client.send("c")
            #expect(try await client.readAll().hasPrefix("HTTP/1.1 503 "))
            #expect(SystemClock.monotonicNanoseconds() - whole >= 500_000_000)
            await client.close()
        }
    }

    @Test func `a client that resets cancels its handler`() async throws {
        let cancelled = AsyncStream.makeStream(of: Bool.self)
        try await TestServer.with { _ in
            do {
                try await EventLoop.current?.sleep(milliseconds: 60_000)
            } catch {
                cancelled.continuation.yield(true)
            }
            return .text("late")
        } _: { server in
            let client = try await server.connect()
            try await client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            try await server.loops.loops[0].sleep(milliseconds: 50)
            await client.reset()
            for await was in cancelled.stream {
                #expect(was)
                break
            }
        }
    }

    @Test func `a client that ends its direction still gets its answer`() async throws {
        try await TestServer.with { _ in
            try await EventLoop.current?.sleep(milliseconds: 50)
            return .text("late, but here")
        } _: { server in
            let client = try await server.connect()
            try await client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            await client.shutdownWrite()
            #expect(try await client.readAll().hasSuffix("late, but here"))
        }
    }

    @Test func `a client that reads nothing is let go`() async throws {
        let ended = AsyncStream.makeStream(of: Bool.self)
        try await TestServer.with(Self.with(\.writeMilliseconds)) { _ in
            Response(
                body: .stream(length: nil) { writer in
                    do {
                        while true { try await writer.write([UInt8](repeating: 120, count: 65_536)) }
                    } catch {
                        ended.continuation.yield(true)
                        throw error
                    }
                })
        } _: { server in
            let client = try await server.connect()
            try await client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            for await was in ended.stream {
                #expect(was)
                break
            }
            await client.close()
        }
    }

    @Test func `a client that goes on taking a long body has all of it, however long that takes`() async throws {
        // Far more than sockets hold, and pieces after which a socket takes more, which it doesn't before a third of what it holds is gone.
        let body = [UInt8](repeating: 120, count: 24 << 20)
        try await TestServer.with(Self.with(\.writeMilliseconds, milliseconds: 3000)) { _ in
            Response(body: .bytes(body))
        } _: { server in
            let client = try await server.connect()
            try await client.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            // On the loop alone: the threads that tests run on may be taken for longer than the server waits.
            let count = try await Task(executorPreference: client.loop) { try await client.count(pausing: 1000) }.value
            #expect(count > body.count)
        }
    }

    @Test func `100 Continue is sent when the handler wants the body, not before`() async throws {
        try await TestServer.with { request in
            if request.head.target == "/no" { return .text("no", status: .forbidden) }
            return .text(String(decoding: try await request.body.collect(upTo: 100), as: UTF8.self))
        } _: { server in
            let client = try await server.connect()
            try await client.send("POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n")
            #expect(try await client.read(until: "\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n")
            try await client.send("hello")
            #expect(try await client.read(until: "hello").hasPrefix("HTTP/1.1 200 "))
            try await client.send("POST /no HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n")
            let refused = try await client.readAll()
            #expect(refused.hasPrefix("HTTP/1.1 403 ") && refused.contains("Connection: close"))
        }
    }

    @Test func `a header value can't end its line`() async throws {
        try await TestServer.with { _ in
            Response(.ok, headers: ["x-evil": "a\r\nSet-Cookie: b\u{0}c"])
        } _: { server in
            let answer = try await server.exchange("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            #expect(answer.contains("x-evil: a  Set-Cookie: b c\r\n"))
        }
    }

    @Test func `draining lets a request end and takes no more`() async throws {
        let started = AsyncStream.makeStream(of: Void.self)
        let loops = LoopGroup.start(count: 2)
        let server = try await HTTPServer.start(on: .loopback(port: 0), loops: loops) { request in
            started.continuation.yield()
            for _ in 0..<1000 where !request.isDraining { try await EventLoop.current?.sleep(milliseconds: 10) }
            return .text(request.isDraining ? "draining" : "not draining")
        }
        let busy = try await RawClient.connect(to: server.address, on: loops.loops[0])
        let idle = try await RawClient.connect(to: server.address, on: loops.loops[0])
        try await busy.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        for await _ in started.stream { break }
        async let drained: Void = server.shutDown(withinMilliseconds: 20_000)
        #expect(try await idle.readAll() == "")
        let answer = try await busy.readAll()
        #expect(answer.contains("Connection: close") && answer.hasSuffix("draining") && !answer.hasSuffix("not draining"))
        await drained
        await #expect(throws: TransportError.refused) { _ = try await RawClient.connect(to: server.address, on: loops.loops[0]) }
        loops.stop()
    }

    @Test func `chunk extensions and tiny chunks have their limits`() async throws {
        try await TestServer.with(handler: ServerTests.echo) { server in
            let head = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
            let long = "1;" + String(repeating: "a", count: 300) + "\r\nx\r\n0\r\n\r\n"
            let answer1 = try await server.exchange(head + long)
            #expect(answer1.hasPrefix("HTTP/1.1 400 "))
            let many = String(repeating: "1;aaaaaaaa\r\nx\r\n", count: 600) + "0\r\n\r\n"
            let answer2 = try await server.exchange(head + many)
            #expect(answer2.hasPrefix("HTTP/1.1 400 "))
        }
    }
}
