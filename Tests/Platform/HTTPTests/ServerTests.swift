import HTTP
import Observability
import Testing
import Transport

@Suite struct ServerTests {
    static let echo: HTTPServer.Handler = { request in
        let body = try await request.body.collect(upTo: 1 << 20)
        return .text("\(request.method.rawValue) \(request.head.target) \(String(decoding: body, as: UTF8.self))")
    }

    @Test func `a request gets its answer and the connection stays open`() async throws {
        try await TestServer.with(handler: Self.echo) { server in
            let client = try await server.connect()
            for round in 0..<3 {
                try await client.send("POST /a?\(round) HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello")
                let answer = try await client.read(until: "hello")
                #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
                #expect(answer.hasSuffix("POST /a?\(round) hello"))
                #expect(!answer.contains("Connection: close"))
            }
            await client.close()
        }
    }

    @Test func `pipelined requests are answered in order`() async throws {
        try await TestServer.with(handler: Self.echo) { server in
            let answer = try await server.exchange(
                "GET /1 HTTP/1.1\r\nHost: x\r\n\r\nPOST /2 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
                    + "GET /3 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            let bodies = answer.components(of: "\r\n\r\n").dropFirst().map { $0.prefix { $0 != "\r\n" && $0 != "H" } }
            #expect(answer.contains("GET /1 ") && answer.contains("POST /2 abc") && answer.hasSuffix("GET /3 "))
            #expect(bodies.count == 3)
        }
    }

    @Test func `a route gets its parameters decoded`() async throws {
        let routes = [
            Route(.get, "/notes/{id}") { .text($0.parameter("id") ?? "none") },
            Route(.post, "/notes") { _ in .text("made", status: .created) },
        ]
        let router = try Router(routes, metrics: MetricsRegistry())
        try await TestServer.with(handler: router.handler) { server in
            func get(_ line: String) async throws -> String {
                try await server.exchange("\(line) HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            }
            #expect(try await get("GET /notes/a%20b").hasSuffix("\r\n\r\na b"))
            #expect(try await get("POST /notes").hasPrefix("HTTP/1.1 201 Created"))
            let wrong = try await get("PUT /notes")
            #expect(wrong.hasPrefix("HTTP/1.1 405") && wrong.contains("allow: POST"))
            #expect(try await get("GET /").hasPrefix("HTTP/1.1 404"))
        }
    }
}

extension String {
    func components(of separator: String) -> [Substring] {
        var parts: [Substring] = []
        var rest = self[...]
        while let range = rest.firstRange(of: separator) {
            parts.append(rest[..<range.lowerBound])
            rest = rest[range.upperBound...]
        }
        return parts + [rest]
    }
}
