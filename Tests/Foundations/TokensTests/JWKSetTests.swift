import Crypto
import Encodings
import JSON
import Testing
import Tokens

@Suite("JWK sets")
struct JWKSetTests {
    private func rsaKey(_ more: String = #","kid":"a","use":"sig","alg":"RS256""#) throws -> String {
        let key = try Fixtures.rsa.get().publicKey
        return #"{"kty":"RSA","n":"\#(Base64URL.encode(try key.modulus()))","e":"AQAB"\#(more)}"#
    }

    private func parse(_ keys: String...) throws -> KeySet {
        try JWKSet.parse(Array(#"{"keys":[\#(keys.joined(separator: ","))]}"#.utf8))
    }

    @Test("What is written is read back, and verifies")
    func roundTrip() throws {
        let signer = JWTSigner(keyID: "k1", key: try Fixtures.rsa.get())
        let curve = VerificationKey(keyID: "k2", material: .p256(try Fixtures.p256.get().publicKey))
        let keys = try JWKSet.parse(JWKSet.encode([signer.verificationKey, curve]))
        #expect(keys.contains("k1") && keys.contains("k2"))
        let token = try signer.sign(Array(Fixtures.goodClaims.utf8))
        #expect(try keys.verify(token.utf8.span, expecting: Fixtures.expectations(), at: Fixtures.now).subject == "7d3a")
    }

    @Test("An encoded set has Cognito's members and nothing of a private key")
    func encoding() throws {
        let json = try JSON.parse(JWKSet.encode([JWTSigner(keyID: "k1", key: try Fixtures.rsa.get()).verificationKey]))
        #expect(json["keys"]?[0]?.object?.members.map(\.name) == ["alg", "e", "kid", "kty", "n", "use"])
    }

    @Test("One key of an unknown type, curve, algorithm or shape does not fail the set")
    func unknownKeys() throws {
        let odd = [
            #"{"kty":"OKP","crv":"Ed25519","kid":"x","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#, #"{"kty":"oct","kid":"x","k":"AAAA"}"#,
            #"{"kty":"EC","crv":"P-384","kid":"x","x":"AA","y":"AA"}"#, #"{"kty":"EC","crv":"P-256","kid":"x","x":"AA","y":"AA"}"#,
            #"{"kty":"quantum","kid":"x"}"#, "7", "null", "{}", #"{"kty":"RSA","kid":"x","n":"AQAB","e":"AQAB"}"#, #"{"kty":"RSA","kid":"x"}"#,
        ]
        for key in odd {
            let keys = try parse(key, rsaKey())
            #expect(keys.contains("a") && keys.keyIDs.count == 1, "\(key)")
        }
    }

    @Test("A key for another algorithm or purpose, without kid, or with private members is left out")
    func unusableKeys() throws {
        for more in [
            #","kid":"a","alg":"RS512""#, #","kid":"a","alg":"HS256""#, #","kid":"a","alg":7"#, #","kid":"a","use":"enc""#, "",
            #","kid":"a","key_ops":["encrypt"]"#, #","kid":"a","d":"AQAB""#, #","kid":"a","p":"AQAB""#, #","kid":7"#, #","kid":"""#,
        ] {
            #expect(try parse(rsaKey(more)).isEmpty, "\(more)")
        }
        #expect(try parse(rsaKey(#","kid":"a","key_ops":["verify"]"#)).contains("a"))
    }

    @Test("A key without alg is pinned by its kind, not by the first token seen")
    func pinnedByKind() throws {
        let keys = try parse(rsaKey(#","kid":"b""#))
        let input = Base64URL.encode(Array(#"{"alg":"ES256","kid":"b"}"#.utf8)) + "." + Base64URL.encode(Array(Fixtures.goodClaims.utf8))
        let token = input + "." + Base64URL.encode(try Fixtures.p256.get().sign(SHA256.hash(Array(input.utf8))))
        #expect(throws: TokenError.wrongAlgorithm) { try keys.verify(token.utf8.span, expecting: Fixtures.expectations(), at: Fixtures.now) }
    }

    @Test("Two keys under one kid are both left out")
    func sharedKeyID() throws {
        #expect(try parse(rsaKey(), rsaKey(#","kid":"c""#), rsaKey()).keyIDs.sorted() == ["c"])
    }

    @Test("Documents that are no set, too large or ambiguous are refused whole")
    func refused() throws {
        for text in ["", "[]", "{}", #"{"keys":{}}"#, #"{"keys":[],"keys":[]}"#, #"{"keys":[]} x"#] {
            #expect(throws: TokenError.malformed) { try JWKSet.parse(Array(text.utf8)) }
        }
        let padding = String(repeating: " ", count: JWKSet.maximumLength)
        #expect(throws: TokenError.malformed) { try JWKSet.parse(Array(("{\"keys\":[]}" + padding).utf8)) }
        let many = String(repeating: "{},", count: JWKSet.maximumKeys) + "{}"
        #expect(throws: TokenError.malformed) { try parse(many) }
    }
}
