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
        append(addingCapacity: 20) { $0.append(decimal: value, width: Swift.min(width, 20)) }
    }

    /// Appends a literal, as it stands in the program.
    @inlinable
    public mutating func append(literal: StaticString) {
        append(addingCapacity: literal.utf8CodeUnitCount) { $0.append(literal: literal) }
    }
}

extension Span where Element == UInt8 {
    /// True if both spans hold the same bytes. Not for secrets: it stops at the first difference.
    @inlinable
    public func equals(_ other: Span<UInt8>) -> Bool {
        hasSameBytes(as: other)
    }
}
