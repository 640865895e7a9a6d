internal import COpenSSL

/// An RSA key that signs RS256. About 0.3 ms a signature for 2048 bits.
public struct RSAPrivateKey: Sendable {
    private let handle: KeyHandle
    public let publicKey: RSAPublicKey

    /// A fresh key with exponent 65537. Takes from tens of milliseconds to a second: never on a loop.
    public static func generate(bits: Int = 2048) throws(CryptoError) -> RSAPrivateKey {
        guard RSAPublicKey.sizes.contains(bits) else { throw .invalidParameter }
        return unsafe RSAPrivateKey(
            adopting: try KeyEncoding.generate(type: "RSA") { unsafe EVP_PKEY_CTX_set_rsa_keygen_bits($0, Int32(bits)) == 1 })
    }

    /// From PKCS #8 DER.
    public init(pkcs8: Span<UInt8>) throws(CryptoError) {
        let key = try unsafe KeyEncoding.key(pkcs8: pkcs8, type: "RSA")
        guard RSAPublicKey.sizes.contains(Int(unsafe EVP_PKEY_get_bits(key))) else {
            unsafe EVP_PKEY_free(key)
            throw .invalidKey
        }
        unsafe self.init(adopting: key)
    }

    public init(pkcs8: [UInt8]) throws(CryptoError) { try self.init(pkcs8: pkcs8.span) }

    private init(adopting key: OpaquePointer) {
        handle = unsafe KeyHandle(adopting: key, for: .rsaSign)
        publicKey = RSAPublicKey(handle: handle.sharing(for: .rsaVerify))
    }

    /// PKCS #8 DER, in the clear: seal it before it is stored.
    public func pkcs8() throws(CryptoError) -> [UInt8] { try KeyEncoding.pkcs8(of: handle) }

    /// As many bytes as the modulus.
    public func sign(_ digest: SHA256Digest) throws(CryptoError) -> [UInt8] { try handle.sign(digest) }
}
