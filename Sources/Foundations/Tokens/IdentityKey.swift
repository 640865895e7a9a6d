public import Crypto
import Encodings
import JSON

/// The secret that the gateway shares with one audience, under its `kid`.
public struct IdentityKey: Sendable {
    /// Shortest key, in bytes (RFC 7518 §3.2: at least the size of the hash).
    public static let minimumByteCount = 32

    public let keyID: String
    let code: HMACSHA256
    /// `{"alg":"HS256","typ":"identity+jwt","kid":…}` in base64url, with the dot after it. A verifier accepts exactly these bytes.
    let header: [UInt8]

    /// `invalidKey` for a key under 32 bytes.
    public init(keyID: String, key: [UInt8]) throws(CryptoError) {
        guard key.count >= Self.minimumByteCount else { throw .invalidKey }
        self.keyID = keyID
        code = HMACSHA256(key: key)
        var writer = JSONWriter()
        writer.beginObject()
        for (name, value) in [("alg", "HS256"), ("typ", "identity+jwt"), ("kid", keyID)] {
            writer.member(name, value)
        }
        writer.endObject()
        var encoded: [UInt8] = []
        Base64URL.encode(writer.bytes.span, into: &encoded)
        encoded.append(UInt8(ascii: "."))
        header = encoded
    }
}
