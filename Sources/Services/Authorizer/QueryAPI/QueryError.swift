internal import HTTP
internal import Policies
internal import SQLite
internal import Trust

/// Why an IAM or STS call isn't carried out, with the codes, statuses and as far as known the words of the real service.
enum QueryError: Error, Equatable, Sendable {
    case missingAction
    case invalidAction(String, version: String)
    /// A parameter that this service doesn't have, or has and doesn't implement. Ignoring one could grant more than was meant.
    case unsupportedParameter(String)
    case malformedRequest(String)
    case missingParameter(String)
    case invalidParameter(String, constraint: String)
    /// Root's user or keys are asked for, which are not in the directory.
    case rootIsNoUser
    case noSuchEntity(String)
    case alreadyExists(String)
    case deleteConflict(String)
    case limitExceeded(String)
    case malformedPolicy(PolicyError)
    case accessDenied(principal: String, action: String, resource: String, Decision)
    /// The signature was made for the other API.
    case otherScope(String)
    case tooLarge
    /// It passes: a full disk, too much at a time. Nothing was changed.
    case unavailable
    /// A defect, or damaged data; the log says more.
    case failure

    var code: String {
        switch self {
        case .missingAction: "MissingAction"
        case .invalidAction: "InvalidAction"
        case .unsupportedParameter: "InvalidParameterValue"
        case .malformedRequest: "MalformedInput"
        case .missingParameter, .invalidParameter, .rootIsNoUser: "ValidationError"
        case .noSuchEntity: "NoSuchEntity"
        case .alreadyExists: "EntityAlreadyExists"
        case .deleteConflict: "DeleteConflict"
        case .limitExceeded: "LimitExceeded"
        case .malformedPolicy(.tooLong): "LimitExceeded"
        case .malformedPolicy: "MalformedPolicyDocument"
        case .accessDenied: "AccessDenied"
        case .otherScope: "SignatureDoesNotMatch"
        case .tooLarge: "RequestEntityTooLarge"
        case .unavailable: "ServiceUnavailable"
        case .failure: "ServiceFailure"
        }
    }

    var status: Status {
        switch self {
        case .accessDenied, .otherScope: .forbidden
        case .tooLarge: .contentTooLarge
        case .unavailable: .serviceUnavailable
        case .failure: .internalServerError
        case .noSuchEntity: .notFound
        case .alreadyExists, .deleteConflict, .limitExceeded, .malformedPolicy(.tooLong): .conflict
        default: .badRequest
        }
    }

    var message: String {
        switch self {
        case .missingAction: "The request is missing an action or a required parameter."
        case .invalidAction(let name, let version): "Could not find operation \(name) for version \(version)"
        case .unsupportedParameter(let name): "The parameter \(name) is not supported by this service."
        case .malformedRequest(let text): text
        case .missingParameter(let name):
            "1 validation error detected: Value null at '\(Self.member(name))' failed to satisfy constraint: Member must not be null"
        case .invalidParameter(let name, let constraint):
            "1 validation error detected: Value at '\(Self.member(name))' failed to satisfy constraint: \(constraint)"
        case .rootIsNoUser:
            "Must specify userName when calling with the root principal, which is no user; its own keys are replaced by strongroom keys rotate --kind root"
        case .noSuchEntity(let text), .alreadyExists(let text), .deleteConflict(let text), .limitExceeded(let text): text
        case .malformedPolicy(let error): error.message
        case .otherScope(let service): "Credential should be scoped to correct service: '\(service)'. "
        case .tooLarge: "Request size exceeded the \(QueryRoutes.bodyLimit) byte limit"
        case .unavailable: "The request has failed due to a temporary failure of the server."
        case .failure: "The request processing has failed because of an unknown error, exception or failure."
        case .accessDenied(let principal, let action, let resource, let decision):
            "User: \(principal) is not authorized to perform: \(action) on resource: \(resource) "
                + (decision == .explicitDeny
                    ? "with an explicit deny in an identity-based policy" : "because no identity-based policy allows the \(action) action")
        }
    }

    /// For an error of a query that is none of the above; nil for one that says the caller isn't the gateway.
    init?(cause error: any Error) {
        switch error {
        case let error as QueryError: self = error
        case let error as InternalCallError where error.status != .serviceUnavailable: return nil
        case is InternalCallError, HTTPError.overloaded, HTTPError.handlerTimeout: self = .unavailable
        case HTTPError.bodyTooLarge: self = .tooLarge
        case let error as SQLiteError where error.isStorageExhausted: self = .unavailable
        default: self = .failure
        }
    }

    /// `RoleName` is `roleName` in messages.
    private static func member(_ name: String) -> String { name.prefix(1).lowercased() + name.dropFirst() }
}
