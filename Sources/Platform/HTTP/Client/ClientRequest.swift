internal import Bytes

/// A request to send. The client writes `Content-Length`, `Transfer-Encoding` and `Connection` itself, and `Host` unless given.
public struct ClientRequest: Sendable {
    public var method: Method
    /// The request target, raw: `/path?query`. Bytes that can't stand in a request line are refused.
    public var target: [UInt8]
    public var headers: Headers
    /// Further fields, after `headers`.
    public var fieldLines: FieldLines
    public var body: Body
    /// Until the response's head (or a short response's end) is there: connecting, sending, waiting.
    public var timeoutMilliseconds: UInt64
    /// For each further piece of the response's body.
    public var bodyTimeoutMilliseconds: UInt64
    /// Whether the request may be sent again, on a new connection, when an idle connection turns out to have been closed by
    /// the server at that moment. A streamed body never is.
    public var mayBeSentAgain: Bool

    /// - Parameter timeoutMilliseconds: for the response's head, and for each further piece of its body.
    public init(
        _ method: Method, _ target: [UInt8], headers: Headers = Headers(), fieldLines: FieldLines = FieldLines(), body: Body = .empty,
        timeoutMilliseconds: UInt64 = 30_000
    ) {
        self.method = method
        self.target = target
        self.headers = headers
        self.fieldLines = fieldLines
        self.body = body
        self.timeoutMilliseconds = timeoutMilliseconds
        bodyTimeoutMilliseconds = timeoutMilliseconds
        mayBeSentAgain = method.isIdempotent
    }

    public init(_ method: Method, _ target: String, headers: Headers = Headers(), body: Body = .empty) {
        self.init(method, Array(target.utf8), headers: headers, body: body)
    }

    var hasValidTarget: Bool {
        guard !target.isEmpty else { return false }
        for byte in target where !byte.isVisible { return false }
        return true
    }

    var isRepeatable: Bool { mayBeSentAgain && !body.isStream }
}
