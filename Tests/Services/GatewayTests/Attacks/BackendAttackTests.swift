import Contracts
import HTTP
import Synchronization
import Testing
import Transport
import Trust

@testable import Gateway

/// What a server outside the cluster gets to see of a caller: the request, and nothing that it could act as the caller with.
@Suite struct BackendAttackTests {
    /// Field names and bytes of each request that came.
    final class Seen: Sendable {
        let requests = Mutex<[Headers]>([])
        var last: Headers? { requests.withLock { $0.last } }
    }

    private static func names(_ headers: Headers) -> [String] {
        (0..<headers.count).map { String(decoding: headers.bytes[headers.nameRange(at: $0)], as: UTF8.self).lowercased() }
    }

    /// A world with one more server, which is none of the cluster's: by token in `X-Api-Token` on `/out`, by `Authorization` on `/usual`, and open.
    private func run(_ body: @escaping @Sendable (World, Seen) async throws -> Void) async throws {
        let loops = LoopGroup.start(count: 1, name: "backend")
        let seen = Seen()
        let server = try await HTTPServer.start(on: .loopback(port: 0), loops: loops) { request in
            seen.requests.withLock { $0.append(request.headers) }
            return Response.json(Array("{}".utf8))
        }
        let backend = "127.0.0.1:\(server.address.port)"
        func path(_ path: String, _ security: String, to host: String) -> String {
            "  \"\(path)\":\n    get:\n      responses: {}\n      security: \(security)\n"
                + "      x-amazon-apigateway-integration: {type: http_proxy, httpMethod: GET, uri: \"http://\(host)\(path)\"}\n"
        }
        let scheme = """
                Token:
                  type: apiKey
                  name: X-Api-Token
                  in: header
                  x-amazon-apigateway-authtype: cognito_user_pools
                  x-amazon-apigateway-authorizer: {type: cognito_user_pools, providerARNs: ["arn:aws:cognito-idp:*:*:userpool/*"]}
                HTTPToken:
                  type: oauth2
                  x-amazon-apigateway-authorizer: {type: jwt, jwtConfiguration: {issuer: "http://strongroom.test/us-east-1_Alpha", audience: [client]}, identitySource: $request.header.X-Other-Token}

            """
        var options = World.Options()
        options.configuration.backends = [backend]
        options.routes =
            World.routes.replacingOccurrences(of: "    IAM: {type", with: "\(scheme)    IAM: {type")
            + path("/out", "[{Token: []}]", to: backend) + path("/usual", "[{Pools: []}]", to: backend) + path("/public", "[]", to: backend)
            + path("/inside", "[{Token: []}]", to: "notes.strongroom.internal")
        let result: Result<Void, any Error>
        do { result = .success(try await World.run(options) { try await body($0, seen) }) } catch { result = .failure(error) }
        await server.shutDown(withinMilliseconds: 0)
        loops.stop()
        try result.get()
    }

    @Test func `a credential reaches no server outside, whichever field carries it and however it is spelled`() async throws {
        try await run { world, seen in
            let token = try Pool.alpha.idToken()
            let signature = String(token.suffix(40))
            for (path, field) in [
                ("/out", "X-Api-Token"), ("/usual", "Authorization"), ("/public", "Authorization"), ("/public", "x-api-token"),
                ("/public", "X_API_TOKEN"),
                ("/public", "X.Api.Token"), ("/public", "X-Api-Key"), ("/public", "X-Other-Token"),
                ("/usual", "Authorization: \(token)\r\nX-Api-Token"),
            ] {
                let answer = try await world.get(path, "\(field): \(token)", "X-Kept: 1")
                #expect(answer.status == 200, "\(path) \(field)")
                let headers = try #require(seen.last)
                #expect(!String(decoding: headers.bytes, as: UTF8.self).contains(signature), "\(path) \(field)")
                #expect(Self.names(headers).contains("x-kept") && !Self.names(headers).contains { $0.contains("strongroom") || $0.contains("amz") })
            }
        }
    }

    @Test func `a field that carries the credential still authenticates, and the service behind gets the identity instead`() async throws {
        try await run { world, seen in
            #expect(try await world.get("/out", "Authorization: \(try Pool.alpha.idToken())").status == 401)
            #expect(try await world.get("/out", "X-Api-Token: forged").status == 401)
            #expect(seen.last == nil)
            #expect(try await world.get("/inside", "X-Api-Token: \(try Pool.alpha.idToken())").status == 200)
            let call = try #require(world.notes.calls.last)
            #expect(call.context.identity?.subject == "user-1")
            #expect(!Self.names(call.request.headers).contains("x-api-token"))
            // Connection can't hide the field from the gateway.
            let answer = try await world.raw(
                "GET /inside HTTP/1.1\r\nHost: strongroom.test\r\nConnection: close, x-api-token\r\nX-Api-Token: \(try Pool.alpha.idToken())\r\n\r\n")
            #expect(answer?.status == 200)
        }
    }
}
