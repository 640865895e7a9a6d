import Crypto
import Encodings
import HTTP
import Observability
import Tokens

/// A request that was let in: what is sent on, and to whom. An object, since it is waited with.
final class Outbound: Sendable {
    let destination: Integration.Destination
    let method: Method
    /// Canonical: what the identity is bound to, what is signed, and what is sent.
    let target: [UInt8]
    /// The caller's header fields, and which of them go on.
    let headers: Headers
    let fields: RequestFields
    let identity: PreparedIdentity
    let source: String
    let requestID: UUID
    /// The gateway's own part of the trace.
    let trace: TraceContext?
    let body: [UInt8]
    /// Nil where there is no body.
    let bodyHash: SHA256Digest?
    /// `X-Amz-Target`, only for the AWS APIs: identity's operation, or which of the authorizer's two APIs it is, `iam` or `sts`.
    let amzTarget: [UInt8]?
    let timeoutMilliseconds: Int
    /// The caller's, where one is known.
    let allowance: Allowance?

    init(
        to destination: Integration.Destination, _ method: Method, _ target: [UInt8], headers: Headers, fields: RequestFields,
        identity: PreparedIdentity, source: String, requestID: UUID, trace: TraceContext?, body: [UInt8], bodyHash: SHA256Digest?,
        amzTarget: [UInt8]? = nil, timeoutMilliseconds: Int, allowance: Allowance? = nil
    ) {
        self.allowance = allowance
        self.destination = destination
        self.method = method
        self.target = target
        self.headers = headers
        self.fields = fields
        self.identity = identity
        self.source = source
        self.requestID = requestID
        self.trace = trace
        self.body = body
        self.bodyHash = bodyHash
        self.amzTarget = amzTarget
        self.timeoutMilliseconds = timeoutMilliseconds
    }

    func request(with lines: FieldLines) -> ClientRequest {
        ClientRequest(method, target, fieldLines: lines, body: body.isEmpty ? .empty : .bytes(body), timeoutMilliseconds: UInt64(timeoutMilliseconds))
    }
}
