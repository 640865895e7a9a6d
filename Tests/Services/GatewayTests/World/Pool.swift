import Crypto
import Encodings
import JSON
import Tokens

/// A user pool and the tokens it issues.
struct Pool: Sendable {
    let id: String
    let signer: JWTSigner

    static let alpha = Pool("us-east-1_Alpha", kid: "kid-alpha")
    static let beta = Pool("us-east-1_Beta", kid: "kid-beta")
    static let all = [alpha, beta]

    private init(_ id: String, kid: String) {
        self.id = id
        signer = JWTSigner(keyID: kid, key: try! RSAPrivateKey.generate(bits: 2048))
    }

    var issuer: String { "\(World.publicURL)/\(id)" }

    /// The claims of an id token, with some replaced (or, with nil, left out).
    func idClaims(_ changes: [String: JSONValue] = [:], without name: String? = nil) -> JSONObject {
        claims(["token_use": "id", "aud": "client", "cognito:username": "ada", "cognito:groups": ["users"]], changes, name)
    }

    func accessClaims(_ changes: [String: JSONValue] = [:]) -> JSONObject {
        claims(["token_use": "access", "client_id": "client", "username": "ada", "scope": "notes/read openid"], changes, nil)
    }

    private func claims(_ own: [String: JSONValue], _ changes: [String: JSONValue], _ missing: String?) -> JSONObject {
        let now = Timestamp.now.seconds
        var object: JSONObject = [
            "iss": .string(issuer), "sub": "user-1", "iat": .number(JSONNumber(now - 10)), "exp": .number(JSONNumber(now + 3_600)),
        ]
        for (name, value) in own { object[name] = value }
        for (name, value) in changes { object[name] = value }
        if let missing { object[missing] = nil }
        return object
    }

    func idToken(_ changes: [String: JSONValue] = [:], without name: String? = nil) throws -> String {
        try signer.sign(JSON.encode(.object(idClaims(changes, without: name))))
    }

    func accessToken(_ changes: [String: JSONValue] = [:]) throws -> String { try signer.sign(JSON.encode(.object(accessClaims(changes)))) }
}
