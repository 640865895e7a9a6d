public import HTTP
import JSON
public import SigV4
public import Tokens

/// Why an internal call isn't let in. The answer says little; the cause is for the log.
public enum InternalCallError: Error, Equatable, Sendable {
    case signature(SigV4Error)
    /// The signature was accepted before.
    case repeated
    /// Signed before this process started, when it remembers nothing.
    case beforeStart
    /// A header that decides something is there and not signed.
    case unsignedHeader(String)
    case malformedHeader(String)
    /// The target isn't spelled as `CanonicalTarget` spells it.
    case targetNotCanonical
    /// The body isn't the one that was signed.
    case bodyMismatch
    /// This caller may not do this.
    case callerNotAllowed
    /// An identity where none may be, or from another service than the gateway.
    case identityNotAllowed
    case identityMissing
    case identity(TokenError)
    /// The access key is known, what it signs with today is not: the authorizer has yet to say.
    case noSigningKey
    /// Too many calls to remember; it passes.
    case overloaded

    public var status: Status {
        switch self {
        case .identityMissing, .identity: .unauthorized
        case .malformedHeader, .targetNotCanonical: .badRequest
        case .overloaded, .noSigningKey: .serviceUnavailable
        case .signature, .repeated, .beforeStart, .unsignedHeader, .bodyMismatch, .callerNotAllowed, .identityNotAllowed: .forbidden
        }
    }

    /// `{"message": …}`, in API Gateway's words.
    public var response: Response {
        let message =
            switch self {
            case .signature(let error): error.message
            case .identityMissing, .identity: "Unauthorized"
            case .malformedHeader, .targetNotCanonical: "Bad Request"
            case .overloaded, .noSigningKey: "Service Unavailable"
            case .bodyMismatch: SigV4Error.signatureMismatch.message
            case .repeated, .beforeStart, .unsignedHeader, .callerNotAllowed, .identityNotAllowed: "Forbidden"
            }
        var response = Response.json(JSON.encode(["message": .string(message)]), status: status)
        if status == .serviceUnavailable { response.headers.add(.retryAfter, "1") }
        if let flaw { response.headers.add(Self.flaw, flaw) }
        return response
    }

    /// On an answer: that the call isn't taken for its caller's, and why. It is the caller's to mend, and not what the call was made for.
    public static let flaw: HeaderName = "x-strongroom-call-flaw"

    private var flaw: String? {
        switch self {
        case .signature: "signature"
        case .repeated: "repeated"
        case .beforeStart: "signed before the start"
        case .unsignedHeader: "unsigned header"
        case .bodyMismatch: "body"
        case .identity: "identity"
        case .malformedHeader, .targetNotCanonical, .callerNotAllowed, .identityNotAllowed, .identityMissing, .noSigningKey, .overloaded: nil
        }
    }
}
