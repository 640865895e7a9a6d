import Crypto
import Encodings
import HTTP
import JSON
import Testing
import Tokens
import Trust

@testable import Gateway

/// Advisory classes: JWT, JWKS, token-issuer confusion, caches.
@Suite struct TokenAttackTests {
    static func forged(header: String, claims: JSONObject, signature: (String) throws -> [UInt8]) throws -> String {
        let input = Base64URL.encode(Array(header.utf8)) + "." + Base64URL.encode(JSON.encode(.object(claims)))
        return input + "." + Base64URL.encode(try signature(input))
    }

    @Test func `no forged token is let in`() async throws {
        let pool = Pool.alpha
        let mine = try RSAPrivateKey.generate(bits: 2048)
        let jwk = String(decoding: try JWKSet.encode([VerificationKey(keyID: "kid-alpha", material: .rsa(mine.publicKey))]), as: UTF8.self)
        let inner = String(jwk.dropFirst(#"{"keys":["#.count).dropLast(2))
        let publicKey = try JWKSet.encode([pool.signer.verificationKey])
        func signed(_ header: String, _ claims: JSONObject? = nil) throws -> String {
            try Self.forged(header: header, claims: claims ?? pool.idClaims()) { input in try mine.sign(SHA256.hash(Array(input.utf8))) }
        }
        func hmac(_ header: String, _ key: [UInt8]) throws -> String {
            try Self.forged(header: header, claims: pool.idClaims()) { input in HMACSHA256(key: key).code(for: Array(input.utf8)).bytes }
        }
        let good = try pool.idToken()
        let parts = good.split(separator: ".").map(String.init)
        var attacks: [(String, String)] = []
        attacks.append(("none", try Self.forged(header: #"{"alg":"none","kid":"kid-alpha"}"#, claims: pool.idClaims()) { _ in [0] }))
        attacks.append(("None", try Self.forged(header: #"{"alg":"None","kid":"kid-alpha"}"#, claims: pool.idClaims()) { _ in [0] }))
        attacks.append(("HS256 with the public key", try hmac(#"{"alg":"HS256","kid":"kid-alpha"}"#, publicKey)))
        attacks.append(("own key, known kid", try signed(#"{"alg":"RS256","kid":"kid-alpha"}"#)))
        attacks.append(("own key, no kid", try signed(#"{"alg":"RS256"}"#)))
        attacks.append(("own key in the header", try signed(#"{"alg":"RS256","kid":"kid-alpha","jwk":\#(inner)}"#)))
        attacks.append(("own key by URL", try signed(#"{"alg":"RS256","kid":"kid-alpha","jku":"http://evil.test/jwks.json"}"#)))
        attacks.append(("x5u", try signed(#"{"alg":"RS256","kid":"kid-alpha","x5u":"http://evil.test/"}"#)))
        attacks.append(("kid as a path", try signed(#"{"alg":"RS256","kid":"../../../../dev/null"}"#)))
        attacks.append(("kid as SQL", try signed(#"{"alg":"RS256","kid":"' OR 1=1 --"}"#)))
        attacks.append(("crit", try signed(#"{"alg":"RS256","kid":"kid-alpha","crit":["x"],"x":1}"#)))
        attacks.append(("zip", try signed(#"{"alg":"RS256","kid":"kid-alpha","zip":"DEF"}"#)))
        attacks.append(("RS512", try signed(#"{"alg":"RS512","kid":"kid-alpha"}"#)))
        attacks.append(
            (
                "ES256 for an RSA key",
                try Self.forged(header: #"{"alg":"ES256","kid":"kid-alpha"}"#, claims: pool.idClaims()) { _ in [UInt8](repeating: 0, count: 64) }
            ))
        attacks.append(("duplicate alg", try signed(#"{"alg":"RS256","alg":"none","kid":"kid-alpha"}"#)))
        attacks.append(("payload changed", "\(parts[0]).\(Base64URL.encode(JSON.encode(.object(pool.idClaims(["sub": "user-2"]))))).\(parts[2])"))
        attacks.append(("padding", good + "="))
        attacks.append(("white space", "\(parts[0]).\(parts[1]). \(parts[2])"))
        attacks.append(("four parts", good + ".x"))
        attacks.append(("five parts", "a.b.c.d.e"))
        attacks.append(("other pool, same kid", try JWTSigner(keyID: "kid-alpha", key: mine).sign(JSON.encode(.object(pool.idClaims())))))
        attacks.append(("pool by suffix", try pool.idToken(["iss": .string("\(World.publicURL)/x/us-east-1_Alpha")])))
        attacks.append(("pool by escape", try pool.idToken(["iss": .string("\(World.publicURL)/us-east-1_Alpha/../us-east-1_Beta")])))
        attacks.append(("beta's token for alpha", try Pool.beta.signer.sign(JSON.encode(.object(pool.idClaims())))))
        attacks.append(("aud is empty", try pool.idToken(["aud": []])))
        attacks.append(("aud is the empty text", try pool.idToken(["aud": ""])))
        attacks.append(("aud is null", try pool.idToken(["aud": .null])))
        attacks.append(("aud is empty, client_id isn't", try pool.idToken(["aud": [], "client_id": "app"])))
        attacks.append(("aud names two", try pool.idToken(["aud": ["app", "other"]])))
        attacks.append(("float exp", try pool.idToken(["exp": .number(JSONNumber(1e18)!)])))
        attacks.append(("negative exp", try pool.idToken(["exp": -1])))
        attacks.append(("text exp", try pool.idToken(["exp": "9999999999"])))
        attacks.append(("huge exp", try pool.idToken(["exp": .number(JSONNumber(Int64.max))])))
        try await World.run { [attacks] world in
            for (name, token) in attacks {
                let answer = try await world.get("/notes", "Authorization: \(token)")
                #expect(answer.status == 401, "\(name)")
            }
            #expect(world.notes.calls.isEmpty)
            #expect(try await world.get("/notes", "Authorization: \(good)").status == 200)
        }
    }

    @Test func `a token in a query or a cookie is no token`() async throws {
        try await World.run { world in
            let token = try Pool.alpha.idToken()
            #expect(try await world.get("/notes?access_token=\(token)").status == 401)
            #expect(try await world.get("/notes?Authorization=\(token)", "Cookie: Authorization=\(token)").status == 401)
            #expect(world.notes.calls.isEmpty)
        }
    }

    @Test func `a flood of unknown key ids asks for keys at most once, and keeps nobody else out`() async throws {
        try await World.run { world in
            let good = try Pool.alpha.idToken()
            #expect(try await world.get("/notes", "Authorization: \(good)").status == 200)
            let key = try RSAPrivateKey.generate(bits: 2048)
            let started = ContinuousClock.now
            for index in 0..<20 {
                let token = try JWTSigner(keyID: "kid-\(index)", key: key).sign(JSON.encode(.object(Pool.alpha.idClaims())))
                #expect(try await world.get("/notes", "Authorization: \(token)").status == 401)
            }
            // The first fetch, then one for each cool-down that has begun.
            let coolDowns = Int(started.duration(to: .now) / .milliseconds(JWKSConfiguration().unknownKeyCoolDown)) + 1
            #expect(world.identity.calls.count <= 1 + coolDowns)
            #expect(try await world.get("/notes", "Authorization: \(good)").status == 200)
        }
    }

    @Test func `issuers that can't be pools of this cluster are never asked for`() async throws {
        try await World.run { world in
            for issuer in [
                "http://169.254.169.254/latest", "file:///etc/passwd", "\(World.publicURL)/eu-west-1_Other", "\(World.publicURL)/us-east-1_",
                "\(World.publicURL)/us-east-1_a/b", "",
            ] {
                let token = try Pool.alpha.idToken(["iss": .string(issuer)])
                let answer = try await world.get("/notes", "Authorization: \(token)")
                #expect(answer.status == 401)
            }
            #expect(world.identity.calls.isEmpty)
        }
    }

    @Test func `groups that look alike when joined are different callers`() async throws {
        try await World.run { world in
            let one = try Pool.alpha.idToken(["cognito:groups": ["denied"]])
            let two = try Pool.alpha.idToken(["cognito:groups": ["denied,users"]])
            let three = try Pool.alpha.idToken(["cognito:groups": ["den", "ied"]])
            #expect(try await world.get("/notes", "Authorization: \(three)").status == 200)
            #expect(try await world.get("/notes", "Authorization: \(two)").status == 200)
            #expect(try await world.get("/notes", "Authorization: \(one)").status == 403)
            #expect(try await world.get("/notes", "Authorization: \(two)").status == 200)
        }
    }

    @Test func `one tenant's policy is not another's`() async throws {
        try await World.run { world in
            _ = try await world.get("/notes", "Authorization: \(try Pool.alpha.idToken())")
            _ = try await world.get("/notes", "Authorization: \(try Pool.beta.idToken())")
            let queries = world.authorizer.calls.filter { $0.request.head.target == "/internal/v1/policy" }
            let tenants = try queries.map { call in try JSON.parse(call.body)["tenant"]?.string }
            #expect(tenants == ["us-east-1_Alpha", "us-east-1_Beta"])
        }
    }
}
