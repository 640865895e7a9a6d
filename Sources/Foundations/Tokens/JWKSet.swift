public import Crypto
import JSON

/// A JWK set (RFC 7517 §5) in and out.
public enum JWKSet {
    /// Size of the document and number of keys above which a set is refused whole.
    public static let maximumLength = 256 << 10
    public static let maximumKeys = 128

    /// The keys we can use; what we can't is left out, as §5 asks, and does not fail the rest. Two keys under one `kid` are both left
    /// out: either could be meant.
    public static func parse(_ bytes: Span<UInt8>) throws(TokenError) -> KeySet {
        let limits = JSONLimits(bytes: maximumLength, depth: 8, values: maximumKeys * 32)
        guard let json = try? JSON.parse(bytes, limits: limits), let keys = json.object?["keys"]?.array, keys.count <= maximumKeys else {
            throw .malformed
        }
        return KeySet(keys.compactMap(JWK.parse))
    }

    public static func parse(_ bytes: [UInt8]) throws(TokenError) -> KeySet { try parse(bytes.span) }

    public static func encode(_ keys: [VerificationKey]) throws(CryptoError) -> [UInt8] {
        var writer = JSONWriter(reserving: 512 * keys.count + 16)
        writer.beginObject()
        writer.key("keys")
        writer.beginArray()
        for key in keys { try JWK.write(key, to: &writer) }
        writer.endArray()
        writer.endObject()
        return writer.bytes
    }
}
