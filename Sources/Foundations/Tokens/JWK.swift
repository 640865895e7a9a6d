public import Crypto
import Encodings
public import JSON

/// Reading and writing one JSON Web Key (RFC 7517 §4). Only public keys: there is no way to write a private one.
public enum JWK {
    /// Nil for a key that we can't or mustn't use: another type, curve, algorithm or purpose, no `kid`, values that are no key, or private
    /// members in it, which whoever published it has given away.
    public static func parse(_ json: JSONValue) -> VerificationKey? {
        guard let object = json.object, let keyID = object["kid"]?.string, !keyID.isEmpty, keyID.utf8.count <= JOSEHeader.maximumKeyIDLength else {
            return nil
        }
        for name in ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] where object[name] != nil { return nil }
        guard isForSignatures(object), let material = material(object) else { return nil }
        let key = VerificationKey(keyID: keyID, material: material)
        if let algorithm = object["alg"], algorithm.string != key.algorithm.rawValue { return nil }
        return key
    }

    /// The members in Cognito's order: alg, e, kid, kty, n, use; crv, x and y for a P-256 key.
    public static func write(_ key: VerificationKey, to writer: inout JSONWriter) throws(CryptoError) {
        var members: [(String, String)]
        switch key.material {
        case .rsa(let rsa):
            members = [
                ("e", Base64URL.encode(try rsa.exponent())), ("kid", key.keyID), ("kty", "RSA"), ("n", Base64URL.encode(try rsa.modulus())),
                ("use", "sig"),
            ]
        case .p256(let p256):
            let (x, y) = try p256.coordinates()
            members = [
                ("crv", "P-256"), ("kid", key.keyID), ("kty", "EC"), ("use", "sig"), ("x", Base64URL.encode(x)), ("y", Base64URL.encode(y)),
            ]
        }
        members.insert(("alg", key.algorithm.rawValue), at: 0)
        writer.beginObject()
        for (name, value) in members {
            writer.member(name, value)
        }
        writer.endObject()
    }

    /// §4.2 and §4.3: where they are given, `use` is "sig" and `key_ops` has "verify".
    private static func isForSignatures(_ object: JSONObject) -> Bool {
        if let use = object["use"], use.string != "sig" { return false }
        guard let operations = object["key_ops"] else { return true }
        return operations.array?.contains { $0.string == "verify" } ?? false
    }

    private static func material(_ object: JSONObject) -> VerificationKey.Material? {
        func octets(_ name: String) -> [UInt8]? { object[name]?.string.flatMap { Base64URL.decode($0) } }
        // A key that libcrypto refuses is one we can't use; why is the publisher's business.
        switch object["kty"]?.string {
        case "RSA":
            guard let n = octets("n"), let e = octets("e") else { return nil }
            return (try? RSAPublicKey(modulus: n, exponent: e)).map { .rsa($0) }
        case "EC":
            guard object["crv"]?.string == "P-256", let x = octets("x"), let y = octets("y") else { return nil }
            return (try? P256PublicKey(x: x, y: y)).map { .p256($0) }
        default:
            return nil
        }
    }
}
