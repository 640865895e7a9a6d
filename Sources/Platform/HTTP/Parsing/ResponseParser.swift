internal import Bytes

/// Reads one response head; the counterpart of ``RequestParser``, as strict.
public struct ResponseParser: Sendable {
    private let limits: HeadLimits
    private let method: Method
    private var line: StatusLine?
    private var scanner: FieldScanner

    /// - Parameter method: of the request that is being answered: a response to HEAD has no body.
    public init(to method: Method, limits: HeadLimits) {
        self.limits = limits
        self.method = method
        scanner = FieldScanner(position: 0, maximumFields: limits.maximumFields)
    }

    /// How many bytes the head took, once ``parse(_:)`` has returned it.
    public var consumed: Int { scanner.position }

    /// - Parameter input: all bytes from the start of the head, each time.
    /// - Returns: nil while the head is incomplete.
    public mutating func parse(_ input: Span<UInt8>) throws(ParseError) -> ResponseHead? {
        guard let line = try statusLine(input), try scanner.scan(input) else {
            if input.count >= limits.maximumBytes { throw .tooLarge }
            return nil
        }
        guard consumed <= limits.maximumBytes else { throw .tooLarge }
        let facts = scanner.facts
        let framing = try Self.framing(facts, of: line, to: method)
        return ResponseHead(
            status: line.status, isVersion10: line.isVersion10,
            headers: Headers(bytes: [UInt8](copying: input.extracting(0..<consumed)), fields: scanner.fields), framing: framing,
            contentLength: facts.contentLength,
            keepsAlive: framing != .untilClose && facts.persists(isVersion10: line.isVersion10))
    }

    private mutating func statusLine(_ input: Span<UInt8>) throws(ParseError) -> StatusLine? {
        if let line { return line }
        guard let found = try StatusLine.scan(input) else { return nil }
        line = found
        scanner = FieldScanner(position: found.end, maximumFields: limits.maximumFields)
        return found
    }

    /// RFC 9112 §6.3, in its order.
    private static func framing(_ facts: FramingFacts, of line: StatusLine, to method: Method) throws(ParseError) -> Framing {
        if facts.isChunked {
            // §6.1: not beside a Content-Length, not in HTTP/1.0, not in 1xx or 204.
            guard facts.contentLength == nil, !line.isVersion10 else { throw .transferEncoding }
            guard !line.status.isInformational, line.status != .noContent else { throw .transferEncoding }
        }
        // RFC 9110 §8.6: no Content-Length in 1xx or 204; a zero is common and says the same.
        if line.status.isInformational || line.status == .noContent, let length = facts.contentLength, length > 0 { throw .contentLength }
        if method == .head || line.status.neverHasBody { return .none }
        if facts.isChunked { return .chunked }
        guard let length = facts.contentLength else { return .untilClose }
        return length == 0 ? .none : .length(length)
    }
}
