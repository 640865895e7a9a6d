internal import HTTP

/// Header fields of the notes API.
enum NotesHeader {
    static let idempotencyKey: HeaderName = "idempotency-key"
    static let auditPosition: HeaderName = "x-strongroom-audit-position"
}
