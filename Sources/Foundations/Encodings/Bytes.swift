public import Bytes

/// Appending to byte buffers without going through a `String`.
extension [UInt8] {
    /// Appends the bytes of `span`.
    @inlinable
    public mutating func append(_ span: Span<UInt8>) {
        appendBytes(of: span)
    }

    /// Appends the UTF-8 of `text`.
    @inlinable
    public mutating func append(_ text: String) {
        append(contentsOf: text.utf8)
    }

    /// Appends `value` in decimal, without padding.
    @inlinable
    public mutating func append<Value: FixedWidthInteger>(decimal value: Value) {
        if value < 0 { append(UInt8(ascii: "-")) }
        appendDigits(UInt64(value.magnitude), atLeast: 1)
    }

    /// Appends `value` in decimal, padded with zeros to `width` digits; a longer number is written whole.
    @inlinable
    public mutating func append(decimal value: Int, width: Int) {
        if width == 2, 0...99 ~= value {
            append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value / 10))
            append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value % 10))
            return
        }
        if value < 0 { append(UInt8(ascii: "-")) }
        appendDigits(UInt64(value.magnitude), atLeast: width)
    }

    @usableFromInline
    mutating func appendDigits(_ value: UInt64, atLeast width: Int) {
        // The longest number has 20 digits, and nothing is padded further. Dividing by a constant is a multiplication.
        var digits = InlineArray<20, UInt8>(repeating: UInt8(ascii: "0"))
        var first = 20
        var rest = value
        repeat {
            first -= 1
            digits[first] = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        } while rest > 0
        first = Swift.max(0, Swift.min(first, 20 - width))
        append(addingCapacity: 20 - first) { (output: inout OutputSpan<UInt8>) in
            for index in first..<20 { output.append(digits[index]) }
        }
    }
}

extension Span where Element == UInt8 {
    /// True if both spans hold the same bytes. Not for secrets: it stops at the first difference.
    @inlinable
    public func equals(_ other: Span<UInt8>) -> Bool {
        hasSameBytes(as: other)
    }
}
