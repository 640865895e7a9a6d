internal import COpenSSL

/// Whether two secrets are equal, in time that depends on their length only.
public func constantTimeEquals(_ a: Span<UInt8>, _ b: Span<UInt8>) -> Bool {
    guard a.count == b.count else { return false }
    if a.count == 0 { return true }
    return unsafe a.withUnsafeBufferPointer { a in
        // CRYPTO_memcmp reads exactly `count` bytes of each, which both spans hold.
        unsafe b.withUnsafeBufferPointer { b in unsafe CRYPTO_memcmp(a.baseAddress, b.baseAddress, a.count) == 0 }
    }
}

public func constantTimeEquals(_ a: [UInt8], _ b: [UInt8]) -> Bool {
    constantTimeEquals(a.span, b.span)
}
