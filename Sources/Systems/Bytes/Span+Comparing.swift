extension Span where Element == UInt8 {
    /// True if both hold the same bytes. Stops at the first difference, so it isn't for secrets.
    @inlinable
    public func hasSameBytes(as other: Span<UInt8>) -> Bool {
        guard count == other.count else { return false }
        return unsafe withUnsafeBufferPointer { left in
            unsafe other.withUnsafeBufferPointer { right in
                // Both have `count` bytes: the indices stay inside.
                for index in 0..<left.count where unsafe left[index] != right[index] { return false }
                return true
            }
        }
    }

    /// True if the bytes, with A to Z read as a to z, are those of `lower`. Stops at the first difference.
    /// - Parameter lower: holds no A to Z.
    @inlinable
    public func equals(lowercase lower: Span<UInt8>) -> Bool {
        guard count == lower.count else { return false }
        return unsafe withUnsafeBytes { own in unsafe lower.withUnsafeBytes { unsafe isEqual(own, lowercase: $0) } }
    }

    /// As above, for a literal.
    @inlinable
    public func equals(lowercase lower: StaticString) -> Bool {
        guard count == lower.utf8CodeUnitCount else { return false }
        return unsafe withUnsafeBytes { own in
            unsafe isEqual(own, lowercase: UnsafeRawBufferPointer(start: lower.utf8Start, count: lower.utf8CodeUnitCount))
        }
    }
}

/// Eight bytes at a time; the last of them overlap those before. Both hold the same number of bytes, and no load goes beyond it.
@inlinable
func isEqual(_ own: UnsafeRawBufferPointer, lowercase lower: UnsafeRawBufferPointer) -> Bool {
    let count = own.count
    if count < 8 {
        for index in 0..<count where unsafe UInt8(truncatingIfNeeded: lowercased(UInt64(own[index]))) != lower[index] { return false }
        return true
    }
    var index = 0
    while index < count {
        let offset = min(index, count &- 8)
        let word = unsafe own.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
        if unsafe lowercased(word) != lower.loadUnaligned(fromByteOffset: offset, as: UInt64.self) { return false }
        index &+= 8
    }
    return true
}

/// Each of the eight bytes with A to Z made a to z.
@inlinable @inline(__always)
func lowercased(_ word: UInt64) -> UInt64 {
    // Below 0x80, adding 0x3F carries into the top bit from A on, adding 0x25 from the byte after Z on; neither leaves its byte.
    let low = word & 0x7F7F_7F7F_7F7F_7F7F
    let letters = (low &+ 0x3F3F_3F3F_3F3F_3F3F) & ~(low &+ 0x2525_2525_2525_2525) & ~word & 0x8080_8080_8080_8080
    return word | letters >> 2
}
