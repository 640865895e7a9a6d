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

    public func code(for message: Span<UInt8>) -> SHA256Digest {
        var stream = SHA256Stream(resuming: inner)
        stream.update(message)
        return finish(stream)
    }

    public func code(for message: [UInt8]) -> SHA256Digest { code(for: message.span) }

    /// The code of `a` followed by `b`, without joining them.
    public func code(for a: Span<UInt8>, _ b: Span<UInt8>) -> SHA256Digest {
        var stream = SHA256Stream(resuming: inner)
        stream.update(a)
        stream.update(b)
        return finish(stream)
    }

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
