import Bytes
import Encodings

enum CanonicalHeaders {
    /// Appends `name:value\n` for each of `names`; values of repeated fields are joined with commas in their order.
    /// - Returns: false if a name has no field.
    static func append(_ names: Span<UInt8>, of fields: borrowing some SignableFields, to output: inout [UInt8]) -> Bool {
        var index = 0
        while index < names.count {
            let end = names.firstIndex(of: UInt8(ascii: ";"), from: index)
            let name = names.extracting(index..<end)
            output.append(name)
            output.append(UInt8(ascii: ":"))
            var found = false
            fields.forEachValue(of: name) { value in
                if found { output.append(UInt8(ascii: ",")) }
                appendTrimmed(value, to: &output)
                found = true
            }
            guard found else { return false }
            output.append(UInt8(ascii: "\n"))
            index = end + 1
        }
        return true
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r") || byte == UInt8(ascii: "\n")
    }

    /// True if trimming would change nothing, as it is for nearly every value.
    private static func isTrimmed(_ value: Span<UInt8>) -> Bool {
        guard value.holdsByte(below: UInt8(ascii: " ") + 1) else { return true }
        var wasSpace = true
        for index in value.indices {
            let byte = value[index]
            if isSpace(byte), wasSpace || byte != UInt8(ascii: " ") { return false }
            wasSpace = byte == UInt8(ascii: " ")
        }
        return !wasSpace
    }

    /// Trims white space at both ends and makes one space of each run inside. Line breaks occur only in values folded over lines.
    private static func appendTrimmed(_ value: Span<UInt8>, to output: inout [UInt8]) {
        if isTrimmed(value) {
            output.append(value)
            return
        }
        let start = output.count
        var pending = false
        for index in value.indices {
            let byte = value[index]
            if isSpace(byte) {
                pending = output.count > start
            } else {
                if pending { output.append(UInt8(ascii: " ")) }
                pending = false
                output.append(byte)
            }
        }
    }

    /// `lower` is lower-case already.
    static func isSame(_ name: Span<UInt8>, _ lower: Span<UInt8>) -> Bool { name.equals(lowercase: lower) }
}
