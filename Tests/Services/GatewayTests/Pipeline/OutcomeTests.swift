import Bootstrap
import Contracts
import Crypto
import Encodings
import HTTP
import JSON
import Observability
import SigV4
import Testing
import Tokens
import Trust

@testable import Gateway

/// The outcome matrix of the gateway's contract, for the authorizers there are.
@Suite struct OutcomeTests {
    func expect(_ answer: World.Answer, _ status: Int, _ type: String?, _ body: String, _ location: SourceLocation = #_sourceLocation) {
        #expect(answer.status == status, sourceLocation: location)
        #expect(answer.body == body, sourceLocation: location)
        #expect(answer.headers["x-amzn-errortype"] == type, sourceLocation: location)
        #expect(answer.headers["content-type"] == "application/json", sourceLocation: location)
        #expect(answer.headers["x-amzn-requestid"]?.count == 36, sourceLocation: location)
        #expect(answer.headers["x-amz-apigw-id"]?.hasSuffix("=") == true, sourceLocation: location)
        #expect(answer.headers["content-length"] == "\(body.utf8.count)", sourceLocation: location)
    }

    static let unauthorized = #"{"message":"Unauthorized"}"#

    @Test func `a user pool's route: no token, an empty one, a malformed one, another's, an old one`() async throws {
        try await World.run { world in
            let pool = Pool.alpha
            let rejected: [(String, String?)] = [
                ("nothing", nil), ("empty", ""), ("blank bearer", "Bearer "), ("malformed", "invalid.token.here"), ("words", "a b c"),
                ("no signature", try pool.idToken().split(separator: ".").dropLast().joined(separator: ".") + "."),
                ("another's signature", try Pool.beta.signer.sign(JSON.encode(.object(pool.idClaims())))),
                ("an access token", try pool.accessToken()),
                ("no use", try pool.idToken(without: "token_use")),
                ("no subject", try pool.idToken(without: "sub")),
                ("no audience", try pool.idToken(["aud": []])),
                ("two audiences", try pool.idToken(["aud": ["client", "other"]])),
                ("foreign issuer", try pool.idToken(["iss": "http://evil.test/us-east-1_Alpha"])),
                ("unknown pool", try pool.idToken(["iss": .string("\(World.publicURL)/us-east-1_Nowhere")])),
                ("no expiry", try pool.idToken(without: "exp")),
                ("not yet", try pool.idToken(["nbf": .number(JSONNumber(Timestamp.now.seconds + 600))])),
            ]
            for (name, token) in rejected {
                let answer = if let token { try await world.get("/notes", "Authorization: \(token)") } else { try await world.get("/notes") }
                #expect(answer.status == 401 && answer.body == Self.unauthorized, "\(name)")
                #expect(answer.headers["x-amzn-errortype"] == "UnauthorizedException", "\(name)")
            }
            expect(try await world.get("/notes"), 401, "UnauthorizedException", Self.unauthorized)
            let old = try pool.idToken(["exp": .number(JSONNumber(Timestamp.now.seconds - 1))])
            expect(
                try await world.get("/notes", "Authorization: \(old)"), 401, "UnauthorizedException", #"{"message":"The incoming token has expired"}"#
            )
            #expect(world.notes.calls.isEmpty)
        }
    }

    @Test func `a token that was good expires in the cache too`() async throws {
        try await World.run { world in
            let token = try Pool.alpha.idToken(["exp": .number(JSONNumber(Timestamp.now.seconds + 30))])
            #expect(try await world.get("/notes", "Authorization: \(token)").status == 200)
            world.clock.advance(seconds: 31)
            expect(
                try await world.get("/notes", "Authorization: \(token)"), 401, "UnauthorizedException",
                #"{"message":"The incoming token has expired"}"#)
        }
    }

    @Test func `scopes ask for an access token that has one of them`() async throws {
        try await World.run { world in
            #expect(try await world.get("/scoped", "Authorization: \(try Pool.alpha.accessToken())").status == 200)
            expect(
                try await world.get("/scoped", "Authorization: \(try Pool.alpha.accessToken(["scope": "openid"]))"), 401,
                "UnauthorizedException", Self.unauthorized)
            expect(
                try await world.get("/scoped", "Authorization: \(try Pool.alpha.idToken(["scope": "notes/read"]))"), 401,
                "UnauthorizedException", Self.unauthorized)
        }
    }

    @Test func `a route of one pool lets no other pool in`() async throws {
        try await World.run { world in
            #expect(try await world.get("/one", "Authorization: \(try Pool.alpha.idToken())").status == 200)
            expect(try await world.get("/one", "Authorization: \(try Pool.beta.idToken())"), 401, "UnauthorizedException", Self.unauthorized)
            #expect(try await world.get("/notes", "Authorization: \(try Pool.beta.idToken())").status == 200)
            #expect(world.notes.calls.last?.context.identity?.tenant == "us-east-1_Beta")
        }
    }

    @Test func `an HTTP API's JWT authorizer answers in its own words`() async throws {
        try await World.run { world in
            let token = try Pool.alpha.accessToken()
            #expect(try await world.get("/jwt", "Authorization: Bearer \(token)").status == 200)
            let none = try await world.get("/jwt")
            #expect(none.status == 401 && none.headers["www-authenticate"] == "Bearer" && none.headers["x-amzn-errortype"] == nil)
            let audience = try await world.get("/jwt", "Authorization: \(try Pool.alpha.accessToken(["client_id": "other"]))")
            #expect(audience.status == 401)
            #expect(
                audience.headers["www-authenticate"]
                    == #"Bearer scope="" error="invalid_token" error_description="the token does not have a valid audience""#)
            let old = try await world.get(
                "/jwt", "Authorization: \(try Pool.alpha.accessToken(["exp": .number(JSONNumber(Timestamp.now.seconds - 1))]))")
            #expect(old.headers["www-authenticate"]?.contains("the token has expired") == true)
            #expect(try await world.get("/jwt", "Authorization: \(try Pool.beta.accessToken())").status == 401)
            // What its roles say is asked for, as with an id token.
            let role = "arn:aws:iam::123456789012:role/r"
            #expect(try await world.get("/jwt", "Authorization: \(try Pool.alpha.accessToken(["cognito:roles": [.string(role)]]))").status == 200)
            let asked = try world.authorizer.calls.filter { $0.request.head.target == "/internal/v1/policy" }.map { try JSON.parse($0.body.span) }
            #expect(asked.last?["roles"] == [.string(role)])
            for group in ["denied", "nobody"] {
                let refused = try await world.get("/jwt", "Authorization: \(try Pool.alpha.accessToken(["cognito:groups": [.string(group)]]))")
                expect(refused, 403, nil, #"{"message":"Forbidden"}"#)
                #expect(refused.headers["www-authenticate"] == nil)
            }
        }
    }

    @Test func `policies deny explicitly, implicitly, and by method`() async throws {
        try await World.run { world in
            func token(_ group: String) throws -> String { try Pool.alpha.idToken(["sub": .string(group), "cognito:groups": [.string(group)]]) }
            expect(
                try await world.get("/notes", "Authorization: \(try token("denied"))"), 403, "AccessDeniedException",
                #"{"Message":"User is not authorized to access this resource with an explicit deny in an identity-based policy"}"#)
            expect(
                try await world.get("/notes", "Authorization: \(try token("nobody"))"), 403, "AccessDeniedException",
                #"{"Message":"User is not authorized to access this resource because no identity-based policy allows the execute-api:Invoke action"}"#
            )
            let reader = try token("reader")
            #expect(try await world.get("/notes", "Authorization: \(reader)").status == 200)
            // The document is kept, the verdict is not: the same token, another method.
            #expect(try await world.get("/notes", "Authorization: \(reader)", method: "POST", body: "{}").status == 403)
            #expect(try await world.get("/notes", "Authorization: \(reader)").status == 200)
            #expect(world.authorizer.calls.filter { $0.request.head.target == "/internal/v1/policy" }.count == 3)
        }
    }

    @Test func `a role taken away is gone from every cache within a second`() async throws {
        try await World.run { world in
            let state = Shared(1)
            world.authorizer.answerAsAuthorizer { state.value }
            let token = try Pool.alpha.idToken()
            // The long poll that was under way ends first.
            try await world.settle { (try? await world.get("/notes", "Authorization: \(token)").status) == 200 }
            let base = world.authorizer.calls.filter { $0.request.head.target == "/internal/v1/policy" }.count
            #expect(try await world.get("/notes", "Authorization: \(token)").status == 200)
            #expect(world.authorizer.calls.filter { $0.request.head.target == "/internal/v1/policy" }.count == base)
            state.value = 2
            try await world.settle {
                _ = try? await world.get("/notes", "Authorization: \(token)")
                return world.authorizer.calls.filter { $0.request.head.target == "/internal/v1/policy" }.count > base
            }
        }
    }

    @Test func `an authorizer that is down or speaks gibberish lets nobody in`() async throws {
        try await World.run { world in
            world.authorizer.setDown(true)
            let answer = try await world.get("/notes", "Authorization: \(try Pool.alpha.idToken())")
            expect(answer, 503, "ServiceUnavailableException", #"{"message":"Service Unavailable"}"#)
            #expect(answer.headers["retry-after"] == "1")
            world.authorizer.setDown(false)
            let broken = [
                "", "{", "null", "{}", #"{"ttl":300}"#, #"{"ttl":300,"policyDocument":{}}"#,
                #"{"ttl":"x","policyDocument":{"Version":"2012-10-17","Statement":[]}}"#,
                #"{"ttl":300,"policyDocument":{"Version":"2012-10-17","Statement":[{"Effect":"allow","Action":"*","Resource":"*"}]}}"#,
                #"{"ttl":300,"policyDocument":{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Condition":{}}]}}"#,
                #"{"ttl":300,"ttl":0,"policyDocument":{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}}"#,
            ]
            for text in broken {
                world.authorizer.set { _ in Response.json(Array(text.utf8)) }
                let answer = try await world.get("/notes", "Authorization: \(try Pool.alpha.idToken(["jti": .string(text)]))")
                #expect(answer.status == 500 && answer.body == #"{"message":null}"#, "\(text)")
            }
            #expect(world.notes.calls.isEmpty)
        }
    }

    @Test func `keys that can't be had let nobody in, and say so`() async throws {
        try await World.run { world in
            world.identity.setDown(true)
            let answer = try await world.get("/notes", "Authorization: \(try Pool.alpha.idToken())")
            expect(answer, 503, "ServiceUnavailableException", #"{"message":"Service Unavailable"}"#)
            #expect(world.notes.calls.isEmpty)
        }
    }

    @Test func `what has no route is told as API Gateway tells it`() async throws {
        try await World.run { world in
            let missing = #"{"message":"Missing Authentication Token"}"#
            for target in ["/nothing", "/dev/nothing", "/prod/notes", "/notes/", "/Notes", "/notes/1/2"] {
                expect(try await world.get(target), 403, "MissingAuthenticationTokenException", missing)
            }
            expect(try await world.get("/notes", method: "DELETE"), 403, "MissingAuthenticationTokenException", missing)
            let bearer = try await world.get("/nothing", "Authorization: Bearer abc")
            #expect(bearer.status == 403)
            #expect(bearer.headers["x-amzn-errortype"] == "IncompleteSignatureException")
            #expect(
                bearer.body.hasPrefix(
                    #"{"message":"Invalid key=value pair (missing equal-sign) in Authorization header (hashed with SHA-256 and encoded with Base64): '"#
                ))
        }
    }

    @Test func `limits of head, target and body have their statuses`() async throws {
        try await World.run { world in
            let long = try await world.get("/notes", "X-Long: \(String(repeating: "a", count: 11_000))")
            expect(long, 431, "BadRequestException", #"{"message":"Request Header Fields Too Large"}"#)
            let token = try Pool.alpha.idToken()
            let target = try await world.get("/notes/\(String(repeating: "a", count: 1_600))", "Authorization: \(token)")
            expect(target, 414, "BadRequestException", #"{"message":"Request URI too long"}"#)
            // Its route is known, all the same.
            let counted = String(decoding: world.metrics.exposition(), as: UTF8.self)
            #expect(counted.contains(#"strongroom_requests_total{method="GET",route="/notes/{id}",status="4xx"} 1"#))
            let body = try await world.raw(
                "POST /notes HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: \(token)\r\nContent-Length: 10485761\r\n\r\n")
            expect(try #require(body), 413, "RequestTooLargeException", #"{"message":"Request Too Long"}"#)
            #expect(world.notes.calls.isEmpty)
        }
    }

    @Test func `CORS: preflights are answered, and every answer of a gateway that allows an origin says so`() async throws {
        try await World.run { world in
            let preflight = try await world.get(
                "/dev/notes", "Origin: https://app.test", "Access-Control-Request-Method: POST", method: "OPTIONS")
            #expect(preflight.status == 204)
            #expect(preflight.headers["access-control-allow-origin"] == "https://app.test")
            #expect(preflight.headers["access-control-allow-methods"] == "GET,POST")
            #expect(preflight.headers["access-control-allow-headers"] == "authorization")
            #expect(preflight.headers["access-control-max-age"] == "60")
            let refused = try await world.get("/notes", "Origin: https://app.test")
            #expect(refused.status == 401 && refused.headers["access-control-allow-origin"] == "https://app.test")
            #expect(refused.headers["vary"] == "Origin")
            #expect(try await world.get("/nothing", "Origin: https://app.test").headers["access-control-allow-origin"] == "https://app.test")
            #expect(try await world.get("/notes", "Origin: https://evil.test").headers["access-control-allow-origin"] == nil)
            // Of a scheme that is allowed as a whole, every origin is; of others none but those named.
            #expect(try await world.get("/nothing", "Origin: app://any").headers["access-control-allow-origin"] == "app://any")
            for other in ["https://app.test.evil", "apps://any", "null"] {
                #expect(try await world.get("/nothing", "Origin: \(other)").headers["access-control-allow-origin"] == nil)
            }
            let ok = try await world.get("/notes", "Origin: https://app.test", "Authorization: \(try Pool.alpha.idToken())")
            #expect(ok.status == 200 && ok.headers["access-control-allow-origin"] == "https://app.test")
        }
    }

    @Test func `a preflight that has a route of its own is told the document's methods, and no one else`() async throws {
        var options = World.Options()
        options.routes =
            World.routes
                + """
                  /own:
                    options:
                      responses: {}
                      security: []
                      x-amazon-apigateway-integration: {type: http_proxy, httpMethod: OPTIONS, uri: "http://notes.strongroom.internal/own"}

                """
        try await World.run(options) { world in
            world.notes.set { _ in
                var answer = Response(.ok)
                answer.headers.add("access-control-allow-methods", "DELETE")
                return answer
            }
            let asks = "Access-Control-Request-Method: POST"
            let preflight = try await world.get("/own", "Origin: https://app.test", asks, method: "OPTIONS")
            #expect(preflight.status == 200 && preflight.headers["access-control-allow-origin"] == "https://app.test")
            #expect(preflight.headers["access-control-allow-methods"] == "GET,POST" && preflight.headers["access-control-max-age"] == "60")
            #expect(try await world.get("/own", "Origin: https://app.test", method: "OPTIONS").headers["access-control-allow-methods"] == nil)
            #expect(try await world.get("/own", "Origin: https://evil.test", asks, method: "OPTIONS").headers["access-control-allow-methods"] == nil)
        }
    }

    @Test func `a browser may send what its SDKs send to the AWS APIs`() async throws {
        try await World.run { world in
            let preflight = try await world.get("/", "Origin: https://app.test", "Access-Control-Request-Method: POST", method: "OPTIONS")
            #expect(preflight.status == 204 && preflight.headers["access-control-allow-origin"] == "*")
            let allowed = Set(try #require(preflight.headers["access-control-allow-headers"]).split(separator: ",").map(String.init))
            // amazon-cognito-identity-js and Amplify (`cache-control: no-store`), then the JavaScript SDK's signed calls.
            #expect(allowed.isSuperset(of: ["cache-control", "content-type", "x-amz-target", "x-amz-user-agent"]))
            #expect(allowed.isSuperset(of: ["authorization", "x-amz-date", "x-amz-content-sha256", "x-amz-security-token", "amz-sdk-request"]))
        }
    }
}
