public import Bytes

/// Percent-encoding (RFC 3986 §2.1) with AWS's reading: all but the unreserved characters (§2.3) is encoded, in upper-case hex.
public enum PercentEncoding {
    /// Appends `bytes` encoded; `/` stays as it is if `keepingSlash`.
    public static func encode(_ bytes: Span<UInt8>, keepingSlash: Bool = false, into output: inout [UInt8]) {
        for index in bytes.indices {
            let byte = bytes[index]
            if isUnreserved(byte) || (keepingSlash && byte == UInt8(ascii: "/")) {
                output.append(byte)
            } else {
                output.append(UInt8(ascii: "%"))
                output.append(UInt8(upperHexadecimalDigitOf: byte >> 4))
                output.append(UInt8(upperHexadecimalDigitOf: byte & 15))
            }
        }
    }

    public static func encode(_ text: String, keepingSlash: Bool = false) -> String {
        var output: [UInt8] = []
        encode(text.utf8.span, keepingSlash: keepingSlash, into: &output)
        return String(decoding: output, as: UTF8.self)
    }

    /// The decoded bytes, or nil if a `%` isn't followed by two hex digits. `+` is read as a space only if `plusIsSpace` (form bodies).
    public static func decode(_ text: Span<UInt8>, plusIsSpace: Bool = false) -> [UInt8]? {
        var output: [UInt8] = []
        output.reserveCapacity(text.count)
        var index = 0
        while index < text.count {
            let byte = text[index]
            if byte == UInt8(ascii: "%") {
                guard index + 2 < text.count, let high = text[index + 1].hexadecimalValue, let low = text[index + 2].hexadecimalValue else {
                    return nil
                }
                output.append(high << 4 | low)
                index += 3
            } else {
                output.append(plusIsSpace && byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
                index += 1
            }
        }
        return output
    }

    /// RFC 3986 §2.3: ALPHA / DIGIT / "-" / "." / "_" / "~".
    @inlinable
    public static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case _ where byte.isAlphanumeric: true
        case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"): true
        default: false
        }
    }
}
