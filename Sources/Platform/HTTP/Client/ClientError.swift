/// Why there is no response, or not all of it.
public enum ClientError: Error, Hashable, Sendable {
    /// No connection: the name doesn't resolve, nobody listens, no route.
    case connect(TransportFailure)
    /// No time left.
    case timeout
    /// The server closed the connection before it answered, or before the body was complete.
    case closed
    /// The response breaks RFC 9112.
    case malformed(ParseError)
    /// The body is longer than the caller's limit.
    case bodyTooLarge
    /// As many connections as allowed are busy, and as many requests as allowed wait for one.
    case overloaded
    /// The rest of the body was given up for a request that needed the connection, because nobody took it.
    case givenUp
    /// The request's own body stream failed.
    case requestBody
    /// The request target holds bytes that a request line can't.
    case target
    /// The task was cancelled.
    case cancelled

    /// How connecting failed.
    public enum TransportFailure: Hashable, Sendable {
        case unknownHost, refused, other
        /// No TLS, or none with whom it should be; libssl's reason.
        case encryption(String)
    }
}

extension ClientError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .connect(.unknownHost): "the name has no address"
        case .connect(.refused): "connection refused"
        case .connect(.other): "no connection"
        case .connect(.encryption(let reason)): "no encrypted connection (\(reason))"
        case .timeout: "no answer in time"
        case .closed: "the connection was closed"
        case .malformed(let error): "the answer is no HTTP (\(error))"
        case .bodyTooLarge: "the answer is too long"
        case .overloaded: "too many requests are waiting"
        case .givenUp: "the rest of the answer was given up"
        case .requestBody: "the request's body failed"
        case .target: "the target can't be sent"
        case .cancelled: "cancelled"
        }
    }
}
