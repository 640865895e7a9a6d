internal import COpenSSL

/// An RSA key that verifies RS256 signatures (RSASSA-PKCS1-v1_5 with SHA-256).
public struct RSAPublicKey: Sendable {
    /// Sizes accepted, in bits. Larger keys would let whoever supplies one choose how long a verification takes.
    public static let sizes = 2048...8192

    let handle: KeyHandle

    /// - Parameters: big-endian integers without leading zeros; the exponent odd, above 1 and at most 64 bits.
    public init(modulus: Span<UInt8>, exponent: Span<UInt8>) throws(CryptoError) {
        guard modulus.count > 0, exponent.count > 0, exponent.count <= 8, modulus[0] != 0, exponent[0] != 0 else { throw .invalidKey }
        let bits = modulus.count * 8 - modulus[0].leadingZeroBitCount
        let last = exponent[exponent.count - 1]
        guard Self.sizes.contains(bits), modulus[modulus.count - 1] & 1 == 1, last & 1 == 1, exponent.count > 1 || last > 1 else {
            throw .invalidKey
        }
        let der = DER.publicKey(DER.rsa, DER.sequence(DER.integer(modulus), DER.integer(exponent)))
        let key = try unsafe KeyEncoding.publicKey(der: der)
        handle = unsafe KeyHandle(adopting: key, for: .rsaVerify)
    }

    public init(modulus: [UInt8], exponent: [UInt8]) throws(CryptoError) {
        try self.init(modulus: modulus.span, exponent: exponent.span)
    }

    init(handle: KeyHandle) { self.handle = handle }

    public func modulus() throws(CryptoError) -> [UInt8] { try KeyEncoding.integer(OSSL_PKEY_PARAM_RSA_N, of: handle) }
    public func exponent() throws(CryptoError) -> [UInt8] { try KeyEncoding.integer(OSSL_PKEY_PARAM_RSA_E, of: handle) }

    /// A signature of another length than the modulus is never valid.
    public func isValid(_ signature: Span<UInt8>, for digest: SHA256Digest) -> Bool {
        handle.verify(signature, digest: digest)
    }

    public func isValid(_ signature: [UInt8], for digest: SHA256Digest) -> Bool { isValid(signature.span, for: digest) }
}
