import Contracts
import Testing

@testable import Gateway

@Suite struct RouteTableTests {
    func table(_ routes: [(String, String)], stages: [String] = ["dev"]) throws -> RouteTable {
        var made: [Route] = []
        for (method, path) in routes {
            made.append(
                Route(
                    index: made.count, method: method, template: try RouteTemplate(path),
                    integration: Integration(destination: .service(.notes), path: nil, timeoutMilliseconds: 1000), authorizer: nil, scopes: []))
        }
        return try RouteTable(routes: made, stages: stages)
    }

    func match(_ table: RouteTable, _ method: String, _ path: String) -> String {
        var captures: [Range<Int>] = []
        let bytes = Array(path.utf8)
        switch table.match(path: bytes.span, method: Array(method.utf8).span, captures: &captures) {
        case .route(let route, let stage):
            let values = captures.map { String(decoding: bytes[$0], as: UTF8.self) }
            return "\(route.method) \(route.template.text) \(stage)" + (values.isEmpty ? "" : " \(values.joined(separator: ","))")
        case .noMethod: return "no method"
        case .unknown: return "unknown"
        }
    }

    @Test func `both the stage's form and the bare form lead to the route`() throws {
        let table = try table([("GET", "/notes"), ("GET", "/notes/{id}"), ("GET", "/")])
        #expect(match(table, "GET", "/notes") == "GET /notes 0")
        #expect(match(table, "GET", "/dev/notes") == "GET /notes 4")
        #expect(match(table, "GET", "/dev/notes/1") == "GET /notes/{id} 4 1")
        #expect(match(table, "GET", "/prod/notes") == "unknown")
        #expect(match(table, "GET", "/dev/dev/notes") == "unknown")
        #expect(match(table, "GET", "/") == "GET / 0")
        #expect(match(table, "GET", "/dev") == "unknown")
        #expect(match(table, "GET", "/dev/") == "GET / 4")
    }

    @Test func `a literal goes before a parameter, a parameter before a greedy one, and dead ends are left`() throws {
        let table = try table([
            ("GET", "/a/b"), ("GET", "/a/{x}"), ("GET", "/a/{x}/c"), ("GET", "/a/b/d"), ("GET", "/a/{rest+}"), ("GET", "/{any+}"),
        ])
        #expect(match(table, "GET", "/a/b") == "GET /a/b 0")
        #expect(match(table, "GET", "/a/z") == "GET /a/{x} 0 z")
        #expect(match(table, "GET", "/a/b/c") == "GET /a/{x}/c 0 b")
        #expect(match(table, "GET", "/a/b/d") == "GET /a/b/d 0")
        #expect(match(table, "GET", "/a/b/e/f") == "GET /a/{rest+} 0 b/e/f")
        #expect(match(table, "GET", "/q/r") == "GET /{any+} 0 q/r")
        #expect(match(table, "GET", "/") == "unknown")
    }

    @Test func `a trailing slash is another path, a parameter is never empty, letters keep their case`() throws {
        let table = try table([("GET", "/notes"), ("GET", "/notes/{id}")])
        #expect(match(table, "GET", "/notes/") == "unknown")
        #expect(match(table, "GET", "/Notes") == "unknown")
        #expect(match(table, "GET", "/note") == "unknown")
        #expect(match(table, "GET", "/notes/1/2") == "unknown")
    }

    @Test func `a known path with another method is told apart, and ANY takes what is left`() throws {
        let table = try table([("GET", "/a"), ("ANY", "/b"), ("POST", "/b")])
        #expect(match(table, "DELETE", "/a") == "no method")
        #expect(match(table, "get", "/a") == "no method")
        #expect(match(table, "POST", "/b") == "POST /b 0")
        #expect(match(table, "PUT", "/b") == "ANY /b 0")
        #expect(match(table, "GET", "/c") == "unknown")
    }

    @Test func `two routes that match the same requests are refused`() throws {
        #expect(throws: RouteTable.Flaw.conflict("/a/{x}", "/a/{y}")) { try table([("GET", "/a/{x}"), ("GET", "/a/{y}")]) }
        #expect(throws: RouteTable.Flaw.hiddenByStage("/dev/x")) { try table([("GET", "/dev/x")]) }
    }
}
