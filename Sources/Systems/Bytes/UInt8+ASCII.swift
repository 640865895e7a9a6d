/// The classes of ASCII characters that protocols speak of; a byte from 0x80 on is in none of them.
extension UInt8 {
    /// `0` to `9`.
    @inlinable @inline(__always)
    public var isDigit: Bool { self &- UInt8(ascii: "0") < 10 }

    /// `a` to `z` and `A` to `Z`.
    @inlinable @inline(__always)
    public var isLetter: Bool { (self | 0x20) &- UInt8(ascii: "a") < 26 }

    @inlinable @inline(__always)
    public var isAlphanumeric: Bool { isDigit || isLetter }

    /// Neither space nor control: `VCHAR` (RFC 5234 B.1).
    @inlinable @inline(__always)
    public var isVisible: Bool { self > 0x20 && self < 0x7F }

    /// Visible, or a space.
    @inlinable @inline(__always)
    public var isPrintable: Bool { self >= 0x20 && self < 0x7F }

    /// The letter's lower case; any other byte as it is.
    @inlinable @inline(__always)
    public var lowercased: UInt8 { self &- UInt8(ascii: "A") < 26 ? self | 0x20 : self }

    /// What it is as a hexadecimal digit of either case; nil where it is none.
    @inlinable @inline(__always)
    public var hexadecimalValue: UInt8? {
        if isDigit { return self - UInt8(ascii: "0") }
        let letter = (self | 0x20) &- UInt8(ascii: "a")
        return letter < 6 ? letter + 10 : nil
    }

    /// The upper-case hexadecimal digit of a value below 16.
    @inlinable @inline(__always)
    public init(upperHexadecimalDigitOf value: UInt8) {
        self = value < 10 ? UInt8(ascii: "0") &+ value : UInt8(ascii: "A") &- 10 &+ value
    }
}
