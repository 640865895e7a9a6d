import Bootstrap
import Contracts
import Crypto
import Encodings
import HTTP
import Observability
import SigV4
import Tokens

/// The AWS APIs of identity and authorizer, which share `POST /` with each other: identity is told by `X-Amz-Target`, which counts nowhere
/// else; STS and IAM by the service in the signature's credential scope, also where it is a URL that is signed (`GET /?Action=…&X-Amz-Signature=…`), or whose
/// parameters are in it.
///
/// A signature is verified here. What a signed principal may do is decided by the service itself, from the identity it is handed; an unsigned
/// request goes on as nobody's, for the operations that need no signature.
struct AWSAPIs: Sendable {
    let signatures: SignatureAuthenticator
    let allowances: Allowances
    let forwarder: Forwarder
    let clock: WallClock
    private let calls: RouteMetrics
    private let preflights: RouteMetrics

    init(signatures: SignatureAuthenticator, allowances: Allowances, forwarder: Forwarder, clock: WallClock, metrics: MetricsRegistry) {
        self.signatures = signatures
        self.allowances = allowances
        self.forwarder = forwarder
        self.clock = clock
        calls = metrics.route("POST", "aws-api")
        preflights = metrics.route("OPTIONS", "preflight")
    }

    private static let identityTarget = Array("AWSCognitoIdentityProviderService.".utf8)
    private static let timeoutMilliseconds = 29_000

    /// Nil where the request is for a route after all.
    @inline(never)
    func respond(
        to request: Request, fields: RequestFields, target: GatewayPipeline.Target, trail: RequestTrail, event: RequestEvent?,
        source: @autoclosure () -> String
    ) async throws(GatewayError) -> Response? {
        if request.method == .options, fields.origin != nil, fields.asksForMethod {
            event?.count(by: preflights)
            return GatewayPipeline.preflight(.awsAPI, request, trail)
        }
        let parameters = Self.parametersInURL(request, fields)
        guard request.method == .post && target.bytes.count == 1 || parameters != nil else { return nil }
        event?.count(by: calls)
        let origin = GatewayPipeline.origin(of: request)
        let wire = fields.amzTarget == nil ? nil : AWSProtocol.json
        do throws(Refusal) {
            let call = try call(request, fields, wire)
            event?.add(.peer(call.service.rawValue))
            let address = source()
            let (identity, received, allowance) = try await authenticated(call, request, address, event)
            // Nothing says which of the two would count.
            if parameters != nil, !received.isEmpty { throw Refusal(AWSErrorRenderer.fault(.refused(.signatureMismatch), call.wire), call.wire) }
            let body = parameters ?? received
            // A key that was derived for STS is none for IAM: the authorizer is told which of the two the caller has signed for.
            let amzTarget = fields.amzTarget.map { Array(request.headers.bytes[request.headers.valueRange(at: $0)]) } ?? Array(call.scope.utf8)
            let outbound = Outbound(
                to: .service(call.service), request, fields, .post, Array(target.bytes[target.path]), identity: identity,
                source: address, requestID: trail.requestID, body: body, bodyHash: body.isEmpty ? nil : SHA256.hash(body),
                amzTarget: amzTarget, timeoutMilliseconds: Self.timeoutMilliseconds, allowance: allowance)
            do throws(GatewayError) {
                let answer = try await forwarder.send(outbound, at: clock.now())
                return Forwarder.response(answer, trail: trail, cors: .awsAPI, origin: origin)
            } catch { throw Refusal(AWSErrorRenderer.fault(error), call.wire) }
        } catch {
            event?.add(.reason(error.fault.jsonType))
            var response = AWSErrorRenderer.response(error.fault, error.wire, trail: trail)
            AnswerRenderer.add(lines: CORSConfiguration.awsAPI.lines(for: origin), to: &response.headers)
            return response
        }
    }

    /// The parameters in a URL of STS or IAM, which are what else a body has; nil for every other request.
    private static func parametersInURL(_ request: Request, _ fields: RequestFields) -> [UInt8]? {
        guard fields.amzTarget == nil, request.method == .get || request.method == .post, let range = request.head.queryRange else { return nil }
        let query = request.headers.bytes.span.extracting(range)
        if let index = fields.authorization {
            let value = request.headers.bytes.span.extracting(request.headers.valueRange(at: index))
            guard let claim = try? SignatureClaim(authorization: value, fields: request.headers), isQueryAPI(claim) else { return nil }
            return Array(request.headers.bytes[range])
        }
        guard SignatureClaim.isPresigned(query: query) else { return nil }
        let parameters = SignatureClaim.parametersBesideSignature(in: query)
        do throws(SigV4Error) {
            // Whatever else is signed in its query is for a route.
            return isQueryAPI(try SignatureClaim(query: query)) ? parameters : nil
        } catch {
            // What was meant for STS is answered as STS answers it.
            return parameters.split(separator: UInt8(ascii: "&")).contains { $0.starts(with: "Action=".utf8) } ? parameters : nil
        }
    }

    private static func isQueryAPI(_ claim: SignatureClaim) -> Bool {
        claim.scope.service == Array("sts".utf8) || claim.scope.service == Array("iam".utf8)
    }

    private struct Call {
        let service: ServiceName
        let wire: AWSProtocol
        /// The service that the credential scope must name.
        let scope: String
        let claim: SignatureClaim?
    }

    private struct Refusal: Error {
        let fault: AWSErrorRenderer.Fault
        let wire: AWSProtocol

        init(_ fault: AWSErrorRenderer.Fault, _ wire: AWSProtocol) {
            self.fault = fault
            self.wire = wire
        }
    }

    private func call(_ request: Request, _ fields: RequestFields, _ wire: AWSProtocol?) throws(Refusal) -> Call {
        let headers = request.headers
        let sts = AWSProtocol.sts(for: headers)
        let claim: SignatureClaim?
        do throws(SignatureFailure) { claim = try signatures.claim(request, fields) } catch {
            let wire = wire ?? sts
            throw Refusal(AWSErrorRenderer.fault(error, wire), wire)
        }
        if let index = fields.amzTarget {
            let target = headers.bytes.span.extracting(headers.valueRange(at: index))
            guard Self.hasPrefix(target, Self.identityTarget) else { throw Refusal(.unknownOperation(target), .json) }
            return Call(service: .identity, wire: .json, scope: "cognito-idp", claim: claim)
        }
        guard let claim else { throw Refusal(AWSErrorRenderer.fault(.refused(.missingAuthenticationToken), sts), sts) }
        switch String(decoding: claim.scope.service, as: UTF8.self) {
        case "sts": return Call(service: .authorizer, wire: sts, scope: "sts", claim: claim)
        case "iam": return Call(service: .authorizer, wire: .iam, scope: "iam", claim: claim)
        default:
            throw Refusal(
                AWSErrorRenderer.fault(.refused(.invalidClaim("Credential should be scoped to correct service: 'sts'. ")), sts), sts)
        }
    }

    /// Longest body of an API call, in bytes: more than signing in may need.
    private static let maximumBody = 128 * 1024

    private func authenticated(
        _ call: Call, _ request: Request, _ source: String, _ event: RequestEvent?
    ) async throws(Refusal) -> (PreparedIdentity, [UInt8], Allowance) {
        do throws(SignatureFailure) {
            var pending = try await admitted(call, event)
            let stranger = allowances.ofCaller(source)
            let body: [UInt8]
            let wait = BodyWait()
            do throws(GatewayError) { body = try await GatewayPipeline.body(of: request, upTo: Self.maximumBody, within: stranger) } catch {
                throw .gateway(error)
            }
            if wait.wasLong { pending = try await admitted(call, event) }
            guard let pending else { return (.anyone, body, stranger) }
            event?.add(.principal(pending.key.principal))
            let identity = try signatures.verify(pending, request, bodyHash: SHA256.hash(body))
            let principal = allowances.ofPrincipal(pending.key.principal)
            do throws(GatewayError) { try principal.admit() } catch { throw .gateway(error) }
            return (identity, body, principal)
        } catch { throw Refusal(AWSErrorRenderer.fault(error, call.wire), call.wire) }
    }

    private func admitted(_ call: Call, _ event: RequestEvent?) async throws(SignatureFailure) -> SignatureAuthenticator.Pending? {
        guard let claim = call.claim else { return nil }
        return try await signatures.admit(
            claim, service: call.scope, urlSeconds: Self.urlSeconds(claim, call.scope), now: clock.now(), cause: event)
    }

    /// A URL of STS is good for a quarter of an hour, whatever it says: clients ask for a minute and use it for longer. What changes something is good for as
    /// long as it says, but no longer than that: a week is for what is read.
    private static func urlSeconds(_ claim: SignatureClaim, _ scope: String) -> Int {
        let longest = 900
        guard scope != "sts", case .query(let said?) = claim.carrier else { return longest }
        return min(said, longest)
    }

    private static func hasPrefix(_ value: Span<UInt8>, _ prefix: [UInt8]) -> Bool {
        guard value.count > prefix.count else { return false }
        for index in prefix.indices where value[index] != prefix[index] { return false }
        return true
    }
}
