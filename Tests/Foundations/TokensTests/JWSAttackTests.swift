import Crypto
import Encodings
import JSON
import Testing
import Tokens

@Suite("Tokens: what other libraries got wrong")
struct JWSAttackTests {
    private let header = #"{"kid":"a","alg":"RS256"}"#

    @Test("A well-formed token of either algorithm is accepted")
    func accepted() throws {
        let claims = try Fixtures.verify(Fixtures.signRS256(header, Fixtures.goodClaims))
        #expect(claims.subject == "7d3a" && claims.audience == [Fixtures.client])
        let input = Base64URL.encode(Array(#"{"typ":"JWT","alg":"ES256","kid":"b"}"#.utf8)) + "." + Base64URL.encode(Array(Fixtures.goodClaims.utf8))
        let signature = try Fixtures.p256.get().sign(SHA256.hash(Array(input.utf8)))
        #expect(try Fixtures.verify(input + "." + Base64URL.encode(signature)).subject == "7d3a")
    }

    @Test("alg none, in any spelling and with any signature, is refused", arguments: ["none", "None", "NONE", "nOnE", ""])
    func algNone(name: String) throws {
        let input = Base64URL.encode(Array(#"{"kid":"a","alg":"\#(name)"}"#.utf8)) + "." + Base64URL.encode(Array(Fixtures.goodClaims.utf8))
        #expect(throws: TokenError.malformed) { try Fixtures.verify(input + ".") }
        #expect(throws: TokenError.unsupportedAlgorithm) { try Fixtures.verify(input + ".AAAA") }
    }

    @Test("An HMAC made with the public key as its secret is refused", arguments: ["HS256", "HS384", "HS512"])
    func keyConfusion(name: String) throws {
        let input = Base64URL.encode(Array(#"{"kid":"a","alg":"\#(name)"}"#.utf8)) + "." + Base64URL.encode(Array(Fixtures.goodClaims.utf8))
        let secret = try Fixtures.rsa.get().publicKey.modulus()
        let code = HMACSHA256(key: secret).code(for: Array(input.utf8)).bytes
        #expect(throws: TokenError.unsupportedAlgorithm) { try Fixtures.verify(input + "." + Base64URL.encode(code)) }
    }

    @Test("The algorithm is the key's, not the token's")
    func pinnedAlgorithm() throws {
        #expect(throws: TokenError.wrongAlgorithm) { try Fixtures.verify(Fixtures.signRS256(#"{"kid":"b","alg":"RS256"}"#, Fixtures.goodClaims)) }
        #expect(throws: TokenError.wrongAlgorithm) { try Fixtures.verify(Fixtures.signRS256(#"{"kid":"a","alg":"ES256"}"#, Fixtures.goodClaims)) }
        #expect(throws: TokenError.unsupportedAlgorithm) {
            try Fixtures.verify(Fixtures.signRS256(#"{"kid":"a","alg":"PS256"}"#, Fixtures.goodClaims))
        }
        #expect(throws: TokenError.malformed) { try Fixtures.verify(Fixtures.signRS256(#"{"kid":"a"}"#, Fixtures.goodClaims)) }
    }

    @Test(
        "A kid that is missing, unknown, a path, a query or not text never falls back to another key",
        arguments: ["", #""kid":"","#, #""kid":"c","#, #""kid":"A","#, #""kid":"a\u0000","#, #""kid":"../../a","#, #""kid":"a' OR '1'='1","#])
    func unknownKeyID(member: String) throws {
        #expect(throws: TokenError.unknownKey) { try Fixtures.verify(Fixtures.signRS256("{\(member)\"alg\":\"RS256\"}", Fixtures.goodClaims)) }
    }

    @Test("A kid that is not text, or very long, is malformed")
    func oddKeyID() throws {
        for kid in ["1", "null", "[\"a\"]", "{}", "\"\(String(repeating: "a", count: 300))\""] {
            #expect(throws: TokenError.malformed) {
                try Fixtures.verify(Fixtures.signRS256("{\"kid\":\(kid),\"alg\":\"RS256\"}", Fixtures.goodClaims))
            }
        }
    }

    @Test(
        "Headers that bring a key, change the reading or are critical are refused",
        arguments: [
            #""crit":["exp"]"#, #""crit":[]"#, #""b64":false"#, #""zip":"DEF""#, #""enc":"A256GCM""#, #""jwk":{"kty":"RSA"}"#,
            #""jku":"http://evil/"#, #""x5u":"http://evil/""#, #""x5c":["MII"]"#,
        ])
    func forbiddenHeaders(member: String) throws {
        let closed = member.hasSuffix("/") ? member + "\"" : member
        #expect(throws: TokenError.forbiddenHeader) {
            try Fixtures.verify(Fixtures.signRS256("{\"kid\":\"a\",\"alg\":\"RS256\",\(closed)}", Fixtures.goodClaims))
        }
    }

    @Test("A typ of another kind of token is refused")
    func wrongType() throws {
        for type in ["identity+jwt", "logout+jwt", "JOSE", ""] {
            #expect(throws: TokenError.wrongType) {
                try Fixtures.verify(Fixtures.signRS256("{\"kid\":\"a\",\"alg\":\"RS256\",\"typ\":\"\(type)\"}", Fixtures.goodClaims))
            }
        }
        #expect(throws: TokenError.malformed) { try Fixtures.verify(Fixtures.signRS256(#"{"kid":"a","alg":"RS256","typ":7}"#, Fixtures.goodClaims)) }
    }

    @Test("Duplicate members in header or claims are refused")
    func duplicates() throws {
        #expect(throws: TokenError.malformed) {
            try Fixtures.verify(Fixtures.signRS256(#"{"kid":"a","alg":"none","alg":"RS256"}"#, Fixtures.goodClaims))
        }
        let doubled = Fixtures.goodClaims.dropLast() + #","sub":"somebody else"}"#
        #expect(throws: TokenError.malformed) { try Fixtures.verify(Fixtures.signRS256(header, String(doubled))) }
        let escaped = Fixtures.goodClaims.dropLast() + #","s\u0075b":"somebody else"}"#
        #expect(throws: TokenError.malformed) { try Fixtures.verify(Fixtures.signRS256(header, String(escaped))) }
    }

    @Test("Only canonical base64url is read")
    func base64() throws {
        let token = try Fixtures.signRS256(header, Fixtures.goodClaims)
        let parts = token.split(separator: ".").map(String.init)
        for index in 0..<3 {
            for change: (String) -> String in [
                { $0 + "=" }, { $0 + "==" }, { " " + $0 }, { $0 + "\n" }, { String($0.dropLast()) + "+" }, { String($0.dropLast()) + "/" },
                { String($0.prefix(4)) + "\r\n" + $0.dropFirst(4) }, { _ in "" },
                { $0 + "A" + String(repeating: "A", count: (4 - $0.count % 4) % 4) },
            ] {
                var altered = parts
                altered[index] = change(parts[index])
                #expect(throws: TokenError.self) { try Fixtures.verify(altered.joined(separator: ".")) }
            }
        }
        // The last character of a 256-byte signature carries four bits that must be zero.
        let last = token.utf8.last ?? 0
        let next = String(decoding: Array(token.utf8.dropLast()) + [last + 1], as: UTF8.self)
        #expect(throws: TokenError.malformed) { try Fixtures.verify(next) }
    }

    @Test("Tokens of two, four or five parts, empty ones and JSON serializations are refused")
    func shapes() throws {
        let token = try Fixtures.signRS256(header, Fixtures.goodClaims)
        let two = token.split(separator: ".").prefix(2).joined(separator: ".")
        for wrong in [
            "", ".", "..", "...", two, token + ".", token + ".AAAA.AAAA", "." + token, #"{"payload":"e30","signatures":[]}"#, "e30.e30.e30",
        ] {
            #expect(throws: TokenError.malformed) { try Fixtures.verify(wrong) }
        }
    }

    @Test("A token over 16 kB is refused unread, one below it is read")
    func size() throws {
        let large = try Fixtures.signRS256(header, Fixtures.claims("x", .string(String(repeating: "a", count: 13_000))))
        #expect(large.utf8.count > JWS.maximumLength)
        #expect(throws: TokenError.tooLong) { try Fixtures.verify(large) }
        #expect(throws: Never.self) {
            try Fixtures.verify(Fixtures.signRS256(header, Fixtures.claims("x", .string(String(repeating: "a", count: 11_000)))))
        }
    }

    @Test("Every altered part, and another pool's key under the same kid, fails the signature")
    func tampering() throws {
        let token = try Fixtures.signRS256(header, Fixtures.goodClaims)
        let parts = token.split(separator: ".").map(String.init)
        let admin = Base64URL.encode(Array(Fixtures.claims("sub", "admin").utf8))
        #expect(throws: TokenError.badSignature) { try Fixtures.verify("\(parts[0]).\(admin).\(parts[2])") }
        #expect(throws: TokenError.badSignature) {
            try Fixtures.verify(Fixtures.signRS256(header, Fixtures.goodClaims, with: Fixtures.otherRSA.get()))
        }
        #expect(throws: TokenError.badSignature) { try Fixtures.verify("\(parts[0]).\(parts[1]).AAAA") }
    }

    @Test("An ECDSA signature of zeros is refused")
    func psychicSignature() throws {
        let input = Base64URL.encode(Array(#"{"alg":"ES256","kid":"b"}"#.utf8)) + "." + Base64URL.encode(Array(Fixtures.goodClaims.utf8))
        #expect(throws: TokenError.badSignature) { try Fixtures.verify(input + "." + Base64URL.encode([UInt8](repeating: 0, count: 64))) }
    }

    @Test("The signature is checked before any claim: an expired forgery is a forgery")
    func signatureFirst() throws {
        let forged = try Fixtures.signRS256(header, Fixtures.claims("exp", 1), with: Fixtures.otherRSA.get())
        #expect(throws: TokenError.badSignature) { try Fixtures.verify(forged) }
    }
}
