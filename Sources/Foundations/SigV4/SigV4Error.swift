import Crypto
public import Encodings

/// Why a signature isn't accepted, in the words of the real service (reference: what clients' error handling matches on).
public enum SigV4Error: Error, Equatable, Sendable {
    /// Neither an `Authorization` header nor `X-Amz-Algorithm` in the query.
    case missingAuthenticationToken
    /// The request claims to be signed but can't be read as such. The text says what is wrong with it.
    case incompleteSignature(String)
    /// The signature is another than ours; so is the answer to an altered body, path or header.
    case signatureMismatch
    /// A well-formed claim that can't hold: wrong scope, unsigned header. The text says which.
    case invalidClaim(String)
    /// Nobody has this access key.
    case unknownAccessKey
    /// Signed too long ago. The window is how many minutes a signature lives.
    case expired(date: Timestamp, oldest: Timestamp, now: Timestamp, minutes: Int)
    /// Signed too far in the future.
    case notYetCurrent(date: Timestamp, newest: Timestamp, now: Timestamp, minutes: Int)

    public var message: String {
        switch self {
        case .missingAuthenticationToken: "Missing Authentication Token"
        case .incompleteSignature(let text), .invalidClaim(let text): text
        case .signatureMismatch:
            "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details."
        case .unknownAccessKey: "The security token included in the request is invalid."
        case .expired(let date, let oldest, let now, let minutes):
            "Signature expired: \(date.amzDate()) is now earlier than \(oldest.amzDate()) (\(now.amzDate()) - \(minutes) min.)"
        case .notYetCurrent(let date, let newest, let now, let minutes):
            "Signature not yet current: \(date.amzDate()) is still later than \(newest.amzDate()) (\(now.amzDate()) + \(minutes) min.)"
        }
    }

    /// The value of API Gateway's `x-amzn-ErrorType`, which JSON services use as `__type` too.
    public var exceptionName: String {
        switch self {
        case .missingAuthenticationToken: "MissingAuthenticationTokenException"
        case .incompleteSignature: "IncompleteSignatureException"
        case .signatureMismatch, .invalidClaim, .expired, .notYetCurrent: "InvalidSignatureException"
        case .unknownAccessKey: "UnrecognizedClientException"
        }
    }

    /// The `Code` of IAM's and STS's Query API.
    public var queryCode: String {
        switch self {
        case .missingAuthenticationToken: "MissingAuthenticationToken"
        case .incompleteSignature: "IncompleteSignature"
        case .signatureMismatch, .invalidClaim, .expired, .notYetCurrent: "SignatureDoesNotMatch"
        case .unknownAccessKey: "InvalidClientTokenId"
        }
    }

    /// Credentials never stand in an answer: where the real service echoed the header it now sends its hash, and so do we.
    static func hashed(_ header: Span<UInt8>) -> String {
        SHA256.hash(header).withSpan { Base64.encode($0) }
    }
}
