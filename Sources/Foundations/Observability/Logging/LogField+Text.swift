internal import Bytes
import Encodings

/// How fields stand in a line: members of a JSON object (RFC 8259), each after a comma.
///
/// Whatever a text holds, the line stays one line of valid JSON: quotes, backslashes and control characters are escaped (§7).
extension [UInt8] {
    mutating func append(_ field: borrowing LogField) {
        if case .text(let text) = field.value { return append(field.key, text) }
        let key = field.key
        // Room for the key, what is around it, and the longest of these values.
        append(addingCapacity: key.utf8CodeUnitCount + 72) { output in
            output.append(literal: ",\"")
            output.append(literal: key)
            switch field.value {
            case .text: break
            case .uuid(let id):
                output.append(literal: "\":\"")
                id.append(to: &output)
                output.append(UInt8(ascii: "\""))
            case .trace(let trace):
                output.append(literal: "\":\"")
                trace.appendTraceID(to: &output)
                output.append(literal: "\",\"spanId\":\"")
                trace.appendSpanID(to: &output)
                output.append(UInt8(ascii: "\""))
            case .integer(let value):
                output.append(literal: value < 0 ? "\":-" : "\":")
                output.append(decimal: value.magnitude)
            case .flag(let flag): output.append(literal: flag ? "\":true" : "\":false")
            }
        }
    }

    private mutating func append(_ key: StaticString, _ text: String) {
        let utf8 = text.utf8.span
        // Nearly every text is short and plain, and goes in as it is.
        let isPlain = utf8.count <= Self.longestText && utf8.firstJSONSpecial() == utf8.count && !utf8.holdsByte(above: 0x7e)
        append(addingCapacity: key.utf8CodeUnitCount + utf8.count + 6) { output in
            output.append(literal: ",\"")
            output.append(literal: key)
            output.append(literal: "\":\"")
            if isPlain {
                output.append(copying: utf8)
                output.append(UInt8(ascii: "\""))
            }
        }
        if !isPlain {
            appendEscaped(text)
            append(UInt8(ascii: "\""))
        }
    }

    /// Longer texts are cut, so that no client makes a line long.
    private static var longestText: Int { 1_024 }

    private mutating func appendEscaped(_ string: String) {
        var count = 0
        for scalar in string.unicodeScalars {
            count += 1
            guard count <= Self.longestText else { return append(literal: "…") }
            switch scalar.value {
            case 0x22, 0x5c:
                append(UInt8(ascii: "\\"))
                append(UInt8(scalar.value))
            case 0x20..<0x7f: append(UInt8(scalar.value))
            // Also DEL and the C1 controls, which a terminal may obey.
            case 0..<0x20, 0x7f..<0xa0:
                append(literal: "\\u00")
                append(hexadecimal: UInt64(scalar.value), digits: 2)
            default: append(contentsOf: String(scalar).utf8)
            }
        }
    }
}
