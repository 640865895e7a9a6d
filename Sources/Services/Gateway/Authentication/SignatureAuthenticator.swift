import Contracts
import Crypto
import Encodings
import HTTP
import Observability
import SigV4
import Tokens
import Trust

/// Verifies Signature Version 4 at the edge. The authorizer derives the signing key; the gateway never sees a secret.
struct SignatureAuthenticator: Sendable {
    /// Seconds by which a signature's date may be off.
    static let window = 300

    let region: [UInt8]
    let keys: SigningKeyCache
    private let verifier = Verifier(window: SignatureAuthenticator.window, normalisesQueries: true)

    /// A signature whose key is known, but which still has to be held against the body.
    struct Pending: Sendable {
        let claim: SignatureClaim
        let key: AuthorizerPort.KeyAnswer
    }

    init(region: String, keys: SigningKeyCache) {
        self.region = Array(region.utf8)
        self.keys = keys
    }

    /// Reads what the request claims, in its `Authorization` field or, where it has none, in the query of a presigned URL. Nil where it claims nothing.
    func claim(_ request: Request, _ fields: RequestFields) throws(SignatureFailure) -> SignatureClaim? {
        let bytes = request.headers.bytes.span
        do throws(SigV4Error) {
            if let index = fields.authorization {
                return try SignatureClaim(authorization: bytes.extracting(request.headers.valueRange(at: index)), fields: request.headers)
            }
            guard let range = request.head.queryRange, SignatureClaim.isPresigned(query: bytes.extracting(range)) else { return nil }
            return try SignatureClaim(query: bytes.extracting(range))
        } catch { throw .refused(error) }
    }

    /// Checks scope and date, and finds the key: what can be refused before the body is read.
    func admit(
        _ claim: SignatureClaim, service: String, urlSeconds: Int? = nil, now: Timestamp, cause: RequestEvent?
    ) async throws(SignatureFailure) -> Pending {
        do throws(SigV4Error) {
            try verifier.admit(claim, region: region, service: Array(service.utf8), urlSeconds: urlSeconds, now: now)
        } catch { throw .refused(error) }
        // No credentials are for a session only: whoever says that theirs are has none, and nobody is asked.
        guard claim.sessionToken == nil else { throw .refused(.unknownAccessKey) }
        let query = AuthorizerPort.KeyQuery(accessKeyID: claim.accessKeyID, scope: claim.scope)
        let key: AuthorizerPort.KeyAnswer?
        do throws(GatewayError) { key = try await keys.key(query, cause: cause) } catch { throw .gateway(error) }
        guard let key else { throw .refused(.unknownAccessKey) }
        return Pending(claim: claim, key: key)
    }

    /// Checks the signature itself, over the request as it was received.
    func verify(_ pending: Pending, _ request: Request, bodyHash: SHA256Digest) throws(SignatureFailure) -> PreparedIdentity {
        let headers = request.headers
        let method = Array(request.method.rawValue.utf8)
        do throws(SigV4Error) {
            try verifier.verify(
                pending.claim, method: method.span, target: headers.bytes.span.extracting(request.head.targetRange),
                fields: headers, bodyHash: bodyHash, key: pending.key.key)
        } catch { throw .refused(error) }
        return PreparedIdentity(CallerIdentity(method: .iam, subject: pending.key.userID, principal: pending.key.principal))
    }
}

/// Why a signed request goes no further.
enum SignatureFailure: Error, Equatable {
    case refused(SigV4Error)
    case gateway(GatewayError)

    /// As API Gateway answers it on a route.
    var answer: GatewayError {
        switch self {
        case .gateway(let error): return error
        case .refused(let error):
            switch error {
            case .missingAuthenticationToken: return .missingAuthenticationToken
            case .incompleteSignature(let message): return .incompleteSignature(message)
            case .signatureMismatch, .invalidClaim, .expired, .notYetCurrent: return .invalidSignature(error.message)
            case .unknownAccessKey: return .unrecognizedClient
            }
        }
    }
}
