import Encodings
import JSON

/// The protected header of a compact JWS (RFC 7515 §4), reduced to what we act upon.
public struct JOSEHeader: Hashable, Sendable {
    public let algorithm: SigningAlgorithm
    public let keyID: String?
    /// As written; nil where there is none.
    public let type: String?

    /// Longest `kid` that is looked up, in bytes.
    public static let maximumKeyIDLength = 256

    private static let forbidden = ["crit", "b64", "zip", "enc", "jwk", "jku", "x5u", "x5c"]

    init(text: Span<UInt8>) throws(TokenError) {
        guard let bytes = Base64URL.decode(text) else { throw .malformed }
        try self.init(bytes)
    }

    init(_ bytes: [UInt8]) throws(TokenError) {
        guard let json = try? JSON.parse(bytes, limits: .token), let object = json.object else { throw .malformed }
        // §4.1.11: whoever does not understand a critical extension must refuse; we understand none. The others would change how the
        // payload is read, or have the token say which key it is to be verified with.
        for name in Self.forbidden where object[name] != nil { throw .forbiddenHeader }
        guard let name = object["alg"]?.string else { throw .malformed }
        guard let algorithm = SigningAlgorithm(rawValue: name) else { throw .unsupportedAlgorithm }
        self.algorithm = algorithm
        keyID = try Self.text("kid", of: object)
        type = try Self.text("typ", of: object)
        if let keyID, keyID.utf8.count > Self.maximumKeyIDLength { throw .malformed }
    }

    private static func text(_ name: String, of object: JSONObject) throws(TokenError) -> String? {
        guard let value = object[name] else { return nil }
        guard let text = value.string else { throw .malformed }
        return text
    }
}
