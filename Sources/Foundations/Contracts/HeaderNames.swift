/// The header fields of our own and of the contracts we keep, lower-case: what two services must spell alike is spelled here once.
public enum HeaderNames {
    /// Every name that, lower-cased and with `_` and `.` read as `-`, begins so is dropped from inbound requests.
    public static let reservedPrefix = "x-strongroom-"
    /// The identity header: a compact JWS that the gateway made for the one service it is sent to.
    public static let identity = "x-strongroom-identity"
    /// The id of a request, the same on every hop.
    public static let requestID = "x-strongroom-request-id"
    /// The id of one signed call between services, a UUIDv7 made for it alone.
    public static let callID = "x-strongroom-call-id"
    /// A write's position in its event stream, which an audit query may name to wait until it is covered.
    public static let auditPosition = "x-strongroom-audit-position"

    public static let amznRequestID = "x-amzn-requestid"
    public static let amznErrorType = "x-amzn-errortype"
    public static let amznErrorMessage = "x-amzn-errormessage"
    public static let apiGatewayID = "x-amz-apigw-id"

    public static let amzTarget = "x-amz-target"
    public static let amzDate = "x-amz-date"
    public static let amzContentSHA256 = "x-amz-content-sha256"
    public static let amzSecurityToken = "x-amz-security-token"

    public static let authorization = "authorization"
    public static let contentType = "content-type"
    public static let contentLength = "content-length"
    public static let host = "host"
    public static let date = "date"
    public static let retryAfter = "retry-after"
    public static let idempotencyKey = "idempotency-key"
    public static let ifMatch = "if-match"
    public static let etag = "etag"
    public static let traceparent = "traceparent"
    public static let tracestate = "tracestate"
}
