/// Why a message was refused. The reasons are for logs and tests; a client learns the status only.
public enum ParseError: Error, Hashable, Sendable {
    /// The request line is not `method SP target SP HTTP/1.x CRLF` (RFC 9112 §3).
    case requestLine
    /// A token, but no method we speak.
    case unknownMethod
    /// HTTP, but not 1.0 or 1.1.
    case version
    /// The status line is not `HTTP/1.x SP 3DIGIT SP [reason] CRLF` (RFC 9112 §4).
    case statusLine
    /// An informational response that was not asked for (101), or too many.
    case unexpectedInformational
    /// A line that ends in a bare LF or holds a bare CR (RFC 9112 §2.2).
    case lineEnding
    /// A field line that starts with white space (obs-fold, RFC 9112 §5.2).
    case folding
    /// A field name that isn't a token right up to its colon (RFC 9112 §5.1).
    case fieldName
    /// A control character in a field value (RFC 9110 §5.5).
    case fieldValue
    /// HTTP/1.1 without Host, more than one, or one that is no host (RFC 9112 §3.2).
    case host
    /// Content-Length that isn't one run of digits, or more than one (RFC 9112 §6.3).
    case contentLength
    /// Transfer-Encoding that isn't exactly `chunked`, twice, with HTTP/1.0, or beside a Content-Length (RFC 9112 §6.1).
    case transferEncoding
    /// An expectation other than `100-continue` (RFC 9110 §10.1.1).
    case expectation
    /// A chunk size line out of grammar or too long (RFC 9112 §7.1).
    case chunk
    /// A trailer field that frames or routes (RFC 9110 §6.5.1).
    case trailer
    /// Head or trailers longer than the limit.
    case tooLarge
    /// More fields than the limit.
    case tooManyFields
    /// The connection ended inside the message.
    case truncated

    /// What a server answers.
    public var status: Status {
        switch self {
        case .unknownMethod: .notImplemented
        case .version: .versionNotSupported
        case .expectation: .expectationFailed
        case .tooLarge, .tooManyFields: .requestHeaderFieldsTooLarge
        default: .badRequest
        }
    }
}
