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

    mutating func append(time: Timestamp, level: LogLevel, service: String, message: StaticString, fields: [LogField]) {
        text("{\"time\":\"")
        time.appendISO8601(to: &bytes)
        text("\",\"level\":\"")
        text(level.rawValue)
        text("\",\"service\":\"")
        text(service)
        text("\",\"message\":\"")
        escaped(message.description)
        text("\"")
        for field in fields { append(field) }
        text("}\n")
    }

    private mutating func append(_ field: LogField) {
        text(",\"")
        text(field.key.description)
        switch field.value {
        case .text(let value):
            text("\":\"")
            escaped(value)
            text("\"")
        case .uuid(let id):
            text("\":\"")
            id.append(to: &bytes)
            text("\"")
        case .trace(let trace):
            text("\":\"")
            trace.appendTraceID(to: &bytes)
            text("\",\"spanId\":\"")
            trace.appendSpanID(to: &bytes)
            text("\"")
        case .integer(let value):
            text("\":")
            bytes.append(decimal: value)
        case .flag(let flag):
            text(flag ? "\":true" : "\":false")
        }
    }

    private mutating func text(_ string: String) {
        bytes.append(string)
    }

    private mutating func escaped(_ string: String) {
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
