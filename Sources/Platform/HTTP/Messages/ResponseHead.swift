/// A status line and header fields that kept every rule of RFC 9112.
public struct ResponseHead: Sendable {
    public let status: Status
    /// True for HTTP/1.0.
    public let isVersion10: Bool
    /// The fields; `headers.bytes` is the head as it was received.
    public let headers: Headers
    public let framing: Framing
    /// `Content-Length`, also where there is no body: in a response to HEAD, or a 304, the length it would have.
    public let contentLength: Int?
    /// Whether the server lets the connection be used again.
    public let keepsAlive: Bool
}
