import Contracts
import Encodings
import HTTP
import Testing
import Trust

@testable import Gateway

/// Advisory classes: identity-header spoofing and its aliases, hop-by-hop stripping, forwarded-* trust, multi-value headers, header floods.
@Suite struct HeaderAttackTests {
    func names(_ request: Request) -> [String] {
        (0..<request.headers.count).map { String(decoding: request.headers.bytes[request.headers.nameRange(at: $0)], as: UTF8.self).lowercased() }
    }

    @Test(
        "a caller's own identity header, under any alias, reaches no service",
        arguments: [
            "x-strongroom-identity", "X-Strongroom-Identity", "X_STRONGROOM_IDENTITY", "x.strongroom.identity", "x-strongroom_identity",
            "X-Strongroom.Request-Id",
            "x-strongroom-request-id", "x-strongroom-anything", "x_strongroom.x",
        ])
    func spoofed(name: String) async throws {
        try await World.run { world in
            #expect(try await world.get("/open/1", "\(name): forged").status == 200)
            let call = try #require(world.notes.calls.last)
            #expect(call.context.identity == .anyone)
            let own = self.names(call.request).filter { $0.contains("strongroom") }
            #expect(own.sorted() == ["x-strongroom-call-id", "x-strongroom-identity", "x-strongroom-request-id"])
            #expect(!call.request.headers.bytes.contains(Array("forged".utf8)))
        }
    }

    @Test(
        "Connection takes away nothing that the gateway attaches or acts on",
        arguments: [
            "close, x-strongroom-identity", "close, authorization", "close, Authorization, x-amz-date, host",
            "close, x-strongroom-request-id, x-amz-content-sha256",
            "close, content-type, content-length", "close,,, ,x-strongroom-identity ,",
        ])
    func connection(value: String) async throws {
        try await World.run { world in
            let token = try Pool.alpha.idToken()
            let answer = try await world.raw(
                "POST /notes HTTP/1.1\r\nHost: strongroom.test\r\nConnection: \(value)\r\nAuthorization: \(token)\r\nContent-Length: 2\r\nContent-Type: text/plain\r\n\r\n{}"
            )
            #expect(answer?.status == 200)
            #expect(world.notes.calls.last?.context.identity?.subject == "user-1")
            #expect(world.notes.calls.last?.body == Array("{}".utf8))
            #expect(world.notes.refusals.isEmpty)
        }
    }

    @Test func `what belongs to the hop stays on the hop`() async throws {
        try await World.run { world in
            _ = try await world.raw(
                "GET /open/1 HTTP/1.1\r\nHost: strongroom.test\r\nConnection: close, X-Mine\r\nX-Mine: 1\r\nKeep-Alive: 5\r\nTE: trailers\r\nUpgrade: h2c\r\nProxy-Authorization: x\r\nProxy-Connection: y\r\nX-Kept: 2\r\n\r\n"
            )
            let own = self.names(try #require(world.notes.calls.last).request)
            #expect(own.contains("x-kept"))
            for name in ["x-mine", "keep-alive", "te", "upgrade", "proxy-authorization", "proxy-connection", "connection"] {
                #expect(!own.contains(name))
            }
        }
    }

    @Test(
        "what must be single and is not is refused before anything",
        arguments: [
            "Authorization: a\r\nAuthorization: b", "authorization: a\r\nAUTHORIZATION: a", "X-Api-Key: a\r\nX-Api-Key: b", "Host: other.test",
            "Content-Type: a/b\r\nContent-Type: c/d", "X-Amz-Target: a\r\nX-Amz-Target: b",
        ])
    func repeated(lines: String) async throws {
        try await World.run { world in
            let answer = try await world.get("/open/1", lines)
            #expect(answer.status == 400)
            #expect(world.notes.calls.isEmpty)
        }
    }

    @Test func `forwarded addresses are believed from configured proxies only`() async throws {
        let lines = [
            "X-Forwarded-For: 203.0.113.9", "Forwarded: for=203.0.113.9", "X-Real-IP: 203.0.113.9", "X_Forwarded_For: 203.0.113.9",
            "X-Forwarded-Proto: https",
        ]
        try await World.run { world in
            for line in lines {
                #expect(try await world.get("/open/1", line).status == 200)
                let call = try #require(world.notes.calls.last)
                #expect(call.context.source == "127.0.0.1")
                #expect(!call.request.headers.bytes.contains(Array("203.0.113.9".utf8)))
                #expect(!self.names(call.request).contains { $0.contains("forwarded") || $0 == "x-real-ip" })
            }
        }
        var options = World.Options()
        options.configuration.trustedProxies = [try #require(ClientAddress.Block("127.0.0.0/8")), try #require(ClientAddress.Block("10.0.0.0/8"))]
        try await World.run(options) { world in
            for (value, expected) in [
                ("203.0.113.9", "203.0.113.9"), ("198.51.100.1, 203.0.113.9", "203.0.113.9"), ("198.51.100.1, 203.0.113.9, 10.1.2.3", "203.0.113.9"),
                ("evil, 10.1.2.3", "10.1.2.3"), ("unknown", "127.0.0.1"), ("", "127.0.0.1"), ("2001:db8::1", "2001:db8::1"),
            ] {
                let answer = try await world.get("/open/1", "X-Forwarded-For: \(value)")
                #expect(answer.status == 200)
                #expect(world.notes.calls.last?.context.source == expected, "\(value)")
            }
        }
    }

    @Test func `a block of IPv4 addresses may be written in IPv6's clothes`() throws {
        let loopback = try #require(ClientAddress.Block("::ffff:127.0.0.0/104"))
        #expect(loopback == ClientAddress.Block("127.0.0.0/8") && loopback.contains([127, 1, 2, 3]) && !loopback.contains([128, 0, 0, 1]))
        #expect(ClientAddress.Block("::ffff:127.0.0.1") == ClientAddress.Block("127.0.0.1/32"))
        for wrong in ["::ffff:127.0.0.0/8", "::ffff:127.0.0.0/129", "127.0.0.0/33"] { #expect(ClientAddress.Block(wrong) == nil) }
    }

    @Test func `bytes that are no text open nothing`() async throws {
        try await World.run { world in
            for (name, value) in [("Authorization", [0xFF, 0xFE]), ("X-Other", [0x80, 0xC0, 0xAF]), ("Origin", [0xC3, 0x28])] as [(String, [UInt8])] {
                let head = Array("GET /notes HTTP/1.1\r\nHost: strongroom.test\r\nConnection: close\r\n\(name): ".utf8)
                let answer = try await world.raw(bytes: head + value + Array("\r\n\r\n".utf8))
                #expect(answer?.status == 401, "\(name)")
            }
            #expect(world.notes.calls.isEmpty)
        }
    }

    @Test func `a flood of fields ends at the limit`() async throws {
        try await World.run { world in
            let many = String(repeating: "a:\r\n", count: 20_000)
            let few = (0..<101).map { "a\($0): 1\r\n" }.joined()
            for fields in [many, few] {
                let answer = try await world.raw("GET /open/1 HTTP/1.1\r\nHost: strongroom.test\r\nConnection: close\r\n\(fields)\r\n")
                #expect(answer?.status == 431)
            }
            #expect(world.notes.calls.isEmpty)
        }
    }

    @Test(
        "what could be read as two requests is read as none",
        arguments: [
            "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
            "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello", "Content-Length: +5\r\n\r\nhello", "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
            "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n", "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
            "Transfer-Encoding: chunked\r\n\r\n0;\n\r\n\r\n",
            "X: a\nContent-Length: 3\r\n\r\nabc", " Folded: x\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n3\nabc\r\n0\r\n\r\n",
        ])
    func smuggled(rest: String) async throws {
        try await World.run { world in
            let answer = try await world.raw(
                "POST /notes HTTP/1.1\r\nHost: strongroom.test\r\nAuthorization: \(try Pool.alpha.idToken())\r\n\(rest)GET /open/smuggled HTTP/1.1\r\nHost: x\r\n\r\n"
            )
            #expect(answer?.status == 400)
            #expect(world.notes.calls.isEmpty)
        }
    }
}
