import Crypto
import Encodings
import HTTP
import Tokens

/// A request that was let in: what is sent on, and to whom. An object, since it is waited with.
final class Outbound: Sendable {
    let destination: Integration.Destination
    /// The caller's, of whose header fields some go on.
    let request: Request
    let fields: RequestFields
    let method: Method
    /// Canonical: what the identity is bound to, what is signed, and what is sent.
    let target: [UInt8]
    let identity: PreparedIdentity
    let source: String
    let requestID: UUID
    let body: [UInt8]
    /// Nil where there is no body.
    let bodyHash: SHA256Digest?
    /// `X-Amz-Target`, only for the AWS APIs: identity's operation, or which of the authorizer's two APIs it is, `iam` or `sts`.
    let amzTarget: [UInt8]?
    let timeoutMilliseconds: Int
    /// The caller's, where one is known.
    let allowance: Allowance?

    init(
        to destination: Integration.Destination, _ request: Request, _ fields: RequestFields, _ method: Method, _ target: [UInt8],
        identity: PreparedIdentity, source: String, requestID: UUID, body: [UInt8], bodyHash: SHA256Digest?,
        amzTarget: [UInt8]? = nil, timeoutMilliseconds: Int, allowance: Allowance? = nil
    ) {
        self.allowance = allowance
        self.destination = destination
        self.request = request
        self.method = method
        self.target = target
        self.fields = fields
        self.identity = identity
        self.source = source
        self.requestID = requestID
        self.body = body
        self.bodyHash = bodyHash
        self.amzTarget = amzTarget
        self.timeoutMilliseconds = timeoutMilliseconds
    }

    func request(with lines: FieldLines) -> ClientRequest {
        ClientRequest(method, target, fieldLines: lines, body: body.isEmpty ? .empty : .bytes(body), timeoutMilliseconds: UInt64(timeoutMilliseconds))
    }
}
