internal import Bytes
import Encodings

/// Renders one line: a JSON object (RFC 8259) and a line feed.
///
/// Whatever a text holds, the line stays one line of valid JSON: quotes, backslashes and control characters are escaped (§7).
struct LogLine {
    /// Longer texts are cut, so that no client makes a line long.
    static let longestText = 1_024

    private(set) var bytes: [UInt8]

    /// Takes over a buffer, to append to it in place.
    init(appendingTo bytes: consuming [UInt8]) {
        self.bytes = bytes
    }

    /// - Parameter middle: what `middle(level:service:)` gives.
    mutating func append(time: Timestamp, middle: [UInt8], message: StaticString, fields: [LogField]) {
        text("{\"time\":\"")
        time.appendISO8601(to: &bytes)
        bytes.append(contentsOf: middle)
        escaped(message.description)
        bytes.append(UInt8(ascii: "\""))
        for field in fields { append(field) }
        bytes.append(UInt8(ascii: "}"))
        bytes.append(UInt8(ascii: "\n"))
    }

    /// What stands between a line's time and its message.
    static func middle(level: LogLevel, service: String) -> [UInt8] {
        Array("\",\"level\":\"\(level.rawValue)\",\"service\":\"\(service)\",\"message\":\"".utf8)
    }

    private mutating func append(_ field: LogField) {
        bytes.append(contentsOf: field.key.opening)
        switch field.value {
        case .text(let value):
            bytes.append(UInt8(ascii: "\""))
            escaped(value)
            bytes.append(UInt8(ascii: "\""))
        case .uuid(let id):
            bytes.append(UInt8(ascii: "\""))
            id.append(to: &bytes)
            bytes.append(UInt8(ascii: "\""))
        case .trace(let trace):
            bytes.append(UInt8(ascii: "\""))
            trace.appendTraceID(to: &bytes)
            text("\",\"spanId\":\"")
            trace.appendSpanID(to: &bytes)
            bytes.append(UInt8(ascii: "\""))
        case .integer(let value): bytes.append(decimal: value)
        case .flag(let flag): text(flag ? "true" : "false")
        }
    }

    private mutating func text(_ string: String) {
        bytes.append(string)
    }

    private mutating func escaped(_ string: String) {
        // Nearly every text is short and plain, and goes in as it is.
        let utf8 = string.utf8.span
        let isPlain = utf8.count <= Self.longestText && utf8.firstJSONSpecial() == utf8.count && !utf8.holdsByte(above: 0x7e)
        if isPlain { return text(string) }
        var count = 0
        for scalar in string.unicodeScalars {
            count += 1
            guard count <= Self.longestText else {
                text("…")
                return
            }
            switch scalar.value {
            case 0x22, 0x5c:
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(UInt8(scalar.value))
            case 0x20..<0x7f: bytes.append(UInt8(scalar.value))
            // Also DEL and the C1 controls, which a terminal may obey.
            case 0..<0x20, 0x7f..<0xa0: control(UInt8(scalar.value))
            default: bytes.append(contentsOf: String(scalar).utf8)
            }
        }
    }

    private mutating func control(_ byte: UInt8) {
        let digits = Array("0123456789abcdef".utf8)
        text("\\u00")
        bytes.append(digits[Int(byte >> 4)])
        bytes.append(digits[Int(byte & 15)])
    }
}
