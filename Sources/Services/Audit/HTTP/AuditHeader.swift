internal import HTTP

/// Header fields of the audit API.
enum AuditHeader {
    static let position: HeaderName = "x-strongroom-audit-position"
}
