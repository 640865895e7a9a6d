internal import Bytes

/// Reads one request head. Sans-I/O: bytes in, a head out; every "MAY be lenient" of RFC 9112 is answered no.
///
/// ```
/// var parser = RequestParser(limits: HeadLimits())
/// while true {
///     if let head = try parser.parse(unread) { … consume parser.consumed … }
///     // else wait for more bytes and call again with all that is unread
/// }
/// ```
public struct RequestParser: Sendable {
    private let limits: HeadLimits
    private var line: RequestLine?
    private var scanner: FieldScanner

    public init(limits: HeadLimits) {
        self.limits = limits
        scanner = FieldScanner(position: 0, maximumFields: limits.maximumFields)
    }

    /// How many bytes the head took, once ``parse(_:)`` has returned it.
    public var consumed: Int { scanner.position }

    /// - Parameter input: all bytes from the start of the head, each time.
    /// - Returns: nil while the head is incomplete.
    public mutating func parse(_ input: Span<UInt8>) throws(ParseError) -> RequestHead? {
        try parse(input) { [UInt8](copying: input.extracting(0..<$0)) }
    }

    /// A head that is all there, and whose bytes the head may keep as they are.
    mutating func parse(whole input: [UInt8]) throws(ParseError) -> RequestHead? {
        try parse(input.span) { _ in input }
    }

    private mutating func parse(_ input: Span<UInt8>, keep: (Int) -> [UInt8]) throws(ParseError) -> RequestHead? {
        guard let line = try requestLine(input), try scanner.scan(input) else {
            if input.count >= limits.maximumBytes { throw .tooLarge }
            return nil
        }
        guard consumed <= limits.maximumBytes else { throw .tooLarge }
        let facts = scanner.facts
        let framing = try Self.framing(facts, isVersion10: line.isVersion10)
        return RequestHead(
            method: line.method, isVersion10: line.isVersion10, targetRange: line.target,
            headers: Headers(bytes: keep(consumed), fields: scanner.fields), framing: framing,
            keepsAlive: facts.persists(isVersion10: line.isVersion10),
            // RFC 9110 §10.1.1: an HTTP/1.0 client can't mean it.
            expectsContinue: facts.expectsContinue && !line.isVersion10)
    }

    private mutating func requestLine(_ input: Span<UInt8>) throws(ParseError) -> RequestLine? {
        if let line { return line }
        guard let found = try RequestLine.scan(input) else { return nil }
        line = found
        scanner = FieldScanner(position: found.end, maximumFields: limits.maximumFields)
        return found
    }

    /// RFC 9112 §6.1, §6.3: a request with both fields, or with Transfer-Encoding in HTTP/1.0, is how requests are smuggled.
    private static func framing(_ facts: FramingFacts, isVersion10: Bool) throws(ParseError) -> Framing {
        guard isVersion10 || facts.hostCount == 1 else { throw .host }
        if facts.isChunked {
            guard facts.contentLength == nil, !isVersion10 else { throw .transferEncoding }
            return .chunked
        }
        guard let length = facts.contentLength, length > 0 else { return .none }
        return .length(length)
    }
}
