/// What the API answers when it refuses: the contract's type and message, and nothing of the cause.
struct IdentityError: Error, Hashable, Sendable {
    enum Kind: String, Sendable {
        case accessDenied = "AccessDeniedException"
        case groupExists = "GroupExistsException"
        case internalError = "InternalErrorException"
        case invalidOAuthFlow = "InvalidOAuthFlowException"
        case invalidParameter = "InvalidParameterException"
        case invalidPassword = "InvalidPasswordException"
        case limitExceeded = "LimitExceededException"
        case missingAuthentication = "MissingAuthenticationTokenException"
        case notAuthorized = "NotAuthorizedException"
        case passwordResetRequired = "PasswordResetRequiredException"
        case resourceNotFound = "ResourceNotFoundException"
        case scopeDoesNotExist = "ScopeDoesNotExistException"
        case serialization = "SerializationException"
        case serviceUnavailable = "ServiceUnavailableException"
        case tooManyRequests = "TooManyRequestsException"
        case unknownOperation = "UnknownOperationException"
        case unsupportedOperation = "UnsupportedOperationException"
        case unsupportedUserState = "UnsupportedUserStateException"
        case userNotConfirmed = "UserNotConfirmedException"
        case userNotFound = "UserNotFoundException"
        case usernameExists = "UsernameExistsException"
        case aliasExists = "AliasExistsException"
    }

    let kind: Kind
    let message: String

    init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }
}

extension IdentityError {
    // Sign-in.
    static let wrongPassword = IdentityError(.notAuthorized, "Incorrect username or password.")
    static let noSuchUser = IdentityError(.userNotFound, "User does not exist.")
    static let userDisabled = IdentityError(.notAuthorized, "User is disabled.")
    static let userNotConfirmed = IdentityError(.userNotConfirmed, "User is not confirmed.")
    static let resetRequired = IdentityError(.passwordResetRequired, "Password reset required for the user")
    static let attemptsExceeded = IdentityError(.notAuthorized, "Password attempts exceeded")
    static let temporaryPasswordExpired = IdentityError(
        .notAuthorized, "Temporary password has expired and must be reset by an administrator.")
    static let tooManyRequests = IdentityError(.tooManyRequests, "Too many requests. Please try again later.")

    // Challenges.
    static let invalidSession = IdentityError(.notAuthorized, "Invalid session for the user.")
    static let sessionExpired = IdentityError(.notAuthorized, "Invalid session for the user, session is expired.")
    static let sessionUsed = IdentityError(.notAuthorized, "Invalid session for the user, session can only be used once.")

    // Tokens.
    static let invalidAccessToken = IdentityError(.notAuthorized, "Invalid Access Token")
    static let accessTokenExpired = IdentityError(.notAuthorized, "Access Token has expired")
    static let invalidRefreshToken = IdentityError(.notAuthorized, "Invalid Refresh Token")
    static let refreshTokenExpired = IdentityError(.notAuthorized, "Refresh Token has expired")
    static let refreshTokenRevoked = IdentityError(.notAuthorized, "Refresh Token has been revoked")

    // Resources.
    static let poolProtected = IdentityError(
        .invalidParameter,
        "The user pool cannot be deleted because deletion protection is activated. Deletion protection must be inactivated first.")
    static let groupExists = IdentityError(.groupExists, "A group with the name already exists")
    static let noSuchGroup = IdentityError(.resourceNotFound, "Group not found.")
    static let userExists = IdentityError(.usernameExists, "User account already exists")
    static let noSuchAttributes = IdentityError(.invalidParameter, "One or more requested attributes do not exist.")
    static let nothingToResend = IdentityError(
        .invalidParameter, "MessageAction RESEND is not supported without TemporaryPassword: no messages are sent, so nobody would learn a new one.")
    static let invalidPaginationToken = IdentityError(.invalidParameter, "Invalid pagination token given.")

    static func aliasExists(_ attribute: String) -> IdentityError {
        IdentityError(.aliasExists, "An account with the given \(attribute) already exists.")
    }
    static let unauthorizedAttribute = IdentityError(.notAuthorized, "A client attempted to write unauthorized attribute")
    static func immutableAttribute(_ name: String) -> IdentityError {
        .schema("\(name): Attribute cannot be updated.\n")
    }
    static func looksLikeAddress(_ name: String, _ form: String) -> IdentityError {
        IdentityError(.invalidParameter, "\(name) cannot be of \(form) format, since user pool is configured for \(form) alias.")
    }
    static func noSuchPool(_ id: String) -> IdentityError {
        IdentityError(.resourceNotFound, "User pool \(id) does not exist.")
    }
    static func noSuchClient(_ id: String) -> IdentityError {
        IdentityError(.resourceNotFound, "User pool client \(id) does not exist.")
    }
    static func secretHashMissing(_ client: String) -> IdentityError {
        IdentityError(.notAuthorized, "Client \(client) is configured with secret but SECRET_HASH was not received")
    }
    static func secretHashUnexpected(_ client: String) -> IdentityError {
        IdentityError(.invalidParameter, "Client \(client) is not configured for secret but secret hash was received")
    }
    static func secretHashWrong(_ client: String) -> IdentityError {
        IdentityError(.notAuthorized, "Unable to verify secret hash for client \(client)")
    }
    static func missingParameter(_ name: String) -> IdentityError {
        IdentityError(.invalidParameter, "Missing required parameter \(name)")
    }
    static func passwordPolicy(_ reason: String) -> IdentityError {
        IdentityError(.invalidPassword, "Password did not conform with policy: \(reason)")
    }
    static func schema(_ reason: String) -> IdentityError {
        IdentityError(.invalidParameter, "Attributes did not conform to the schema: \(reason)")
    }
    static func notSupported(_ what: String) -> IdentityError {
        IdentityError(.invalidParameter, "\(what) is not supported.")
    }
}
