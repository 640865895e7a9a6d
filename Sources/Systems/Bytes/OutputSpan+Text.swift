/// Writing text into room that is there already. A line of a log or a header is twenty pieces; asking an array for room for each of them takes longer
/// than writing them.
///
/// Each function checks that its bytes fit before it writes the first, then stores through the span's own memory behind what is initialised.
extension OutputSpan where Element == UInt8 {
    /// Appends a copy of `span`.
    @inlinable @_lifetime(self: copy self)
    public mutating func append(copying span: Span<UInt8>) {
        unsafe span.withUnsafeBytes { unsafe append(raw: $0) }
    }

    /// Appends a literal, as it stands in the program.
    @inlinable @inline(__always) @_lifetime(self: copy self)
    public mutating func append(literal: StaticString) {
        unsafe append(raw: UnsafeRawBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount))
    }

    /// Appends sixteen lower-case hexadecimal digits.
    @inlinable @_lifetime(self: copy self)
    public mutating func append(hexadecimal value: UInt64) {
        let text = (hexadecimalText(UInt32(truncatingIfNeeded: value >> 32)).bigEndian, hexadecimalText(UInt32(truncatingIfNeeded: value)).bigEndian)
        unsafe withUnsafeBytes(of: text) { unsafe append(raw: $0) }
    }

    /// Appends all digits of both words, in groups of 8, 4, 4, 4 and 12 with a dash between them: the text of a UUID.
    @inlinable @_lifetime(self: copy self)
    public mutating func append(groupedHexadecimal high: UInt64, _ low: UInt64) {
        let first = hexadecimalText(UInt32(truncatingIfNeeded: high >> 32)).bigEndian
        let second = hexadecimalText(UInt32(truncatingIfNeeded: high)).bigEndian
        let third = hexadecimalText(UInt32(truncatingIfNeeded: low >> 32)).bigEndian
        let fourth = hexadecimalText(UInt32(truncatingIfNeeded: low)).bigEndian
        var text = InlineArray<36, UInt8>(repeating: UInt8(ascii: "-"))
        // Each store lies within the 36 bytes, and leaves the four dashes between them. The low half of a word comes first in memory.
        unsafe withUnsafeMutableBytes(of: &text) { text in
            unsafe text.storeBytes(of: first, toByteOffset: 0, as: UInt64.self)
            unsafe text.storeBytes(of: UInt32(truncatingIfNeeded: second), toByteOffset: 9, as: UInt32.self)
            unsafe text.storeBytes(of: UInt32(truncatingIfNeeded: second >> 32), toByteOffset: 14, as: UInt32.self)
            unsafe text.storeBytes(of: UInt32(truncatingIfNeeded: third), toByteOffset: 19, as: UInt32.self)
            unsafe text.storeBytes(of: UInt32(truncatingIfNeeded: third >> 32), toByteOffset: 24, as: UInt32.self)
            unsafe text.storeBytes(of: fourth, toByteOffset: 28, as: UInt64.self)
            unsafe append(raw: UnsafeRawBufferPointer(text))
        }
    }

    /// Appends `value` in decimal, padded with zeros to `width` digits (at most 20); a longer number is written whole.
    @inlinable @_lifetime(self: copy self)
    public mutating func append(decimal value: UInt64, width: Int = 1) {
        precondition(0...20 ~= width)
        var digits = 1
        var next = value / 10
        while next > 0 {
            digits &+= 1
            next /= 10
        }
        digits = Swift.max(digits, width)
        precondition(digits <= freeCapacity)
        unsafe withUnsafeMutableBufferPointer { buffer, initialised in
            // From the last digit to the first, all of which fit. Dividing by a constant is a multiplication.
            var rest = value
            var place = initialised &+ digits
            while place > initialised {
                place &-= 1
                unsafe UnsafeMutableRawPointer(buffer.baseAddress! + place).storeBytes(
                    of: UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: rest % 10), as: UInt8.self)
                rest /= 10
            }
            initialised &+= digits
        }
    }

    // Inlined, so that the copy of a literal is a store or two.
    @inlinable @inline(__always) @_lifetime(self: copy self)
    mutating func append(raw bytes: UnsafeRawBufferPointer) {
        precondition(bytes.count <= freeCapacity)
        guard let source = bytes.baseAddress else { return }
        unsafe withUnsafeMutableBufferPointer { buffer, initialised in
            unsafe UnsafeMutableRawPointer(buffer.baseAddress! + initialised).copyMemory(from: source, byteCount: bytes.count)
            initialised &+= bytes.count
        }
    }
}
