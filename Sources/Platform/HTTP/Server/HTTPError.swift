/// What can go wrong with a request before, or beside, what its handler does. ``ErrorRenderer`` turns it into bytes.
public enum HTTPError: Error, Hashable, Sendable {
    /// The message breaks RFC 9112.
    case malformed(ParseError)
    /// The body is longer than allowed.
    case bodyTooLarge
    /// The client was too slow with its head or its body.
    case requestTimeout
    /// The handler took longer than the server's limit.
    case handlerTimeout
    /// The server's budget for buffered bodies is used up.
    case overloaded
    /// Who asks holds their whole share of that budget.
    case tooMuchAtOnce
    /// No route has the path.
    case notFound
    /// The path exists, but not with this method.
    case methodNotAllowed([Method])
    /// The body has been read already, or its request is over.
    case bodyUnavailable
    /// A streamed response didn't keep to the length it announced.
    case lengthMismatch
    /// The client has gone: there is nobody to answer.
    case disconnected

    public var status: Status {
        switch self {
        case .malformed(let error): error.status
        case .bodyTooLarge: .contentTooLarge
        case .requestTimeout: .requestTimeout
        case .handlerTimeout, .overloaded: .serviceUnavailable
        case .tooMuchAtOnce: .tooManyRequests
        case .notFound: .notFound
        case .methodNotAllowed: .methodNotAllowed
        case .bodyUnavailable, .lengthMismatch, .disconnected: .internalServerError
        }
    }
}
