import Bootstrap
import Contracts
import Encodings
import HTTP
import JSON
import Observability
import Trust

/// The HTTP surface: decode, perform, encode. Each call has been verified before it gets here.
struct IdentityRoutes: Sendable {
    /// Bytes of the longest request: a pool with all its message templates, twice over.
    static let bodyLimit = 128 << 10
    private static let limits = JSONLimits(bytes: bodyLimit, depth: 16, values: 8192)
    private static let target: HeaderName = "x-amz-target"

    let api: IdentityAPI
    let documents: OpenIDDocuments
    let metrics: IdentityMetrics
    let clock: WallClock

    /// Keys and discovery documents are the gateway's to fetch for itself and for anyone.
    private static let open = CallRule([.gateway], identity: .optional)

    func routes(_ verifier: InternalVerifier) -> [Route] {
        // As much as the gateway forwards: a caller that is cut off while it sends would not see why.
        let readable = IdentityService.limits.maximumBodyBytes
        return [
            verifier.route(.post, "/", .forwarded, bodyLimit: readable) { try await perform($0) },
            verifier.route(.get, "/{pool}/.well-known/jwks.json", Self.open, bodyLimit: 0) { try await documents.keys(for: $0) },
            verifier.route(.get, "/{pool}/.well-known/openid-configuration", Self.open, bodyLimit: 0) { try await documents.configuration(for: $0) },
        ]
    }

    private func perform(_ call: InternalCall) async throws -> Response {
        guard let identity = call.context.identity else { throw InternalCallError.identityMissing }
        guard api.erasures.isOpen else { throw IdentityError.unavailable }
        guard call.body.count <= Self.bodyLimit else { throw HTTPError.bodyTooLarge }
        let operation = try Operation(target: call.request.headers[Self.target] ?? "")
        let event = call.request.event
        event?.add(.operation(operation.rawValue))
        if let principal = identity.principal { event?.add(.principal(principal)) }
        do {
            let context = APICall(
                caller: identity, source: call.context.source, requestID: call.context.requestID.description, now: clock.now(), event: event)
            let output = try await api.perform(operation, try Self.object(call.body), context)
            metrics.count(operation, .done)
            return IdentityResponse.json(JSON.encode(.object(output)), to: call.request)
        } catch let error as IdentityError {
            metrics.count(operation, .refused)
            event?.add(.reason(error.kind.rawValue))
            throw error
        } catch {
            metrics.count(operation, .failed)
            throw error
        }
    }

    private static func object(_ body: [UInt8]) throws(IdentityError) -> JSONObject {
        do throws(JSONError) {
            if let object = try JSON.parse(body, limits: limits).object { return object }
        } catch {
            throw IdentityError(.serialization, "The body is not JSON: \(error)")
        }
        throw IdentityError(.serialization, "The body must be a JSON object")
    }
}
