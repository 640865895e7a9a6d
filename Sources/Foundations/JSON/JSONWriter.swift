internal import Bytes
import Encodings

/// Writes JSON into a byte buffer, without white space. Commas are put in; that brackets and names match is the caller's part.
///
///     var writer = JSONWriter()
///     writer.beginObject()
///     writer.member("count", 2)
///     writer.endObject()
public struct JSONWriter: Sendable {
    public private(set) var bytes: [UInt8]
    private var needsComma = false

    public init(reserving capacity: Int = 256) {
        bytes = []
        bytes.reserveCapacity(capacity)
    }

    public mutating func beginObject() {
        separate()
        bytes.append(UInt8(ascii: "{"))
        needsComma = false
    }

    public mutating func endObject() {
        bytes.append(UInt8(ascii: "}"))
        needsComma = true
    }

    public mutating func beginArray() {
        separate()
        bytes.append(UInt8(ascii: "["))
        needsComma = false
    }

    public mutating func endArray() {
        bytes.append(UInt8(ascii: "]"))
        needsComma = true
    }

    /// The name of the member whose value comes next.
    public mutating func key(_ name: String) {
        separate()
        quote(name.utf8.span)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    public mutating func member(_ name: String, _ value: String) {
        key(name)
        string(value)
    }

    public mutating func member(_ name: String, utf8 value: Span<UInt8>) {
        key(name)
        string(utf8: value)
    }

    public mutating func member(_ name: String, _ value: some FixedWidthInteger) {
        key(name)
        int(value)
    }

    public mutating func member(_ name: String, _ value: Bool) {
        key(name)
        bool(value)
    }

    public mutating func string(_ value: String) {
        separate()
        quote(value.utf8.span)
        needsComma = true
    }

    /// A string from bytes the caller knows to be UTF-8.
    public mutating func string(utf8 value: Span<UInt8>) {
        separate()
        quote(value)
        needsComma = true
    }

    /// How many bytes ``string(utf8:)`` writes for the text.
    public static func length(ofString text: Span<UInt8>) -> Int {
        var length = text.count + 2
        // Where there is one there are often many.
        for index in text.firstJSONSpecial()..<text.count {
            switch text[index] {
            case UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "\t"), UInt8(ascii: "\""), UInt8(ascii: "\\"): length += 1
            case 0..<0x20: length += 5
            default: break
            }
        }
        return length
    }

    public mutating func int(_ value: some FixedWidthInteger) {
        separate()
        bytes.append(decimal: value)
        needsComma = true
    }

    /// `null` for infinities and NaN, which JSON can't write.
    public mutating func double(_ value: Double) {
        raw(value.isFinite ? value.description : "null")
    }

    public mutating func bool(_ value: Bool) {
        raw(value ? "true" : "false")
    }

    public mutating func null() {
        raw("null")
    }

    /// A value that already is JSON text, as it is.
    public mutating func raw(_ json: String) {
        separate()
        bytes.append(contentsOf: json.utf8)
        needsComma = true
    }

    /// A value that already is JSON text, as it is.
    public mutating func raw(_ json: Span<UInt8>) {
        separate()
        bytes.append(json)
        needsComma = true
    }

    public mutating func value(_ value: JSONValue) {
        switch value {
        case .null: null()
        case .bool(let value): bool(value)
        case .number(let value): raw(value.text)
        case .string(let value): string(value)
        case .array(let values):
            beginArray()
            for value in values { self.value(value) }
            endArray()
        case .object(let object):
            beginObject()
            for member in object.members {
                key(member.name)
                self.value(member.value)
            }
            endObject()
        }
    }

    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
    }

    private mutating func quote(_ text: Span<UInt8>) {
        bytes.append(jsonString: text)
    }
}

extension [UInt8] {
    /// Appends a JSON string of bytes that are UTF-8. RFC 8259 §7: only the quotation mark, the backslash and control characters are escaped.
    public mutating func append(jsonString text: Span<UInt8>) {
        guard text.firstJSONSpecial() == text.count else { return appendEscaped(text) }
        append(addingCapacity: text.count + 2) { output in
            output.append(UInt8(ascii: "\""))
            output.append(copying: text)
            output.append(UInt8(ascii: "\""))
        }
    }

    private mutating func appendEscaped(_ text: Span<UInt8>) {
        append(addingCapacity: JSONWriter.length(ofString: text)) { output in
            output.append(UInt8(ascii: "\""))
            var start = 0
            while start < text.count {
                let special = text.firstJSONSpecial(from: start)
                output.append(copying: text.extracting(start..<special))
                guard special < text.count else { break }
                Self.escape(text[special], to: &output)
                start = special + 1
                // Where there is one there are often many: looking for the next costs more than writing it.
                while start < text.count, text[start] < 0x20 {
                    Self.escape(text[start], to: &output)
                    start += 1
                }
            }
            output.append(UInt8(ascii: "\""))
        }
    }

    @inline(__always)
    private static func escape(_ byte: UInt8, to output: inout OutputSpan<UInt8>) {
        output.append(UInt8(ascii: "\\"))
        switch byte {
        case UInt8(ascii: "\n"): output.append(UInt8(ascii: "n"))
        case UInt8(ascii: "\r"): output.append(UInt8(ascii: "r"))
        case UInt8(ascii: "\t"): output.append(UInt8(ascii: "t"))
        case 0..<0x20:
            output.append(literal: "u00")
            output.append(byte < 0x10 ? UInt8(ascii: "0") : UInt8(ascii: "1"))
            output.append(byte & 15 < 10 ? UInt8(ascii: "0") + (byte & 15) : UInt8(ascii: "a") - 10 + (byte & 15))
        default: output.append(byte)
        }
    }
}
