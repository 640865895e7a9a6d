/// The header fields that the gateway or a client of ours writes and a service reads, lower-case: what two of them must spell alike is spelled here once.
public enum HeaderNames {
    /// The identity header: a compact JWS that the gateway made for the one service it is sent to.
    public static let identity: StaticString = "x-strongroom-identity"
    /// The id of a request, the same on every hop.
    public static let requestID: StaticString = "x-strongroom-request-id"
    /// The id of one signed call between services, a UUIDv7 made for it alone.
    public static let callID: StaticString = "x-strongroom-call-id"
    /// Where in the audit log the event of this answer will be: a ``StreamPosition``.
    public static let auditPosition: StaticString = "x-strongroom-audit-position"

    public static let amzTarget: StaticString = "x-amz-target"
    public static let amzDate: StaticString = "x-amz-date"
    public static let amzContentSHA256: StaticString = "x-amz-content-sha256"
    public static let amzSecurityToken: StaticString = "x-amz-security-token"

    public static let authorization: StaticString = "authorization"
    public static let contentType: StaticString = "content-type"
    public static let host: StaticString = "host"
    public static let traceparent: StaticString = "traceparent"
}
