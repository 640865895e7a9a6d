import Contracts
import Crypto
import Encodings
import JSON
import Tokens

/// Keys made once for the whole run, and tokens put together by hand so that they can be wrong.
enum Fixtures {
    static let issuer = "http://127.0.0.1:8080/us-east-1_AbCdEfGhI"
    static let client = "3n4b5urk1ft4fl3mg5e62d9ado"
    static let now = Timestamp(seconds: 1_800_000_000)

    static let rsa = Result { try RSAPrivateKey.generate() }
    static let otherRSA = Result { try RSAPrivateKey.generate() }
    static let p256 = Result { try P256PrivateKey.generate() }

    /// "a" is an RSA key, "b" a P-256 key.
    static func keys() throws -> KeySet {
        KeySet([
            VerificationKey(keyID: "a", material: .rsa(try rsa.get().publicKey)),
            VerificationKey(keyID: "b", material: .p256(try p256.get().publicKey)),
        ])
    }

    static func expectations() -> TokenExpectations { TokenExpectations(issuer: issuer, use: .id) }

    static var claims: JSONObject {
        [
            "sub": "7d3a", "aud": .string(client), "token_use": "id", "iss": .string(issuer), "iat": .number(JSONNumber(now.seconds - 10)),
            "exp": .number(JSONNumber(now.seconds + 3590)),
        ]
    }

    static func claims(_ name: String, _ value: JSONValue?) -> String {
        let members = claims.members.filter { $0.name != name }.map { ($0.name, $0.value) } + (value.map { [(name, $0)] } ?? [])
        var writer = JSONWriter()
        writer.beginObject()
        for (name, value) in members {
            writer.key(name)
            writer.value(value)
        }
        writer.endObject()
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    static var goodClaims: String { claims("", nil) }

    static func signRS256(_ header: String, _ payload: String, with key: RSAPrivateKey? = nil) throws -> String {
        let input = Base64URL.encode(Array(header.utf8)) + "." + Base64URL.encode(Array(payload.utf8))
        return input + "." + Base64URL.encode(try (key ?? rsa.get()).sign(SHA256.hash(Array(input.utf8))))
    }

    static func verify(_ token: String, expecting: TokenExpectations = expectations()) throws(TokenError) -> TokenClaims {
        let keys: KeySet
        do { keys = try self.keys() } catch { preconditionFailure("\(error)") }
        return try keys.verify(token.utf8.span, expecting: expecting, at: now)
    }
}
