import Foundation
import HTTP
import Testing

/// Every row of Tests/Vectors/HTTP/requests.json, sent to a server. After a refusal the connection is closed: what follows the
/// refused request is never read as another one.
@Suite struct FramingTests {
    struct Row: Decodable, Sendable, CustomTestStringConvertible {
        let name: String
        let status: Int
        let request: String
        var testDescription: String { name }
        var bytes: [UInt8] { request.unicodeScalars.map { UInt8($0.value) } }
    }

    struct Rows: Decodable {
        let rows: [Row]
    }

    static func rows() throws -> [Row] {
        let file = URL(filePath: #filePath).appending(path: "../../../Vectors/HTTP/requests.json").standardized
        return try JSONDecoder().decode(Rows.self, from: Data(contentsOf: file)).rows
    }

    @Test func `every row gets its status, and nothing after a refusal is read`() async throws {
        try await TestServer.with(handler: ServerTests.echo) { server in
            for row in try Self.rows() {
                let client = try await server.connect()
                try await client.send(bytes: row.bytes)
                if row.status != 200 { try await client.send("GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n") }
                await client.shutdownWrite()
                let answer = try await client.readAll()
                #expect(answer.hasPrefix("HTTP/1.1 \(row.status) "), "\(row.name): \(answer.prefix(40))")
                #expect(answer.components(of: "HTTP/1.1 ").count == 2, "\(row.name): more than one answer")
                #expect(!answer.contains("smuggled"), "\(row.name)")
                if row.status != 200 { #expect(answer.contains("Connection: close"), "\(row.name)") }
                await client.close()
            }
        }
    }

    @Test func `a head may come byte by byte`() throws {
        for row in try Self.rows() where row.status == 200 {
            let whole = Reading.ofRequests([row.bytes])
            #expect(Reading.ofRequests(row.bytes.map { [$0] }) == whole)
            #expect(whole.messages.count == 1 && whole.messages[0].complete, "\(row.name)")
        }
    }
}
