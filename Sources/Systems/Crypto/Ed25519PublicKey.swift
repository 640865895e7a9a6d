internal import Bytes
internal import COpenSSL

/// An Ed25519 key that verifies (RFC 8032 §5.1).
public struct Ed25519PublicKey: Sendable {
    public static let byteCount = 32

    public let bytes: [UInt8]
    private let handle: KeyHandle

    public init(_ bytes: Span<UInt8>) throws(CryptoError) {
        guard bytes.count == Self.byteCount else { throw .invalidKey }
        let key = unsafe bytes.withUnsafeBufferPointer { unsafe EVP_PKEY_new_raw_public_key_ex(nil, "ED25519", nil, $0.baseAddress, $0.count) }
        guard let key = unsafe key else {
            ERR_clear_error()
            throw .invalidKey
        }
        self.bytes = [UInt8](copying: bytes)
        handle = unsafe KeyHandle(adopting: key, for: .plainVerify)
    }

    public init(_ bytes: [UInt8]) throws(CryptoError) { try self.init(bytes.span) }

    public func isValid(_ signature: Span<UInt8>, for message: Span<UInt8>) -> Bool {
        guard signature.count == 64, let context = unsafe EVP_MD_CTX_new() else { return false }
        defer { unsafe EVP_MD_CTX_free(context) }
        let valid = unsafe signature.withUnsafeBufferPointer { signature in
            unsafe message.withUnsafeBufferPointer { message in
                // Ed25519 hashes the whole message twice, so it is one call without a digest.
                unsafe EVP_DigestVerifyInit_ex(context, nil, nil, nil, nil, handle.key, nil) == 1
                    && EVP_DigestVerify(context, signature.baseAddress, signature.count, message.baseAddress, message.count) == 1
            }
        }
        if !valid { ERR_clear_error() }
        return valid
    }

    public func isValid(_ signature: [UInt8], for message: [UInt8]) -> Bool { isValid(signature.span, for: message.span) }
}
