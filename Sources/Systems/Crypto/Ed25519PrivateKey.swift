internal import COpenSSL

/// An Ed25519 key that signs (RFC 8032 §5.1).
public struct Ed25519PrivateKey: Sendable {
    public static let seedByteCount = 32

    private let handle: KeyHandle
    public let publicKey: Ed25519PublicKey

    /// From the 32-byte seed that RFC 8032 calls the private key.
    public init(seed: Span<UInt8>) throws(CryptoError) {
        guard seed.count == Self.seedByteCount else { throw .invalidKey }
        let key = unsafe seed.withUnsafeBufferPointer { unsafe EVP_PKEY_new_raw_private_key_ex(nil, "ED25519", nil, $0.baseAddress, $0.count) }
        guard let key = unsafe key else { throw .fromLibrary() }
        handle = unsafe KeyHandle(adopting: key, for: .plainSign)
        var raw = [UInt8](repeating: 0, count: Ed25519PublicKey.byteCount)
        var count = raw.count
        let status = unsafe raw.withUnsafeMutableBufferPointer { unsafe EVP_PKEY_get_raw_public_key(key, $0.baseAddress, &count) }
        guard status == 1 else { throw .fromLibrary() }
        publicKey = try Ed25519PublicKey(raw)
    }

    public init(seed: [UInt8]) throws(CryptoError) { try self.init(seed: seed.span) }

    /// 64 bytes.
    public func sign(_ message: Span<UInt8>) throws(CryptoError) -> [UInt8] {
        guard let context = unsafe EVP_MD_CTX_new() else { throw .fromLibrary() }
        defer { unsafe EVP_MD_CTX_free(context) }
        var signature = [UInt8](repeating: 0, count: 64)
        var count = signature.count
        let signed = unsafe signature.withUnsafeMutableBufferPointer { out in
            unsafe message.withUnsafeBufferPointer { message in
                unsafe EVP_DigestSignInit_ex(context, nil, nil, nil, nil, handle.key, nil) == 1
                    && EVP_DigestSign(context, out.baseAddress, &count, message.baseAddress, message.count) == 1
            }
        }
        guard signed else { throw .fromLibrary() }
        return signature
    }

    public func sign(_ message: [UInt8]) throws(CryptoError) -> [UInt8] { try sign(message.span) }
}
