internal import COpenSSL

/// A NIST P-256 key that signs ES256.
public struct P256PrivateKey: Sendable {
    let handle: KeyHandle
    public let publicKey: P256PublicKey

    public static func generate() throws(CryptoError) -> P256PrivateKey {
        unsafe P256PrivateKey(
            adopting: try KeyEncoding.generate(type: "EC") { unsafe EVP_PKEY_CTX_set_ec_paramgen_curve_nid($0, NID_X9_62_prime256v1) == 1 })
    }

    /// From PKCS #8 DER; a key of another curve is `invalidKey`.
    public init(pkcs8: Span<UInt8>) throws(CryptoError) {
        let key = try unsafe KeyEncoding.key(pkcs8: pkcs8, type: "EC")
        var name = [CChar](repeating: 0, count: 32)
        var count = 0
        let named = unsafe name.withUnsafeMutableBufferPointer { unsafe EVP_PKEY_get_group_name(key, $0.baseAddress, $0.count, &count) == 1 }
        guard named, name.prefix(count).elementsEqual("prime256v1".utf8.map { CChar($0) }) else {
            unsafe EVP_PKEY_free(key)
            throw .invalidKey
        }
        unsafe self.init(adopting: key)
    }

    public init(pkcs8: [UInt8]) throws(CryptoError) { try self.init(pkcs8: pkcs8.span) }

    private init(adopting key: OpaquePointer) {
        handle = unsafe KeyHandle(adopting: key, for: .plainSign)
        publicKey = P256PublicKey(handle: handle.sharing(for: .plainVerify))
    }

    public func pkcs8() throws(CryptoError) -> [UInt8] { try KeyEncoding.pkcs8(of: handle) }

    /// `r` and `s`, 32 bytes each.
    public func sign(_ digest: SHA256Digest) throws(CryptoError) -> [UInt8] {
        let der = try handle.sign(digest)
        guard let raw = ECDSASignature.raw(der: der) else { throw .invalidParameter }
        return raw
    }
}
