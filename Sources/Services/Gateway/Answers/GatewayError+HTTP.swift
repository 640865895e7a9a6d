import HTTP

extension GatewayError {
    /// What the server says about a request, in the gateway's own terms.
    init(_ error: HTTPError) {
        switch error {
        case .malformed(.tooLarge), .malformed(.tooManyFields): self = .headersTooLarge
        // To API Gateway a method that it doesn't know is a route that it doesn't know.
        case .malformed(.unknownMethod): self = .missingAuthenticationToken
        case .malformed(let error):
            self = error.status == .badRequest ? .badRequest : .malformed(Int(error.status.rawValue), error.status.reason)
        case .bodyTooLarge: self = .bodyTooLarge
        case .requestTimeout: self = .malformed(408, "Request Timeout")
        case .overloaded: self = .overloaded
        case .tooMuchAtOnce: self = .throttled
        case .handlerTimeout: self = .integrationTimeout
        case .notFound, .methodNotAllowed: self = .missingAuthenticationToken
        case .bodyUnavailable, .lengthMismatch, .disconnected: self = .unavailable
        }
    }

    /// - Parameter isService: whether a service of the cluster was called; another server is answered for in API Gateway's own words.
    init(_ error: ClientError, isService: Bool) {
        switch error {
        case .connect where isService: self = .serviceAway
        case .timeout: self = .integrationTimeout
        case .malformed, .bodyTooLarge, .target, .requestBody: self = .integrationMalformed
        case .connect, .closed, .givenUp: self = .integrationUnreachable
        case .overloaded: self = .overloaded
        case .cancelled: self = .unavailable
        }
    }
}
