/// `HTTP-version SP status-code SP [ reason-phrase ] CRLF` (RFC 9112 §4).
struct StatusLine: Sendable {
    let status: Status
    let isVersion10: Bool
    /// Where the line after it starts.
    let end: Int

    /// - Returns: nil while the line is incomplete.
    static func scan(_ input: Span<UInt8>) throws(ParseError) -> StatusLine? {
        var cursor = 0
        let minor: UInt8
        do throws(ParseError) {
            guard let found = try HTTPVersion.scan(input, at: &cursor) else { return nil }
            minor = found
        } catch {
            throw error == .requestLine ? .statusLine : error
        }
        guard cursor + 5 <= input.count else { return nil }
        guard input[cursor] == UInt8(ascii: " "), input[cursor + 4] == UInt8(ascii: " ") else { throw .statusLine }
        var code: UInt16 = 0
        for index in (cursor + 1)..<(cursor + 4) {
            let digit = input[index] &- UInt8(ascii: "0")
            guard digit < 10 else { throw .statusLine }
            code = code * 10 + UInt16(digit)
        }
        guard (100..<600).contains(code) else { throw .statusLine }
        cursor += 5
        while cursor < input.count, Grammar.isValueByte(input[cursor]) { cursor += 1 }
        guard cursor < input.count else { return nil }
        guard input[cursor] == UInt8(ascii: "\r") else { throw .statusLine }
        guard cursor + 1 < input.count else { return nil }
        guard input[cursor + 1] == UInt8(ascii: "\n") else { throw .lineEnding }
        return StatusLine(status: Status(rawValue: code), isVersion10: minor == 0, end: cursor + 2)
    }
}
