internal import Bytes
import Encodings

/// How fields stand in a line: members of a JSON object (RFC 8259), each after a comma.
///
/// Whatever a text holds, the line stays one line of valid JSON: quotes, backslashes and control characters are escaped (§7).
extension [UInt8] {
    mutating func append(_ field: borrowing LogField) {
        let key = field.key
        let room = key.utf8CodeUnitCount + LogField.room
        switch field.value {
        case .text(let text): append(key, text)
        case .uuid(let id): append(addingCapacity: room) { $0.append(key, id) }
        case .trace(let trace): append(addingCapacity: room) { $0.append(key, trace) }
        case .integer(let value): append(addingCapacity: room) { $0.append(key, value) }
        case .flag(let flag): append(addingCapacity: room) { $0.append(key, flag) }
        }
    }

    mutating func append(_ key: StaticString, _ text: String) {
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

extension LogField {
    /// What a member takes at most beside its key, unless it is a text.
    static var room: Int { 72 }
}

/// Members for which there must be room.
extension OutputSpan<UInt8> {
    mutating func append(_ key: StaticString, _ id: UUID) {
        append(key, beforeValue: "\":\"")
        id.append(to: &self)
        append(UInt8(ascii: "\""))
    }

    mutating func append(_ key: StaticString, _ trace: TraceContext) {
        append(key, beforeValue: "\":\"")
        trace.appendTraceID(to: &self)
        append(literal: "\",\"spanId\":\"")
        trace.appendSpanID(to: &self)
        append(UInt8(ascii: "\""))
    }

    mutating func append(_ key: StaticString, _ value: Int64) {
        append(key, beforeValue: value < 0 ? "\":-" : "\":")
        append(decimal: value.magnitude)
    }

    mutating func append(_ key: StaticString, _ flag: Bool) {
        append(key, beforeValue: flag ? "\":true" : "\":false")
    }

    /// A text of ours that needs no escaping.
    mutating func append(_ key: StaticString, plain text: String) {
        append(key, beforeValue: "\":\"")
        append(copying: text.utf8.span)
        append(UInt8(ascii: "\""))
    }

    private mutating func append(_ key: StaticString, beforeValue: StaticString) {
        append(literal: ",\"")
        append(literal: key)
        append(literal: beforeValue)
    }
}
