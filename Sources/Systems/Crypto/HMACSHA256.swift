internal import COpenSSL

/// HMAC-SHA-256 (RFC 2104) under one key.
///
/// The two keyed blocks are hashed once, when the key is set, and every code starts from copies of those midstates; so a short
/// message costs two compressions less than the textbook form, and a value can be used from any thread.
public struct HMACSHA256: Sendable {
    private let inner: SHA256_CTX
    private let outer: SHA256_CTX

    public init(key: Span<UInt8>) {
        var block = [UInt8](repeating: 0, count: 64)
        if key.count > 64 {
            let digest = SHA256.hash(key).bytes
            block.replaceSubrange(0..<32, with: digest)
        } else {
            for i in key.indices { block[i] = key[i] }
        }
        inner = Self.absorb(block, 0x36)
        outer = Self.absorb(block, 0x5c)
        wipe(&block)
    }

    public init(key: [UInt8]) { self.init(key: key.span) }

    private init(inner: SHA256_CTX, outer: SHA256_CTX) {
        self.inner = inner
        self.outer = outer
    }

    /// For messages that begin alike: `after(a).code(for: b)` is the code of `a` followed by `b`, and hashes only `b`.
    public func after(_ prefix: Span<UInt8>) -> HMACSHA256 {
        var stream = SHA256Stream(resuming: inner)
        stream.update(prefix)
        return HMACSHA256(inner: stream.midstate, outer: outer)
    }

    public func code(for message: Span<UInt8>) -> SHA256Digest {
        var stream = SHA256Stream(resuming: inner)
        stream.update(message)
        return finish(stream)
    }

    public func code(for message: [UInt8]) -> SHA256Digest { code(for: message.span) }

    /// Compares in constant time; a code of another length than 32 is never valid.
    public func isValid(_ code: Span<UInt8>, for message: Span<UInt8>) -> Bool {
        self.code(for: message).withSpan { constantTimeEquals($0, code) }
    }

    public func isValid(_ code: [UInt8], for message: [UInt8]) -> Bool { isValid(code.span, for: message.span) }

    private func finish(_ stream: consuming SHA256Stream) -> SHA256Digest {
        var last = SHA256Stream(resuming: outer)
        last.update(stream.finalize())
        return last.finalize()
    }

    private static func absorb(_ block: [UInt8], _ pad: UInt8) -> SHA256_CTX {
        var stream = SHA256Stream()
        var padded = block.map { $0 ^ pad }
        stream.update(padded)
        wipe(&padded)
        return stream.midstate
    }
}
