import Contracts
import HTTP

/// The header fields that internal calls carry.
enum CallHeaders {
    static let requestID: HeaderName = "x-strongroom-request-id"
    static let callID: HeaderName = "x-strongroom-call-id"
    static let identity: HeaderName = "x-strongroom-identity"
    static let contentSHA256: HeaderName = "x-amz-content-sha256"
    static let date: HeaderName = "x-amz-date"
    static let securityToken: HeaderName = "x-amz-security-token"

    /// All that is signed where it is there, in the order of the canonical request.
    static let signed: [HeaderName] = [
        .contentType, .host, .traceparent, contentSHA256, date, securityToken, callID, identity, requestID,
    ]

    /// What must be signed if it is there, beside what Signature Version 4 itself asks for.
    static let decisive: [HeaderName] = [.contentType, .traceparent, callID, identity, requestID]
}
