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
