internal import Bytes

/// `chunk-size *( ";" chunk-ext-name [ "=" chunk-ext-val ] ) CRLF` (RFC 9112 §7.1), without "bad white space".
/// Extensions mean nothing to us, but what follows them must be certain: so they are checked, not skipped.
struct ChunkLine {
    let size: Int
    let extensionBytes: Int
    let end: Int

    /// - Returns: nil while the line is incomplete.
    static func scan(_ input: Span<UInt8>) throws(ParseError) -> ChunkLine? {
        var cursor = 0
        var size = 0
        while cursor < input.count, let digit = input[cursor].hexadecimalValue {
            // 15 digits can't overflow, and no body is that long.
            guard cursor < 15 else { throw .chunk }
            size = size << 4 | Int(digit)
            cursor += 1
        }
        guard cursor < input.count else { return nil }
        guard cursor > 0 else { throw .chunk }
        let sizeEnd = cursor
        while input[cursor] == UInt8(ascii: ";") {
            guard let next = try endOfExtension(input, from: cursor + 1), next < input.count else { return nil }
            cursor = next
        }
        guard input[cursor] == UInt8(ascii: "\r") else { throw .chunk }
        guard cursor + 1 < input.count else { return nil }
        guard input[cursor + 1] == UInt8(ascii: "\n") else { throw .chunk }
        return ChunkLine(size: size, extensionBytes: cursor - sizeEnd, end: cursor + 2)
    }

    private static func endOfExtension(_ input: Span<UInt8>, from start: Int) throws(ParseError) -> Int? {
        guard let nameEnd = try endOfToken(input, from: start), nameEnd < input.count else { return nil }
        guard input[nameEnd] == UInt8(ascii: "=") else { return nameEnd }
        guard nameEnd + 1 < input.count else { return nil }
        if input[nameEnd + 1] == UInt8(ascii: "\"") { return try endOfQuoted(input, from: nameEnd + 2) }
        return try endOfToken(input, from: nameEnd + 1)
    }

    private static func endOfToken(_ input: Span<UInt8>, from start: Int) throws(ParseError) -> Int? {
        var cursor = start
        while cursor < input.count, Grammar.isTokenByte(input[cursor]) { cursor += 1 }
        guard cursor < input.count else { return nil }
        guard cursor > start else { throw .chunk }
        return cursor
    }

    /// RFC 9110 §5.6.4.
    private static func endOfQuoted(_ input: Span<UInt8>, from start: Int) throws(ParseError) -> Int? {
        var cursor = start
        while cursor < input.count {
            switch input[cursor] {
            case UInt8(ascii: "\""): return cursor + 1
            case UInt8(ascii: "\\"):
                guard cursor + 1 < input.count else { return nil }
                guard Grammar.isValueByte(input[cursor + 1]) else { throw .chunk }
                cursor += 2
            case let byte:
                guard Grammar.isValueByte(byte) else { throw .chunk }
                cursor += 1
            }
        }
        return nil
    }
}
