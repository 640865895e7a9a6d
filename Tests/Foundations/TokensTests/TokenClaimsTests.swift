import Encodings
import JSON
import Testing
import Tokens

@Suite("Tokens: claims")
struct TokenClaimsTests {
    private func verify(_ name: String, _ value: JSONValue?, _ expectations: TokenExpectations = Fixtures.expectations()) throws {
        _ = try Fixtures.verify(Fixtures.signRS256(#"{"kid":"a","alg":"RS256"}"#, Fixtures.claims(name, value)), expecting: expectations)
    }

    @Test("aud is text or a list of it; an empty list is nobody's")
    func audience() throws {
        for value in [7, [.string(Fixtures.client), 7], [:]] as [JSONValue] {
            #expect(throws: TokenError.malformed) { try verify("aud", value) }
        }
        for (value, names) in [([], []), (nil, []), ("one", ["one"]), (["one", "two"], ["one", "two"])] as [(JSONValue?, [String])] {
            let claims = try Fixtures.verify(Fixtures.signRS256(#"{"kid":"a","alg":"RS256"}"#, Fixtures.claims("aud", value)))
            #expect(claims.audience == names)
        }
    }

    @Test("An access token does not pass for an id token, nor the other way round")
    func use() throws {
        #expect(throws: TokenError.wrongUse) { try verify("token_use", "access") }
        #expect(throws: TokenError.wrongUse) { try verify("token_use", nil) }
        #expect(throws: TokenError.wrongUse) { try verify("", nil, TokenExpectations(issuer: Fixtures.issuer, use: .access)) }
    }

    @Test("Another pool's issuer, or one that only begins alike, is refused")
    func issuer() throws {
        for issuer in ["http://127.0.0.1:8080/us-east-1_Other", Fixtures.issuer + "/", Fixtures.issuer.uppercased(), ""] {
            #expect(throws: TokenError.wrongIssuer) { try verify("iss", .string(issuer)) }
        }
        #expect(throws: TokenError.malformed) { try verify("iss", nil) }
        #expect(throws: TokenError.malformed) { try verify("iss", [.string(Fixtures.issuer)]) }
    }

    @Test("exp is needed, whole, in range and not past")
    func expiry() throws {
        let now = Fixtures.now.seconds
        #expect(throws: TokenError.expired) { try verify("exp", .number(JSONNumber(now))) }
        #expect(throws: Never.self) { try verify("exp", .number(JSONNumber(now + 1))) }
        for value in ["null", "-1", "1e999", "99999999999999999999", "253402300800", "1800003600.5", "\"1800003600\"", "true", "[]"] {
            let claims = Fixtures.claims("exp", nil).dropLast() + ",\"exp\":\(value)}"
            #expect(throws: TokenError.malformed, "\(value)") {
                _ = try Fixtures.verify(Fixtures.signRS256(#"{"kid":"a","alg":"RS256"}"#, String(claims)))
            }
        }
        #expect(throws: TokenError.malformed) { try verify("exp", nil) }
    }

    @Test("nbf is honoured to the second")
    func notBefore() throws {
        let now = Fixtures.now.seconds
        #expect(throws: TokenError.notYetValid) { try verify("nbf", .number(JSONNumber(now + 1))) }
        #expect(throws: Never.self) { try verify("nbf", .number(JSONNumber(now))) }
        #expect(throws: TokenError.malformed) { try verify("nbf", "tomorrow") }
    }

    @Test("Claims that are no object, or nest without end, are refused")
    func shapes() throws {
        for payload in ["[]", "1", "\"x\"", "", "{", "{}", Fixtures.goodClaims + " x", String(repeating: "[", count: 10_000)] {
            #expect(throws: TokenError.malformed) { _ = try Fixtures.verify(Fixtures.signRS256(#"{"kid":"a","alg":"RS256"}"#, payload)) }
        }
    }
}
