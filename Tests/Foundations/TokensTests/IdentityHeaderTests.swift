import Contracts
import Crypto
import Encodings
import JSON
import Testing
import Tokens

@Suite("The identity header")
struct IdentityHeaderTests {
    private let key = try? IdentityKey(keyID: "2026-11", key: [UInt8](repeating: 7, count: 32))
    private let target = Array("/notes?limit=5".utf8)
    private let requestID = UUID.v4(random: (1, 2))
    private var caller: CallerIdentity {
        CallerIdentity(
            method: .jwt, subject: "7d3a", tenant: "us-east-1_AbCdEfGhI", username: "an\"na ü", groups: ["auditors", "a b"],
            scopes: ["notes/read", "notes/write"], principal: "arn:aws:iam::000000000000:role/strongroom-user", context: ["plan": "gold", "a": ""])
    }

    private func sign(
        _ caller: CallerIdentity, for audience: ServiceName = .notes, key: IdentityKey? = nil, at now: Timestamp = Fixtures.now
    ) throws -> [UInt8] {
        let key = try #require(key ?? self.key)
        var output = Array("prefix".utf8)
        IdentityHeaderSigner(issuer: "gateway-1", audience: audience, key: key).append(
            PreparedIdentity(caller), requestID: requestID, source: "192.0.2.7", method: "GET", target: target.span, at: now, to: &output)
        return Array(output.dropFirst(6))
    }

    private func verify(
        _ values: [[UInt8]], as audience: ServiceName = .notes, method: String = "GET", target: String = "/notes?limit=5",
        at now: Timestamp = Fixtures.now,
        keys: [IdentityKey]? = nil
    ) throws -> VerifiedIdentity {
        let known = try keys ?? [#require(key)]
        return try IdentityHeaderVerifier(audience: audience, keys: known).verify(values, method: method, target: target.utf8.span, at: now)
    }

    @Test("Everything that is signed is verified and read back")
    func roundTrip() throws {
        for caller in [caller, .anyone, CallerIdentity(method: .iam, principal: "arn:aws:iam::000000000000:root")] {
            let verified = try verify([sign(caller)])
            #expect(verified.caller == caller)
            #expect(verified.issuer == "gateway-1" && verified.requestID == requestID && verified.source == "192.0.2.7")
            #expect(verified.expiresAt.seconds - verified.issuedAt.seconds == 60)
        }
    }

    @Test("It is a compact JWS with the documented header and claims")
    func shape() throws {
        let parts = String(decoding: try sign(caller), as: UTF8.self).split(separator: ".").map(String.init)
        let decoded = try parts.prefix(2).map { try #require(Base64URL.decode($0)) }
        let header = try JSON.parse(decoded[0])
        #expect(header == ["alg": "HS256", "typ": "identity+jwt", "kid": "2026-11"])
        let claims = try #require(try JSON.parse(decoded[1]).object)
        #expect(
            claims.members.map(\.name) == [
                "iss", "aud", "sub", "tenant", "username", "groups", "scope", "method", "principal", "context", "src", "rid", "htm", "hpt", "iat",
                "exp",
            ])
        #expect(claims["hpt"]?.string == Base64URL.encode(SHA256.hash(target).bytes))
    }

    @Test("Missing and duplicated headers are refused")
    func count() throws {
        let value = try sign(caller)
        #expect(throws: TokenError.missing) { try verify([]) }
        #expect(throws: TokenError.duplicated) { try verify([value, value]) }
        #expect(throws: TokenError.unknownKey) { try verify([[]]) }
    }

    @Test("A header for another service is refused, even under a key both hold")
    func audience() throws {
        #expect(throws: TokenError.wrongAudience) { try verify([sign(caller, for: .audit)]) }
    }

    @Test("A header for another method, path or query is refused")
    func binding() throws {
        let value = try sign(caller)
        #expect(throws: TokenError.wrongMethod) { try verify([value], method: "POST") }
        #expect(throws: TokenError.wrongMethod) { try verify([value], method: "get") }
        for target in ["/notes", "/notes?limit=6", "/notes/?limit=5", ""] {
            #expect(throws: TokenError.wrongTarget) { try verify([value], target: target) }
        }
    }

    @Test("It expires after a minute and isn't valid long before it was made")
    func time() throws {
        let value = try sign(caller)
        #expect(throws: Never.self) { try verify([value], at: Fixtures.now.adding(seconds: 59)) }
        #expect(throws: TokenError.expired) { try verify([value], at: Fixtures.now.adding(seconds: 60)) }
        #expect(throws: Never.self) { try verify([value], at: Fixtures.now.adding(seconds: -5)) }
        #expect(throws: TokenError.notYetValid) { try verify([value], at: Fixtures.now.adding(seconds: -7)) }
    }

    @Test("Keys overlap by kid; a removed key and the same key under another kid are refused")
    func rotation() throws {
        let old = try IdentityKey(keyID: "old", key: [UInt8](repeating: 1, count: 32))
        let new = try IdentityKey(keyID: "new", key: [UInt8](repeating: 2, count: 32))
        for key in [old, new] { #expect(throws: Never.self) { try verify([sign(caller, key: key)], keys: [new, old]) } }
        #expect(throws: TokenError.unknownKey) { try verify([sign(caller, key: old)], keys: [new]) }
        let renamed = try IdentityKey(keyID: "new", key: [UInt8](repeating: 1, count: 32))
        #expect(throws: TokenError.badSignature) { try verify([sign(caller, key: renamed)], keys: [new, old]) }
        #expect(throws: CryptoError.invalidKey) { try IdentityKey(keyID: "short", key: [UInt8](repeating: 1, count: 31)) }
    }

    @Test("What is kept of a caller for one service and key serves no other")
    func openings() throws {
        let new = try IdentityKey(keyID: "new", key: [UInt8](repeating: 2, count: 32))
        let old = try #require(key)
        let signers = [(ServiceName.notes, old), (.audit, old), (.notes, new), (.notes, old)].map { audience, key in
            (audience, key, IdentityHeaderSigner(issuer: "gateway-1", audience: audience, key: key))
        }
        // The names are of every length that leaves something over when they are encoded in groups of three bytes.
        for name in ["a", "ab", "abc"] {
            let identity = PreparedIdentity(CallerIdentity(method: .jwt, subject: name))
            for (audience, key, signer) in signers + signers {
                var value: [UInt8] = []
                signer.append(identity, requestID: requestID, source: nil, method: "GET", target: target.span, at: Fixtures.now, to: &value)
                #expect(try verify([value], as: audience, keys: [key]).caller == identity.caller)
            }
        }
    }

    @Test("Every changed byte is refused")
    func tampering() throws {
        let value = try sign(caller)
        for index in value.indices {
            var altered = value
            altered[index] ^= 1
            #expect(throws: TokenError.self) { try verify([altered]) }
        }
        for count in stride(from: 0, to: value.count, by: 7) {
            #expect(throws: TokenError.self) { try verify([Array(value[..<count])]) }
        }
    }

    @Test(
        "Claims that are short, doubled, unknown, spaced or of another type are refused even with a valid MAC",
        arguments: [
            "{}", "", "[]", #"{"iss":"x"}"#, #"{"iss":"x","iss":"x"}"#, #"{"admin":"x"}"#, #"{ "iss":"x"}"#, #"{"iss":1}"#, #"{"iss":"x\"#,
            #"{"iss":"\x"}"#,
            #"{"groups":["a"}"#, #"{"groups":["a""b"]}"#, #"{"groups":["#, #"{"context":{"a":"b","a":"c"}}"#, #"{"exp":-1}"#, #"{"exp":1e9}"#,
            #"{"exp":9999999999999}"#, #"{"method":"root"}"#, #"{"iss""x"}"#,
        ])
    func claims(payload: String) throws {
        let key = try #require(key)
        let input =
            Base64URL.encode(Array(#"{"alg":"HS256","typ":"identity+jwt","kid":"2026-11"}"#.utf8)) + "." + Base64URL.encode(Array(payload.utf8))
        let code = HMACSHA256(key: [UInt8](repeating: 7, count: 32)).code(for: Array(input.utf8)).bytes
        #expect(throws: TokenError.malformed) { try verify([Array((input + "." + Base64URL.encode(code)).utf8)], keys: [key]) }
    }

    @Test("A header of another algorithm, type or order of members is refused before anything else")
    func header() throws {
        for header in [
            #"{"alg":"none","typ":"identity+jwt","kid":"2026-11"}"#, #"{"alg":"HS256","typ":"JWT","kid":"2026-11"}"#,
            #"{"alg":"HS256","typ":"identity+jwt","kid":"2026-11","crit":[]}"#, #"{"typ":"identity+jwt","alg":"HS256","kid":"2026-11"}"#,
        ] {
            let input = Base64URL.encode(Array(header.utf8)) + ".e30"
            let code = HMACSHA256(key: [UInt8](repeating: 7, count: 32)).code(for: Array(input.utf8)).bytes
            #expect(throws: TokenError.unknownKey) { try verify([Array((input + "." + Base64URL.encode(code)).utf8)]) }
        }
    }

    @Test("A lifetime over a minute is refused")
    func lifetime() throws {
        let input = String(decoding: try sign(caller), as: UTF8.self).split(separator: ".").map(String.init)
        let claims = String(decoding: try #require(Base64URL.decode(input[1])), as: UTF8.self)
        let longer = claims.replacing("\"exp\":1800000060", with: "\"exp\":1800000061")
        let signed = input[0] + "." + Base64URL.encode(Array(longer.utf8))
        let code = HMACSHA256(key: [UInt8](repeating: 7, count: 32)).code(for: Array(signed.utf8)).bytes
        #expect(throws: TokenError.lifetimeTooLong) { try verify([Array((signed + "." + Base64URL.encode(code)).utf8)]) }
    }
}
