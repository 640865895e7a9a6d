import Encodings
import JSON
import Testing
import Tokens

@Suite("Tokens: claims")
struct TokenClaimsTests {
    private func verify(_ name: String, _ value: JSONValue?, _ expectations: TokenExpectations = Fixtures.expectations()) throws {
        _ = try Fixtures.verify(Fixtures.signRS256(#"{"kid":"a","alg":"RS256"}"#, Fixtures.claims(name, value)), expecting: expectations)
    }

    @Test("An empty aud is nobody's, and neither crashes nor lets client_id stand in")
    func emptyAudience() throws {
        #expect(throws: TokenError.wrongAudience) { try verify("aud", []) }
        #expect(throws: TokenError.wrongAudience) { try verify("aud", nil) }
        let both = Fixtures.claims("aud", []).dropLast() + #","client_id":"\#(Fixtures.client)"}"#
        #expect(throws: TokenError.wrongAudience) { _ = try Fixtures.verify(Fixtures.signRS256(#"{"kid":"a","alg":"RS256"}"#, String(both))) }
    }

    @Test("Another client's token is refused; one that names us among others is accepted")
    func audience() throws {
        #expect(throws: TokenError.wrongAudience) { try verify("aud", "another") }
        #expect(throws: TokenError.wrongAudience) { try verify("aud", ["another", "third"]) }
        #expect(throws: Never.self) { try verify("aud", ["another", .string(Fixtures.client)]) }
        #expect(throws: TokenError.malformed) { try verify("aud", 7) }
        #expect(throws: TokenError.malformed) { try verify("aud", [.string(Fixtures.client), 7]) }
    }

    @Test("An access token does not pass for an id token, nor the other way round")
    func use() throws {
        #expect(throws: TokenError.wrongUse) { try verify("token_use", "access") }
        #expect(throws: TokenError.wrongUse) { try verify("token_use", nil) }
        let access = TokenExpectations(issuer: Fixtures.issuer, use: .access, clients: [Fixtures.client])
        #expect(throws: TokenError.wrongUse) { try verify("", nil, access) }
    }

    @Test("An access token's client_id is its audience")
    func clientID() throws {
        let access = TokenExpectations(issuer: Fixtures.issuer, use: .access, clients: [Fixtures.client])
        for (client, accepted) in [(Fixtures.client, true), ("another", false)] {
            let claims = #"{"iss":"\#(Fixtures.issuer)","token_use":"access","client_id":"\#(client)","exp":1800003600}"#
            let result = Result { try Fixtures.verify(Fixtures.signRS256(#"{"kid":"a","alg":"RS256"}"#, claims), expecting: access) }
            #expect(((try? result.get()) != nil) == accepted)
        }
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

    @Test("nbf is honoured, and the skew allowed is the one that was asked for")
    func notBefore() throws {
        let soon: JSONValue = .number(JSONNumber(Fixtures.now.seconds + 5))
        #expect(throws: TokenError.notYetValid) { try verify("nbf", soon) }
        var patient = Fixtures.expectations()
        patient.clockSkew = 5
        #expect(throws: Never.self) { try verify("nbf", soon, patient) }
        #expect(throws: TokenError.malformed) { try verify("nbf", "tomorrow") }
    }

    @Test("Claims that are no object, or nest without end, are refused")
    func shapes() throws {
        for payload in ["[]", "1", "\"x\"", "", "{", "{}", Fixtures.goodClaims + " x", String(repeating: "[", count: 10_000)] {
            #expect(throws: TokenError.malformed) { _ = try Fixtures.verify(Fixtures.signRS256(#"{"kid":"a","alg":"RS256"}"#, payload)) }
        }
    }
}
