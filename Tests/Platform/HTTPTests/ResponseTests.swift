import Foundation
import HTTP
import Testing
import Transport

/// Every row of Tests/Vectors/HTTP/responses.json, sent by a server that knows no HTTP.
@Suite struct ResponseTests {
    struct Row: Decodable, Sendable {
        let name: String
        let body: String?
        let error: String?
        let response: String
        var bytes: [UInt8] { response.unicodeScalars.map { UInt8($0.value) } }
    }

    struct Rows: Decodable {
        let rows: [Row]
    }

    static func rows() throws -> [Row] {
        let file = URL(filePath: #filePath).appending(path: "../../../Vectors/HTTP/responses.json").standardized
        return try JSONDecoder().decode(Rows.self, from: Data(contentsOf: file)).rows
    }

    /// Answers each connection with `bytes`, whatever it says, and closes it.
    static func withServer(_ bytes: [UInt8], _ body: (Endpoint, LoopGroup) async throws -> Void) async throws {
        let loops = LoopGroup.start(count: 1)
        let listener = try await Listener(.loopback(port: 0), on: loops) { stream in
            let client = RawClient(stream)
            stream.loop.spawn { await client.answer(bytes) }
        }
        try await body(Endpoint(host: "127.0.0.1", port: listener.address.port), loops)
        listener.close()
        loops.stop()
    }

    @Test func `every row is handed on or refused`() async throws {
        for row in try Self.rows() {
            try await Self.withServer(row.bytes) { endpoint, loops in
                let client = HTTPClient(loops: loops)
                var outcome: String
                do {
                    let response = try await client.send(ClientRequest(.get, "/"), to: endpoint)
                    outcome = "body " + String(decoding: try await response.body.collect(upTo: 100), as: UTF8.self)
                } catch ClientError.closed {
                    outcome = "closed"
                } catch ClientError.malformed {
                    outcome = "malformed"
                }
                #expect(outcome == row.error ?? "body \(row.body ?? "")", "\(row.name)")
            }
        }
    }

    @Test func `a request that may not be repeated is sent once`() async throws {
        try await Self.withServer([]) { endpoint, loops in
            let client = HTTPClient(loops: loops)
            await #expect(throws: ClientError.closed) { try await client.send(ClientRequest(.post, "/", body: .bytes([1])), to: endpoint) }
        }
    }

    @Test func `a target that would break the request line is refused`() async throws {
        try await Self.withServer([]) { endpoint, loops in
            let client = HTTPClient(loops: loops)
            for target in ["", "/a b", "/\r\nX: y", "/\u{e4}"] {
                await #expect(throws: ClientError.target) { try await client.send(ClientRequest(.get, target), to: endpoint) }
            }
        }
    }

    @Test func `a body longer than asked for is an error, and its connection is not used again`() async throws {
        let bytes = Array("HTTP/1.1 200 OK\r\nContent-Length: 20000\r\n\r\n".utf8) + [UInt8](repeating: 120, count: 20_000)
        try await Self.withServer(bytes) { endpoint, loops in
            let client = HTTPClient(loops: loops)
            let response = try await client.send(ClientRequest(.get, "/"), to: endpoint)
            await #expect(throws: ClientError.bodyTooLarge) { try await response.body.collect(upTo: 10_000) }
        }
    }
}
