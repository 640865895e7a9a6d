internal import Contracts
internal import HTTP

/// Header fields of the audit API.
enum AuditHeader {
    static let position = HeaderName(stringLiteral: HeaderNames.auditPosition)
}
