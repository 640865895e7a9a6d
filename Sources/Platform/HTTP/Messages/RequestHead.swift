/// A request line and header fields that kept every rule of RFC 9112.
public struct RequestHead: Sendable {
    public let method: Method
    /// True for HTTP/1.0.
    public let isVersion10: Bool
    /// Where the request target lies in `headers.bytes`, which is the whole head as it was received.
    public let targetRange: Range<Int>
    /// The fields; `headers.bytes` is the head as it was received, `CRLF CRLF` included.
    public let headers: Headers
    public let framing: Framing
    /// Whether the client lets the connection be used again.
    public let keepsAlive: Bool
    /// `Expect: 100-continue`.
    public let expectsContinue: Bool

    /// The request target, raw. Its canonical form is `Contracts.CanonicalTarget`.
    public func withTarget<R, E: Error>(_ body: (Span<UInt8>) throws(E) -> R) throws(E) -> R {
        try body(headers.bytes.span.extracting(targetRange))
    }

    /// The request target as text, for logs and tests (it may hold a query: never log that).
    public var target: String { String(decoding: headers.bytes[targetRange], as: UTF8.self) }

    /// Where the target's path lies in `headers.bytes`: up to the `?`.
    public var pathRange: Range<Int> {
        let span = headers.bytes.span
        for index in targetRange where span[index] == UInt8(ascii: "?") { return targetRange.lowerBound..<index }
        return targetRange
    }

    /// Where the query lies, without its `?`; nil where there is none.
    public var queryRange: Range<Int>? {
        let path = pathRange
        return path.upperBound == targetRange.upperBound ? nil : path.upperBound + 1..<targetRange.upperBound
    }
}
