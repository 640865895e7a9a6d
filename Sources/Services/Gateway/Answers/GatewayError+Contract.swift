/// The table of `gateway responses`: type, status, `x-amzn-ErrorType`, message.
extension GatewayError {
    struct Contract {
        let type: GatewayResponseType?
        let status: Int
        let errorType: String?
        /// Nil is JSON's null.
        let message: String?
        /// ACCESS_DENIED alone writes `Message`.
        var member = "message"
    }

    var contract: Contract {
        switch self {
        case .badRequest: Contract(type: .default4XX, status: 400, errorType: "BadRequestException", message: "Bad Request")
        case .malformed(let status, let reason):
            Contract(type: .default4XX, status: status, errorType: "BadRequestException", message: reason)
        case .headersTooLarge:
            Contract(type: .default4XX, status: 431, errorType: "BadRequestException", message: "Request Header Fields Too Large")
        case .targetTooLong: Contract(type: .default4XX, status: 414, errorType: "BadRequestException", message: "Request URI too long")
        case .bodyTooLarge: Contract(type: .requestTooLarge, status: 413, errorType: "RequestTooLargeException", message: "Request Too Long")
        case .missingAuthenticationToken:
            Contract(
                type: .missingAuthenticationToken, status: 403, errorType: "MissingAuthenticationTokenException",
                message: "Missing Authentication Token")
        case .incompleteSignature(let message):
            Contract(type: .default4XX, status: 403, errorType: "IncompleteSignatureException", message: message)
        case .invalidSignature(let message):
            Contract(type: .invalidSignature, status: 403, errorType: "InvalidSignatureException", message: message)
        case .unrecognizedClient:
            Contract(
                type: .default4XX, status: 403, errorType: "UnrecognizedClientException",
                message: "The security token included in the request is invalid.")
        case .unauthorized: Self.unauthorizedContract("Unauthorized")
        case .tokenExpired: Self.unauthorizedContract("The incoming token has expired")
        case .invalidBearerToken: Contract(type: .unauthorized, status: 401, errorType: nil, message: "Unauthorized")
        case .insufficientScope, .forbidden: Contract(type: .accessDenied, status: 403, errorType: nil, message: "Forbidden")
        case .explicitlyDenied:
            Contract(
                type: .accessDenied, status: 403, errorType: "AccessDeniedException",
                message: "User is not authorized to access this resource with an explicit deny in an identity-based policy", member: "Message")
        case .notAuthorized(let message):
            Contract(type: .accessDenied, status: 403, errorType: "AccessDeniedException", message: message, member: "Message")
        case .implicitlyDenied:
            Contract(
                type: .accessDenied, status: 403, errorType: "AccessDeniedException",
                message: "User is not authorized to access this resource because no identity-based policy allows the execute-api:Invoke action",
                member: "Message")
        // API Gateway says 500 when a customer's function fails. Ours is a part of the cluster that is away: 503, so that clients try again.
        case .authorizerFailure:
            Contract(type: .authorizerFailure, status: 503, errorType: "ServiceUnavailableException", message: "Service Unavailable")
        case .serviceAway:
            Contract(type: .integrationFailure, status: 503, errorType: "ServiceUnavailableException", message: "Service Unavailable")
        // The documentation has another name for it; what the service was seen to send is this.
        case .authorizerConfiguration:
            Contract(type: .authorizerConfigurationError, status: 500, errorType: "AuthorizerConfigurationException", message: nil)
        case .integrationTimeout:
            Contract(type: .integrationTimeout, status: 504, errorType: "InternalServerErrorException", message: "Endpoint request timed out")
        case .integrationUnreachable:
            Contract(
                type: .integrationFailure, status: 504, errorType: "InternalServerErrorException",
                message: "Network error communicating with endpoint")
        case .integrationMalformed:
            Contract(type: .integrationFailure, status: 502, errorType: "InternalServerErrorException", message: "Internal server error")
        case .throttled:
            Contract(type: .throttled, status: 429, errorType: "TooManyRequestsException", message: "Too Many Requests")
        case .overloaded, .unavailable:
            Contract(type: .default5XX, status: 503, errorType: "ServiceUnavailableException", message: "Service Unavailable")
        }
    }

    /// The case, without what it holds: for the log.
    var name: String {
        switch self {
        case .badRequest: "badRequest"
        case .malformed: "malformed"
        case .headersTooLarge: "headersTooLarge"
        case .targetTooLong: "targetTooLong"
        case .bodyTooLarge: "bodyTooLarge"
        case .missingAuthenticationToken: "missingAuthenticationToken"
        case .incompleteSignature: "incompleteSignature"
        case .invalidSignature: "invalidSignature"
        case .unrecognizedClient: "unrecognizedClient"
        case .unauthorized: "unauthorized"
        case .tokenExpired: "tokenExpired"
        case .invalidBearerToken: "invalidBearerToken"
        case .insufficientScope: "insufficientScope"
        case .forbidden: "forbidden"
        case .explicitlyDenied: "explicitlyDenied"
        case .notAuthorized: "notAuthorized"
        case .implicitlyDenied: "implicitlyDenied"
        case .authorizerFailure: "authorizerFailure"
        case .authorizerConfiguration: "authorizerConfiguration"
        case .integrationTimeout: "integrationTimeout"
        case .integrationUnreachable: "integrationUnreachable"
        case .serviceAway: "serviceAway"
        case .integrationMalformed: "integrationMalformed"
        case .overloaded: "overloaded"
        case .throttled: "throttled"
        case .unavailable: "unavailable"
        }
    }

    private static func unauthorizedContract(_ message: String) -> Contract {
        Contract(type: .unauthorized, status: 401, errorType: "UnauthorizedException", message: message)
    }

    /// HTTP API's `www-authenticate` (RFC 6750 §3); nil for all other answers.
    var challenge: String? {
        switch self {
        case .invalidBearerToken(nil): "Bearer"
        case .invalidBearerToken(let reason?): "Bearer scope=\"\" error=\"invalid_token\" error_description=\"\(reason)\""
        case .insufficientScope(let scopes): "Bearer scope=\"\(scopes.joined(separator: " "))\" error=\"insufficient_scope\""
        default: nil
        }
    }
}
