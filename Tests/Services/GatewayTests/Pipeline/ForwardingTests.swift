import Contracts
import Encodings
import HTTP
import JSON
import Observability
import Testing
import Trust

@testable import Gateway

@Suite struct ForwardingTests {
    @Test func `a caller's request reaches the service with who it is, and its answer comes back`() async throws {
        try await World.run { world in
            let token = try Pool.alpha.idToken()
            let answer = try await world.get("/dev/notes/7?limit=5", "Authorization: \(token)", "Accept: x/y")
            #expect(answer.status == 200)
            #expect(answer.body == #"{"path":"/notes/7?limit=5"}"#)
            #expect(answer.headers["x-amzn-requestid"]?.count == 36)
            #expect(answer.headers["x-amz-apigw-id"]?.count == 16)
            let call = try #require(world.notes.calls.first)
            #expect(call.context.caller == .gateway)
            #expect(call.context.source == "127.0.0.1")
            #expect(call.context.requestID.description == answer.headers["x-amzn-requestid"])
            let identity = try #require(call.context.identity)
            #expect(identity.method == .jwt)
            #expect(identity.subject == "user-1")
            #expect(identity.tenant == "us-east-1_Alpha")
            #expect(identity.username == "ada")
            #expect(identity.groups == ["users"])
            #expect(call.request.headers["accept"] == "x/y")
            #expect(call.request.headers["traceparent"]?.count == 55)
            #expect(world.notes.refusals.isEmpty)
        }
    }

    @Test func `the state of a trace goes on beside a trace that is valid, and not by itself`() async throws {
        try await World.run { world in
            let (trace, state) = ("4bf92f3577b34da6a3ce929d0e0e4736", "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE")
            let parent = "traceparent: 00-\(trace)-00f067aa0ba902b7-01"
            let cases: [([String], String?)] = [
                ([parent, "tracestate: \(state)"], state), (["Tracestate: \(state)", parent], state),
                ([parent, "tracestate: a=\(String(repeating: "x", count: 510))"], "a=\(String(repeating: "x", count: 510))"),
                ([parent, "tracestate: a=\(String(repeating: "x", count: 511))"], nil),
                ([parent, "tracestate: a=\(String(repeating: "x", count: 509))", "tracestate: b"], nil),
                ([parent, "tracestate: \(state)", "Connection: tracestate"], nil),
                (["tracestate: \(state)"], nil), (["\(parent)x", "tracestate: \(state)"], nil), ([parent, parent, "tracestate: \(state)"], nil),
            ]
            for (fields, expected) in cases {
                #expect(try await world.get("/open/1", fields.joined(separator: "\r\n")).status == 200)
                let headers = try #require(world.notes.calls.last).request.headers
                #expect(headers["tracestate"] == expected, "\(fields)")
                #expect(headers["traceparent"]?.count == 55)
            }
            #expect(world.notes.refusals.isEmpty)
        }
    }

    @Test func `fields are told apart wherever in a head they stand`() async throws {
        try await World.run { world in
            for place in [0, 57, 60, 61, 62, 63, 64, 65, 90] {
                let (before, after) = ((0..<place).map { "x-a\($0): 1" }, (place..<90).map { "x-a\($0): 1" })
                let fields = before + ["x-gone: 2", "X-Strongroom-Identity: 3", "x-stays: 4", "Connection: x-gone"] + after
                #expect(try await world.get("/open/1", fields.joined(separator: "\r\n")).status == 200)
                let headers = try #require(world.notes.calls.last).request.headers
                #expect((0..<90).allSatisfy { HeaderName("x-a\($0)".utf8.span).flatMap { headers[$0] } == "1" }, "\(place)")
                #expect(headers["x-gone"] == nil && headers["x-stays"] == "4", "\(place)")
            }
            #expect(world.notes.refusals.isEmpty)
        }
    }

    @Test func `a body goes with its request, and an open route carries nobody's identity`() async throws {
        try await World.run { world in
            let token = try Pool.alpha.idToken()
            let posted = try await world.get(
                "/notes", "Authorization: Bearer \(token)", "Content-Type: text/plain;  charset=x", method: "POST", body: "hello")
            #expect(posted.status == 200)
            #expect(world.notes.calls.last?.body == Array("hello".utf8))
            let open = try await world.get("/open/1", "Authorization: whatever")
            #expect(open.status == 200)
            #expect(world.notes.calls.last?.context.identity == .anyone)
            #expect(world.notes.calls.last?.request.headers["authorization"]?.hasPrefix("AWS4-HMAC-SHA256 ") == true)
            #expect(world.notes.refusals.isEmpty)
        }
    }

    @Test func `a chunked body is signed and sent whole`() async throws {
        try await World.run { world in
            let token = try Pool.alpha.idToken()
            let answer = try await world.raw(
                "POST /notes HTTP/1.1\r\nHost: strongroom.test\r\nConnection: close\r\nAuthorization: \(token)\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n"
            )
            #expect(answer?.status == 200)
            #expect(world.notes.calls.last?.body == Array("abcdefg".utf8))
        }
    }

    @Test func `a token seen before asks nobody anything`() async throws {
        try await World.run { world in
            let token = try Pool.alpha.idToken()
            for _ in 0..<3 { #expect(try await world.get("/notes", "Authorization: \(token)").status == 200) }
            #expect(world.identity.calls.count == 1)
            #expect(world.authorizer.calls.filter { $0.request.head.target == "/internal/v1/policy" }.count == 1)
        }
    }

    @Test func `a service's own error passes untouched`() async throws {
        try await World.run { world in
            world.notes.set { _ in
                var response = Response.json(Array(#"{"error": "Note not found"}"#.utf8), status: .notFound)
                response.headers.add("x-own", "1")
                return response
            }
            let answer = try await world.get("/notes/1", "Authorization: \(try Pool.alpha.idToken())")
            #expect(answer.status == 404)
            #expect(answer.body == #"{"error": "Note not found"}"#)
            #expect(answer.headers["x-own"] == "1")
            #expect(answer.headers["x-amzn-errortype"] == nil)
        }
    }

    @Test func `a long answer is streamed`() async throws {
        try await World.run { world in
            world.notes.set { _ in
                Response(
                    body: .stream(length: nil) { writer in
                        for _ in 0..<64 { try await writer.write([UInt8](repeating: 97, count: 10_000)) }
                    })
            }
            let answer = try await world.get("/open/1")
            #expect(answer.headers["transfer-encoding"] == "chunked")
            #expect(answer.body.filter { $0 == "a" }.count >= 640_000)
        }
    }

    @Test func `the service's slowness, absence and gibberish each have their answer`() async throws {
        try await World.run { world in
            world.notes.set { _ in
                try await Task.sleep(for: .seconds(5))
                return Response()
            }
            let slow = try await world.get("/slow")
            #expect(slow.status == 504)
            #expect(slow.body == #"{"message":"Endpoint request timed out"}"#)
            #expect(slow.headers["x-amzn-errortype"] == "InternalServerErrorException")
            await world.notes.stop()
            let away = try await world.get("/open/1")
            #expect(away.status == 503 && away.headers["retry-after"] == "1")
            #expect(away.body == #"{"message":"Service Unavailable"}"#)
        }
    }

    @Test func `new routes are taken into use, and a bad document is refused whole`() async throws {
        try await World.run { world in
            #expect(try await world.get("/later").status == 403)
            try World.replaceRoutes(world, World.routes.replacingOccurrences(of: "/open/{id}", with: "/later"))
            try await world.settle { (try? await world.get("/later").status) == 200 }
            try World.replaceRoutes(world, World.routes + "\n  /x: {get: {security: []}}\n")
            try await world.settle {
                String(decoding: world.metrics.exposition(), as: UTF8.self).contains("strongroom_gateway_routes_refused_total 1")
            }
            #expect(try await world.get("/later").status == 200)
        }
    }
}
