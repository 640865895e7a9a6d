internal import Bytes

/// The character classes of RFC 9110 §5.6 and RFC 9112. Each is a bit mask, so that a test is a shift and no table is in memory.
public enum Grammar {
    /// `tchar`: "!#$%&'*+-.^_`|~", digits and letters (RFC 9110 §5.6.2).
    @inlinable @inline(__always)
    public static func isTokenByte(_ byte: UInt8) -> Bool {
        if byte < 64 { return 0x03FF_6CFA_0000_0000 as UInt64 &>> UInt64(byte) & 1 == 1 }
        return byte < 128 && 0x57FF_FFFF_C7FF_FFFE as UInt64 &>> UInt64(byte &- 64) & 1 == 1
    }

    /// `field-vchar`, SP and HTAB: visible ASCII and obs-text, no controls (RFC 9110 §5.5).
    @inlinable @inline(__always)
    public static func isValueByte(_ byte: UInt8) -> Bool { (byte >= 0x20 && byte != 0x7F) || byte == 0x09 }

    @inlinable @inline(__always)
    public static func isWhitespace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

    /// Whether `text`, in any case, is `lower` (which must be in lower case).
    public static func equals(_ text: Span<UInt8>, _ lower: StaticString) -> Bool { text.equals(lowercase: lower) }

    /// Lends each element of a field that is a list, without the whitespace around it; empty ones are none (RFC 9110 §5.6.1).
    public static func forEachElement<E: Error>(of list: Span<UInt8>, _ body: (Span<UInt8>) throws(E) -> Void) throws(E) {
        var start = 0
        while start < list.count {
            let end = list.firstIndex(of: UInt8(ascii: ","), from: start)
            var (first, last) = (start, end)
            while first < last, isWhitespace(list[first]) { first += 1 }
            while last > first, isWhitespace(list[last - 1]) { last -= 1 }
            if first < last { try body(list.extracting(first..<last)) }
            start = end + 1
        }
    }
}
