internal import Bytes
internal import COpenSSL

/// AES-256-GCM (NIST SP 800-38D) under one key, with 12-byte nonces and 16-byte tags.
///
/// A nonce must never be used twice under one key. `sealBox` picks random ones: safe for 2³² messages a key.
public struct AES256GCM: Sendable {
    public static let keyByteCount = 32
    public static let nonceByteCount = 12
    public static let tagByteCount = 16

    private let key: SecretBytes

    /// `invalidKey` unless the key has 32 bytes.
    public init(key: Span<UInt8>) throws(CryptoError) {
        guard key.count == Self.keyByteCount else { throw .invalidKey }
        self.key = SecretBytes(key)
    }

    public init(key: [UInt8]) throws(CryptoError) { try self.init(key: key.span) }

    /// Ciphertext followed by the tag. The nonce has 12 bytes; another length is a programmer's error.
    public func seal(_ plaintext: Span<UInt8>, nonce: Span<UInt8>, additionalData: Span<UInt8>) -> [UInt8] {
        precondition(nonce.count == Self.nonceByteCount, "a GCM nonce has 12 bytes")
        var out: [UInt8] = []
        out.reserveCapacity(plaintext.count + Self.tagByteCount)
        seal(plaintext, nonce: nonce, additionalData: additionalData, into: &out)
        return out
    }

    /// A random nonce, the ciphertext and the tag, in this order.
    public func sealBox(_ plaintext: Span<UInt8>, additionalData: Span<UInt8>) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(plaintext.count + Self.nonceByteCount + Self.tagByteCount)
        Random.append(Self.nonceByteCount, to: &out)
        let nonce = out
        seal(plaintext, nonce: nonce.span, additionalData: additionalData, into: &out)
        return out
    }

    public func sealBox(_ plaintext: [UInt8], additionalData: [UInt8]) -> [UInt8] {
        sealBox(plaintext.span, additionalData: additionalData.span)
    }

    /// The plaintext, or `authenticationFailed` when anything at all differs from what was sealed.
    public func open(_ sealed: Span<UInt8>, nonce: Span<UInt8>, additionalData: Span<UInt8>) throws(CryptoError) -> [UInt8] {
        guard nonce.count == Self.nonceByteCount, sealed.count >= Self.tagByteCount else { throw .authenticationFailed }
        let count = sealed.count - Self.tagByteCount
        let plaintext = decrypt(
            sealed.extracting(0..<count), tag: sealed.extracting(count..<sealed.count), nonce: nonce, additionalData: additionalData)
        guard let plaintext else {
            ERR_clear_error()
            throw .authenticationFailed
        }
        return plaintext
    }

    public func openBox(_ box: Span<UInt8>, additionalData: Span<UInt8>) throws(CryptoError) -> [UInt8] {
        guard box.count >= Self.nonceByteCount + Self.tagByteCount else { throw .authenticationFailed }
        return try open(
            box.extracting(Self.nonceByteCount..<box.count), nonce: box.extracting(0..<Self.nonceByteCount), additionalData: additionalData)
    }

    public func openBox(_ box: [UInt8], additionalData: [UInt8]) throws(CryptoError) -> [UInt8] {
        try openBox(box.span, additionalData: additionalData.span)
    }
}

// Every pointer below is a span's or an array's own and is used inside its closure, with that buffer's own count. EVP writes as
// many bytes as it reads in this mode, and the tag's 16. A cipher context is used by its own thread only.
extension AES256GCM {
    private func seal(_ plaintext: Span<UInt8>, nonce: Span<UInt8>, additionalData: Span<UInt8>, into out: inout [UInt8]) {
        let context = ThreadContext.current
        out.append(addingCapacity: plaintext.count + Self.tagByteCount) { (out: inout OutputSpan<UInt8>) in
            unsafe out.withUnsafeMutableBufferPointer { buffer, initialised in
                let target = unsafe buffer.baseAddress! + initialised
                let tag = unsafe target + plaintext.count
                var length: Int32 = 0
                let sealed =
                    unsafe begin(context, nonce, encrypting: true) && absorb(context, additionalData)
                    && transform(context, plaintext, into: target) && EVP_CipherFinal_ex(context.cipher, tag, &length) == 1
                    && EVP_CIPHER_CTX_ctrl(context.cipher, EVP_CTRL_AEAD_GET_TAG, Int32(Self.tagByteCount), tag) == 1
                // With a key and a nonce of the right lengths libcrypto fails only for want of memory.
                precondition(sealed, "AES-256-GCM failed")
                initialised += plaintext.count + Self.tagByteCount
            }
        }
    }

    private func decrypt(_ ciphertext: Span<UInt8>, tag: Span<UInt8>, nonce: Span<UInt8>, additionalData: Span<UInt8>) -> [UInt8]? {
        let context = ThreadContext.current
        var out = [UInt8](repeating: 0, count: ciphertext.count)
        var expected = [UInt8](copying: tag)
        guard begin(context, nonce, encrypting: false), absorb(context, additionalData),
            unsafe out.withUnsafeMutableBufferPointer({ unsafe transform(context, ciphertext, into: $0.baseAddress) })
        else { return nil }
        let ok = unsafe expected.withUnsafeMutableBytes { tag -> Bool in
            var length: Int32 = 0
            var nothing: UInt8 = 0
            return unsafe EVP_CIPHER_CTX_ctrl(context.cipher, EVP_CTRL_AEAD_SET_TAG, Int32(Self.tagByteCount), tag.baseAddress) == 1
                && EVP_CipherFinal_ex(context.cipher, &nothing, &length) == 1
        }
        if !ok { wipe(&out) }
        return ok ? out : nil
    }

    private func begin(_ context: ThreadContext, _ nonce: Span<UInt8>, encrypting: Bool) -> Bool {
        unsafe key.bytes.withUnsafeBufferPointer { key in
            unsafe nonce.withUnsafeBufferPointer { nonce in
                unsafe EVP_CipherInit_ex2(context.cipher, Self.algorithm, key.baseAddress, nonce.baseAddress, encrypting ? 1 : 0, nil) == 1
            }
        }
    }

    private func absorb(_ context: ThreadContext, _ data: Span<UInt8>) -> Bool {
        if data.count == 0 { return true }
        return unsafe data.withUnsafeBufferPointer { data in
            var length: Int32 = 0
            return unsafe EVP_CipherUpdate(context.cipher, nil, &length, data.baseAddress, Int32(data.count)) == 1
        }
    }

    /// - Parameter target: has room for as many bytes as `input`.
    private func transform(_ context: ThreadContext, _ input: Span<UInt8>, into target: UnsafeMutablePointer<UInt8>?) -> Bool {
        if input.isEmpty { return true }
        return unsafe input.withUnsafeBufferPointer { input in
            var length: Int32 = 0
            return unsafe EVP_CipherUpdate(context.cipher, target, &length, input.baseAddress, Int32(input.count)) == 1
        }
    }

    /// Fetched once and never freed: an EVP_CIPHER is immutable and reference-counted with atomics.
    private nonisolated(unsafe) static let algorithm = unsafe EVP_CIPHER_fetch(nil, "AES-256-GCM", nil)
}
