internal import Bytes

/// Lower-case hexadecimal, the only form the cluster writes or accepts (SigV4 signatures, digests, trace ids).
public enum Hex {
    public static func encode(_ bytes: Span<UInt8>) -> String {
        var output: [UInt8] = []
        encode(bytes, into: &output)
        return String(decoding: output, as: UTF8.self)
    }

    public static func encode(_ bytes: [UInt8]) -> String {
        encode(bytes.span)
    }

    public static func encode(_ bytes: Span<UInt8>, into output: inout [UInt8]) {
        output.append(hexadecimalOf: bytes)
    }

    /// The bytes, or nil if `text` has an odd length or anything but `0-9a-f`.
    public static func decode(_ text: Span<UInt8>) -> [UInt8]? {
        guard text.count % 2 == 0 else { return nil }
        // Appending nothing to an array without room stores its count in the empty array that all threads share.
        if text.isEmpty { return [] }
        var valid = true
        var bytes: [UInt8] = []
        bytes.append(addingCapacity: text.count / 2) { out in
            var index = 0
            while index + 8 <= text.count {
                guard let word = text.hexadecimal(at: index) else {
                    valid = false
                    return
                }
                for shift: UInt32 in [24, 16, 8, 0] { out.append(UInt8(truncatingIfNeeded: word >> shift)) }
                index += 8
            }
            while index < text.count {
                guard let high = value(text[index]), let low = value(text[index + 1]) else {
                    valid = false
                    return
                }
                out.append(high << 4 | low)
                index += 2
            }
        }
        return valid ? bytes : nil
    }

    public static func decode(_ text: String) -> [UInt8]? {
        decode(text.utf8.span)
    }

    @usableFromInline
    static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}
