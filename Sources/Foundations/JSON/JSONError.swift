/// Why a text isn't JSON, and where.
public struct JSONError: Error, Equatable, Sendable, CustomStringConvertible {
    public enum Reason: String, Equatable, Sendable {
        case unexpectedEnd = "the text ends too early"
        case unexpectedByte = "unexpected character"
        case trailingText = "text after the value"
        case invalidNumber = "malformed number"
        case numberTooLong = "number of more than 256 characters"
        case invalidEscape = "malformed escape"
        case loneSurrogate = "surrogate without its other half"
        case controlCharacter = "unescaped control character in a string"
        case invalidUTF8 = "malformed UTF-8"
        case duplicateName = "duplicate member name"
        case tooDeep = "too many levels of nesting"
        case tooManyValues = "too many values"
        case tooLarge = "text too large"
    }

    public let reason: Reason
    /// Bytes before the offending one.
    public let offset: Int
    /// Line of the offending byte, from 1; lines end with a line feed.
    public let line: Int
    /// Byte in its line, from 1.
    public let column: Int

    init(_ fault: JSONFault, in bytes: Span<UInt8>) {
        reason = fault.reason
        offset = min(fault.offset, bytes.count)
        var line = 1
        var start = 0
        for index in 0..<offset where bytes[index] == UInt8(ascii: "\n") {
            line += 1
            start = index + 1
        }
        self.line = line
        column = offset - start + 1
    }

    public var description: String { "\(reason.rawValue) at line \(line), column \(column)" }
}

/// What the parser throws; the line is counted only once an error leaves the module.
struct JSONFault: Error {
    let reason: JSONError.Reason
    let offset: Int

    init(_ reason: JSONError.Reason, at offset: Int) {
        self.reason = reason
        self.offset = offset
    }
}
