internal import Bytes
import Crypto
import Encodings

/// A token in JWS compact serialization (RFC 7515 §7.1), taken apart but not verified: nothing in it may be believed yet.
public struct JWS: Sendable {
    /// Longest token that is read, in bytes.
    public static let maximumLength = 16_384

    public let header: JOSEHeader
    /// Where the header's text ends in the token.
    public let headerLength: Int
    let payload: [UInt8]
    let signature: [UInt8]
    /// SHA-256 of the signing input, which both algorithms sign.
    let digest: SHA256Digest

    /// - Parameter known: the header that a text stands for, if it has been read before: all tokens that one key signs begin alike.
    public init(parsing token: Span<UInt8>, known: (Span<UInt8>) -> JOSEHeader? = { _ in nil }) throws(TokenError) {
        guard token.count <= Self.maximumLength else { throw .tooLong }
        guard let parts = CompactParts(token) else { throw .malformed }
        guard let payload = Base64URL.decode(token.extracting(parts.payload)), let signature = Base64URL.decode(token.extracting(parts.signature))
        else { throw .malformed }
        let text = token.extracting(parts.header)
        if let header = known(text) { self.header = header } else { header = try JOSEHeader(text: text) }
        headerLength = parts.header.upperBound
        self.payload = payload
        self.signature = signature
        digest = SHA256.hash(token.extracting(parts.signingInput))
    }

    /// The claims, once `key` has verified the signature.
    public func claims(verifiedBy key: VerificationKey) throws(TokenError) -> TokenClaims {
        guard header.algorithm == key.algorithm else { throw .wrongAlgorithm }
        guard key.isValid(signature.span, for: digest) else { throw .badSignature }
        return try TokenClaims(payload)
    }
}

/// Where the three parts of a compact serialization lie. Each has at least one byte.
struct CompactParts {
    let header: Range<Int>
    let payload: Range<Int>
    let signature: Range<Int>
    var signingInput: Range<Int> { 0..<payload.upperBound }

    init?(_ token: Span<UInt8>) {
        guard let first = Self.dot(in: token, from: 0), let second = Self.dot(in: token, from: first + 1) else { return nil }
        guard Self.dot(in: token, from: second + 1) == nil else { return nil }
        header = 0..<first
        payload = first + 1..<second
        signature = second + 1..<token.count
        if header.isEmpty || payload.isEmpty || signature.isEmpty { return nil }
    }

    private static func dot(in token: Span<UInt8>, from start: Int) -> Int? {
        let index = token.firstIndex(of: UInt8(ascii: "."), from: start)
        return index < token.count ? index : nil
    }
}
