internal import COpenSSL

/// A SHA-256 over bytes that arrive in pieces. Used up by `finalize`.
///
/// The state is libcrypto's `SHA256_CTX`, a plain struct without pointers: copying it copies the state.
public struct SHA256Stream: ~Copyable {
    private var state: SHA256_CTX

    public init() {
        state = SHA256_CTX()
        unsafe SHA256_Init(&state)
    }

    init(resuming midstate: SHA256_CTX) {
        state = midstate
    }

    public mutating func update(_ bytes: Span<UInt8>) {
        // SHA256_Update reads `count` bytes at the pointer and returns 1 always.
        unsafe bytes.withUnsafeBufferPointer { unsafe _ = SHA256_Update(&state, $0.baseAddress, $0.count) }
    }

    public mutating func update(_ bytes: [UInt8]) { update(bytes.span) }

    public mutating func update(_ digest: SHA256Digest) {
        digest.withSpan { update($0) }
    }

    public consuming func finalize() -> SHA256Digest {
        var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        // SHA256_Final writes 32 bytes, the size of the tuple.
        unsafe withUnsafeMutableBytes(of: &words) { raw in
            unsafe _ = SHA256_Final(raw.baseAddress?.assumingMemoryBound(to: UInt8.self), &state)
        }
        return SHA256Digest(words: words)
    }

    var midstate: SHA256_CTX { state }
}
