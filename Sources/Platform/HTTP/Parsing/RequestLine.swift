internal import Bytes

/// `method SP request-target SP HTTP-version CRLF` (RFC 9112 §3): single spaces, no empty line before it.
struct RequestLine: Sendable {
    let method: Method
    let target: Range<Int>
    let isVersion10: Bool
    /// Where the line after it starts.
    let end: Int

    /// The longest method we speak has 7 letters; a longer token isn't waited for.
    private static let longestMethod = 16

    /// - Returns: nil while the line is incomplete.
    static func scan(_ input: Span<UInt8>) throws(ParseError) -> RequestLine? {
        var cursor = 0
        while cursor < input.count, Grammar.isTokenByte(input[cursor]) { cursor += 1 }
        if cursor > longestMethod { throw .unknownMethod }
        guard cursor < input.count else { return nil }
        guard input[cursor] == UInt8(ascii: " "), cursor > 0 else { throw .requestLine }
        guard let method = Method(input.extracting(0..<cursor)) else { throw .unknownMethod }
        cursor += 1

        let start = cursor
        while cursor < input.count, input[cursor].isVisible { cursor += 1 }
        guard cursor < input.count else { return nil }
        guard input[cursor] == UInt8(ascii: " "), isTarget(input.extracting(start..<cursor), of: method) else { throw .requestLine }
        let target = start..<cursor
        cursor += 1

        guard let minor = try HTTPVersion.scan(input, at: &cursor) else { return nil }
        guard cursor + 1 < input.count else {
            if cursor < input.count, input[cursor] != UInt8(ascii: "\r") { throw .requestLine }
            return nil
        }
        guard input[cursor] == UInt8(ascii: "\r"), input[cursor + 1] == UInt8(ascii: "\n") else { throw .requestLine }
        return RequestLine(method: method, target: target, isVersion10: minor == 0, end: cursor + 2)
    }

    /// origin-form, absolute-form of our schemes, or `*` for OPTIONS (RFC 9112 §3.2). A fragment is never sent.
    private static func isTarget(_ target: Span<UInt8>, of method: Method) -> Bool {
        guard target.count > 0 else { return false }
        for index in target.indices where target[index] == UInt8(ascii: "#") { return false }
        if target[0] == UInt8(ascii: "/") { return true }
        if target.count == 1, target[0] == UInt8(ascii: "*") { return method == .options }
        return hasPrefix(target, "http://") || hasPrefix(target, "https://")
    }

    private static func hasPrefix(_ target: Span<UInt8>, _ prefix: StaticString) -> Bool {
        let count = prefix.utf8CodeUnitCount
        return target.count > count && Grammar.equals(target.extracting(0..<count), prefix)
    }
}
