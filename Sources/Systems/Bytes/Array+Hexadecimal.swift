extension [UInt8] {
    /// Appends the last `digits` (at most 16) lower-case hexadecimal digits of `value`.
    @inlinable
    public mutating func append(hexadecimal value: UInt64, digits: Int) {
        precondition(0...16 ~= digits)
        let text = (hexadecimalText(UInt32(truncatingIfNeeded: value >> 32)).bigEndian, hexadecimalText(UInt32(truncatingIfNeeded: value)).bigEndian)
        // The last of the tuple's sixteen bytes.
        unsafe Swift.withUnsafeBytes(of: text) { unsafe append(contentsOf: UnsafeRawBufferPointer(rebasing: $0[(16 - digits)...])) }
    }

    /// Appends two lower-case hexadecimal digits for each of `bytes`.
    @inlinable
    public mutating func append(hexadecimalOf bytes: Span<UInt8>) {
        if bytes.isEmpty { return }
        append(addingCapacity: bytes.count * 2) { (out: inout OutputSpan<UInt8>) in
            unsafe out.withUnsafeMutableBufferPointer { buffer, initialised in
                unsafe bytes.withUnsafeBytes { bytes in
                    let target = UnsafeMutableRawBufferPointer(buffer)
                    var index = 0
                    // Four bytes become eight; both ends stay within the two buffers, one twice the size of the other.
                    while index &+ 4 <= bytes.count {
                        let word = unsafe UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: index, as: UInt32.self))
                        unsafe target.storeBytes(of: hexadecimalText(word).bigEndian, toByteOffset: initialised &+ index &* 2, as: UInt64.self)
                        index &+= 4
                    }
                    while index < bytes.count {
                        let text = unsafe UInt16(truncatingIfNeeded: hexadecimalText(UInt32(bytes[index])))
                        unsafe target.storeBytes(of: text.bigEndian, toByteOffset: initialised &+ index &* 2, as: UInt16.self)
                        index &+= 1
                    }
                    initialised &+= bytes.count &* 2
                }
            }
        }
    }
}

/// The eight digits of a word, the first of them in the highest byte.
@inlinable
func hexadecimalText(_ word: UInt32) -> UInt64 {
    // Spread to one digit in each byte.
    var digits = UInt64(word)
    digits = (digits << 16 | digits) & 0x0000_FFFF_0000_FFFF
    digits = (digits << 8 | digits) & 0x00FF_00FF_00FF_00FF
    digits = (digits << 4 | digits) & 0x0F0F_0F0F_0F0F_0F0F
    // 1 in each byte whose digit is a letter: adding 6 to those carries into the upper half.
    let letters = (digits &+ 0x0606_0606_0606_0606) >> 4 & 0x0101_0101_0101_0101
    return digits &+ 0x3030_3030_3030_3030 &+ letters &* 0x27
}
