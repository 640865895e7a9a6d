/// Reading lower-case hexadecimal eight digits at a time: signatures, digests, ids of requests and traces come with every call.
extension Span where Element == UInt8 {
    /// The number that the eight digits at `index` are; nil if one of them is none.
    @inlinable
    public func hexadecimal(at index: Int) -> UInt32? { hexadecimal(at: index, and: index + 4) }

    /// The number that the four digits at `index` and the four at `other` are, the first ones the higher; nil if one of them is none.
    @inlinable
    public func hexadecimal(at index: Int, and other: Int) -> UInt32? {
        precondition(index >= 0 && other >= 0 && index <= count - 4 && other <= count - 4)
        // Both loads end within the span.
        let digits = unsafe withUnsafeBytes { bytes in
            unsafe UInt64(UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: index, as: UInt32.self))) << 32
                | UInt64(UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: other, as: UInt32.self)))
        }
        // The lower half of each byte, and nine more where it is a letter's; then pairs of bytes are joined, pairs of those, and the last two.
        var value = digits & 0x0F0F_0F0F_0F0F_0F0F &+ (digits >> 6 & 0x0101_0101_0101_0101) &* 9
        value = (value >> 4 | value) & 0x00FF_00FF_00FF_00FF
        value = (value >> 8 | value) & 0x0000_FFFF_0000_FFFF
        value = value >> 16 | value
        let word = UInt32(truncatingIfNeeded: value)
        // Whatever isn't the one spelling of a number comes out otherwise when it is spelled again.
        return hexadecimalText(word) == digits ? word : nil
    }
}
