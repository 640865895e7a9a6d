internal import Contracts
internal import HTTP

/// Header fields of the notes API.
enum NotesHeader {
    static let idempotencyKey: HeaderName = "idempotency-key"
    static let contentEncoding: HeaderName = "content-encoding"
    static let acceptEncoding: HeaderName = "accept-encoding"
    static let auditPosition = HeaderName(stringLiteral: HeaderNames.auditPosition)
}
