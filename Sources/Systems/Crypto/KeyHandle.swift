internal import COpenSSL
internal import Synchronization

/// One EVP_PKEY and the contexts made to sign or verify with it.
///
/// Sendable because libcrypto allows an EVP_PKEY to be used by several threads at once as long as none changes it, and nobody here
/// does; an EVP_PKEY_CTX is not thread-safe, so each is used by whoever has taken it out of `idle`. Making one costs a seventh of an
/// RS256 verification, which is why they are kept.
@safe final class KeyHandle: @unchecked Sendable {
    enum Use { case rsaSign, rsaVerify, plainSign, plainVerify }

    private static let keptContexts = 8

    let key: OpaquePointer
    private let use: Use
    private let idle = Mutex<[Context]>([])

    /// A context is moved between threads, never shared.
    @safe private struct Context: @unchecked Sendable { let pointer: OpaquePointer }

    /// Takes over the caller's reference to the key.
    init(adopting key: OpaquePointer, for use: Use) {
        unsafe self.key = key
        self.use = use
    }

    deinit {
        idle.withLock { for context in $0 { unsafe EVP_PKEY_CTX_free(context.pointer) } }
        unsafe EVP_PKEY_free(key)
    }

    func sharing(for use: Use) -> KeyHandle {
        unsafe EVP_PKEY_up_ref(key)
        return unsafe KeyHandle(adopting: key, for: use)
    }

    /// Whether the signature is this key's over the digest.
    func verify(_ signature: Span<UInt8>, digest: SHA256Digest) -> Bool {
        guard let context = take() else { return false }
        defer { put(context) }
        let valid = unsafe signature.withUnsafeBufferPointer { signature in
            digest.withSpan { digest in
                unsafe digest.withUnsafeBufferPointer { digest in
                    unsafe EVP_PKEY_verify(context.pointer, signature.baseAddress, signature.count, digest.baseAddress, digest.count) == 1
                }
            }
        }
        if !valid { ERR_clear_error() }
        return valid
    }

    func sign(_ digest: SHA256Digest) throws(CryptoError) -> [UInt8] {
        guard let context = take() else { throw .fromLibrary() }
        defer { put(context) }
        // EVP_PKEY_get_size is the longest signature this key makes.
        var signature = [UInt8](repeating: 0, count: Int(unsafe EVP_PKEY_get_size(key)))
        var count = signature.count
        let status = unsafe signature.withUnsafeMutableBufferPointer { out in
            digest.withSpan { digest in
                unsafe digest.withUnsafeBufferPointer { digest in
                    unsafe EVP_PKEY_sign(context.pointer, out.baseAddress, &count, digest.baseAddress, digest.count)
                }
            }
        }
        guard status == 1 else { throw .fromLibrary() }
        signature.removeLast(signature.count - count)
        return signature
    }

    private func take() -> Context? {
        if let kept = idle.withLock({ $0.popLast() }) { return kept }
        guard let fresh = unsafe EVP_PKEY_CTX_new_from_pkey(nil, key, nil) else { return nil }
        let ready: Bool
        switch use {
        case .rsaSign: ready = unsafe EVP_PKEY_sign_init(fresh) == 1 && Self.setPKCS1(fresh)
        case .rsaVerify: ready = unsafe EVP_PKEY_verify_init(fresh) == 1 && Self.setPKCS1(fresh)
        case .plainSign: ready = unsafe EVP_PKEY_sign_init(fresh) == 1
        case .plainVerify: ready = unsafe EVP_PKEY_verify_init(fresh) == 1
        }
        guard ready else {
            unsafe EVP_PKEY_CTX_free(fresh)
            return nil
        }
        return unsafe Context(pointer: fresh)
    }

    private func put(_ context: Context) {
        let kept = idle.withLock { idle in
            guard idle.count < Self.keptContexts else { return false }
            idle.append(context)
            return true
        }
        if !kept { unsafe EVP_PKEY_CTX_free(context.pointer) }
    }

    /// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017 §8.2), the RS256 of RFC 7518 §3.3.
    private static func setPKCS1(_ context: OpaquePointer) -> Bool {
        unsafe EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1
            && EVP_PKEY_CTX_set_signature_md(context, sha256) == 1
    }

    /// Immutable and static in libcrypto.
    private nonisolated(unsafe) static let sha256 = unsafe EVP_sha256()
}
