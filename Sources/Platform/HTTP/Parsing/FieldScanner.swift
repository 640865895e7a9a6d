internal import Bytes

/// Reads field lines up to the empty one (RFC 9112 §5), picking up what frames the message on the way.
///
/// It keeps its place between calls: a line is looked at again only while it is incomplete.
struct FieldScanner: Sendable {
    private(set) var fields: [Headers.Field] = []
    private(set) var facts = FramingFacts()
    /// Where the next line starts.
    private(set) var position: Int
    private let maximumFields: Int

    init(position: Int, maximumFields: Int) {
        self.position = position
        self.maximumFields = maximumFields
    }

    /// - Returns: true once the empty line has been read; false if more bytes are needed.
    mutating func scan(_ input: Span<UInt8>) throws(ParseError) -> Bool {
        while position < input.count {
            if input[position] == UInt8(ascii: "\r") {
                guard position + 1 < input.count else { return false }
                guard input[position + 1] == UInt8(ascii: "\n") else { throw .lineEnding }
                position += 2
                return true
            }
            guard try scanLine(input) else { return false }
        }
        return false
    }

    /// `field-name ":" OWS field-value OWS CRLF`
    private mutating func scanLine(_ input: Span<UInt8>) throws(ParseError) -> Bool {
        var cursor = input.firstBeyondName(from: position)
        while cursor < input.count, Grammar.isTokenByte(input[cursor]) { cursor += 1 }
        guard cursor < input.count else { return false }
        let nameEnd = cursor
        guard input[cursor] == UInt8(ascii: ":"), nameEnd > position else { throw Self.nameError(input, at: cursor, lineStart: position) }
        cursor += 1
        while cursor < input.count, Grammar.isWhitespace(input[cursor]) { cursor += 1 }
        let valueStart = cursor
        cursor = input.firstControl(from: cursor)
        guard cursor < input.count else { return false }
        guard input[cursor] == UInt8(ascii: "\r") else { throw input[cursor] == UInt8(ascii: "\n") ? .lineEnding : .fieldValue }
        guard cursor + 1 < input.count else { return false }
        guard input[cursor + 1] == UInt8(ascii: "\n") else { throw .lineEnding }
        var valueEnd = cursor
        while valueEnd > valueStart, Grammar.isWhitespace(input[valueEnd - 1]) { valueEnd -= 1 }

        guard fields.count < maximumFields else { throw .tooManyFields }
        try facts.note(name: input.extracting(position..<nameEnd), value: input.extracting(valueStart..<valueEnd), isPadded: valueEnd < cursor)
        if fields.isEmpty { fields.reserveCapacity(12) }
        fields.append(
            Headers.Field(
                nameStart: UInt32(position), nameEnd: UInt32(nameEnd), valueStart: UInt32(valueStart), valueEnd: UInt32(valueEnd)))
        position = cursor + 2
        return true
    }

    private static func nameError(_ input: Span<UInt8>, at cursor: Int, lineStart: Int) -> ParseError {
        if cursor == lineStart, Grammar.isWhitespace(input[cursor]) { return .folding }
        return input[cursor] == UInt8(ascii: "\n") || input[cursor] == UInt8(ascii: "\r") ? .lineEnding : .fieldName
    }
}
