/// `HTTP/1.0` or `HTTP/1.1`, in capitals (RFC 9112 §2.3).
enum HTTPVersion {
    /// Reads the eight bytes at `cursor` and moves it past them.
    /// - Returns: the minor version; nil while the bytes aren't all there.
    static func scan(_ input: Span<UInt8>, at cursor: inout Int) throws(ParseError) -> UInt8? {
        var index = 0
        for expected in "HTTP/".utf8 {
            guard cursor + index < input.count else { return nil }
            guard input[cursor + index] == expected else { throw .requestLine }
            index += 1
        }
        guard cursor + 8 <= input.count else { return nil }
        let major = input[cursor + 5] &- UInt8(ascii: "0")
        let minor = input[cursor + 7] &- UInt8(ascii: "0")
        guard major < 10, minor < 10, input[cursor + 6] == UInt8(ascii: ".") else { throw .requestLine }
        guard major == 1, minor <= 1 else { throw .version }
        cursor += 8
        return minor
    }
}
