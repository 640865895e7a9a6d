public import Crypto

/// The key that signs and verifies within one scope. It is derived from a secret access key, which can't be found from it: whoever
/// holds it can sign as its owner to one service of one region for one day, and no more.
public struct SigningKey: Sendable {
    public let scope: CredentialScope
    let code: HMACSHA256

    /// Derives the key: `HMAC(HMAC(HMAC(HMAC("AWS4" + secret, date), region), service), "aws4_request")`.
    public init(secret: Span<UInt8>, scope: CredentialScope) {
        self.init(bytes: SigningKey.derive(secret: secret, scope: scope).bytes.span, scope: scope)
    }

    /// A key derived elsewhere: the 32 bytes `derive` gave.
    public init(bytes: Span<UInt8>, scope: CredentialScope) {
        self.scope = scope
        code = HMACSHA256(key: bytes)
    }

    /// The key's bytes, to be handed to the one who verifies.
    public static func derive(secret: Span<UInt8>, scope: CredentialScope) -> SHA256Digest {
        var first = Array("AWS4".utf8)
        for index in secret.indices { first.append(secret[index]) }
        var key = HMACSHA256(key: first.span).code(for: scope.date.span)
        key = HMACSHA256(key: key.bytes.span).code(for: scope.region.span)
        key = HMACSHA256(key: key.bytes.span).code(for: scope.service.span)
        return HMACSHA256(key: key.bytes.span).code(for: CredentialScope.terminator)
    }
}
