import Foundation
import HTTP
import JSON
import Testing
import Trust

@testable import Gateway

/// Advisory class: path normalisation bypass. Router, ARN, identity and forwarded request read one canonical path, or there is none.
@Suite struct PathAttackTests {
    struct Vectors: Decodable {
        let refused: [[String]]
    }

    @Test func `no ambiguous target is routed, whatever it looks like`() async throws {
        let file = URL(filePath: #filePath).appending(path: "../../../../Vectors/canonical-targets.json").standardized
        let vectors = try JSONDecoder().decode(Vectors.self, from: Data(contentsOf: file)).refused.map { $0[0] }
        try await World.run { world in
            let token = try Pool.alpha.idToken()
            for target in vectors {
                let answer = try await world.raw(
                    "GET \(target) HTTP/1.1\r\nHost: strongroom.test\r\nConnection: close\r\nAuthorization: \(token)\r\n\r\n")
                let status = answer?.status ?? 400
                #expect(status == 400, "\(target)")
            }
            #expect(world.notes.calls.isEmpty)
        }
    }

    @Test func `every spelling of one path is one path to the policy, the identity and the service`() async throws {
        try await World.run { world in
            let token = try Pool.alpha.idToken()
            for target in ["/notes/abc", "/%6eotes/%61bc", "/dev/notes/a%62c", "http://strongroom.test/notes/abc"] {
                let answer = try await world.get(target, "Authorization: \(token)")
                #expect(answer.status == 200, "\(target)")
                #expect(world.notes.calls.last?.request.head.target == "/notes/abc")
            }
            // The identity of each was bound to the path it came with, or the service would have refused it.
            #expect(world.notes.refusals.isEmpty)
        }
    }

    @Test func `a stage can't be smuggled in twice, and an encoded stage is a stage`() async throws {
        try await World.run { world in
            let token = try Pool.alpha.idToken()
            #expect(try await world.get("/dev/dev/notes", "Authorization: \(token)").status == 403)
            #expect(try await world.get("/%64ev/notes", "Authorization: \(token)").status == 200)
            #expect(world.notes.calls.last?.request.head.target == "/notes")
        }
    }

    @Test func `the method can't be overridden beside the method`() async throws {
        try await World.run { world in
            let reader = try Pool.alpha.idToken(["cognito:groups": ["reader"]])
            for name in ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override", "x_http_method_override"] {
                let answer = try await world.get("/notes", "Authorization: \(reader)", "\(name): DELETE")
                #expect(answer.status == 200)
                let call = try #require(world.notes.calls.last)
                #expect(call.request.method == .get)
                for index in 0..<call.request.headers.count {
                    let own = String(decoding: call.request.headers.bytes[call.request.headers.nameRange(at: index)], as: UTF8.self)
                    #expect(!own.lowercased().contains("override") && own.lowercased() != "x-http-method")
                }
            }
        }
    }

    @Test func `methods that tunnel or echo have no route`() async throws {
        try await World.run { world in
            for line in ["TRACE /notes", "CONNECT strongroom.test:443", "CONNECT /notes", "get /notes", "BREW /notes"] {
                let answer = try await world.raw("\(line) HTTP/1.1\r\nHost: strongroom.test\r\nConnection: close\r\n\r\n")
                #expect([400, 403].contains(answer?.status ?? 400), "\(line)")
            }
            #expect(world.notes.calls.isEmpty)
        }
    }
}
