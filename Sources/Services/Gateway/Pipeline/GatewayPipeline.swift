import Bootstrap
import Contracts
import Crypto
import Encodings
import HTTP
import Observability
import Processes
import SigV4
import Tokens
import Trust

/// The way of one request: canonicalise, strip, match, authenticate, authorize, attach the identity, sign, forward.
///
/// Whatever is missing, late or odd on that way ends in an answer of the gateway's own; nothing is forwarded that was not allowed.
///
/// Steps that don't wait, or seldom do, are never inlined: what they hold for a moment would else be in the frame that a request's task keeps while its service is at
/// work, and for HTTP/2 each such frame is memory of its own.
final class GatewayPipeline: Sendable {
    /// Longest method ARN, in bytes; API Gateway's.
    static let maximumARN = 1_600
    /// Longest body, in bytes; API Gateway's.
    static let maximumBody = 10 * 1024 * 1024

    let routes: RouteStore
    let tokens: TokenAuthenticator
    let signatures: SignatureAuthenticator
    let policies: PolicyCache
    let port: AuthorizerPort
    let forwarder: Forwarder
    let addresses: ClientAddress
    let awsAPIs: AWSAPIs
    private let allowances: Allowances
    let preflights: RouteMetrics
    let apiID: String
    let issuerPrefix: String
    let clock: WallClock

    init(
        routes: RouteStore, tokens: TokenAuthenticator, signatures: SignatureAuthenticator, policies: PolicyCache, port: AuthorizerPort,
        allowances: Allowances, forwarder: Forwarder, addresses: ClientAddress, apiID: String, cluster: Cluster, clock: WallClock,
        metrics: MetricsRegistry
    ) {
        self.routes = routes
        self.tokens = tokens
        self.signatures = signatures
        self.policies = policies
        self.port = port
        self.forwarder = forwarder
        self.addresses = addresses
        self.allowances = allowances
        self.apiID = apiID
        self.clock = clock
        issuerPrefix = cluster.publicURL + "/"
        awsAPIs = AWSAPIs(signatures: signatures, allowances: allowances, forwarder: forwarder, clock: clock, metrics: metrics)
        preflights = metrics.route("OPTIONS", "preflight")
    }

    func respond(to request: Request) async throws -> Response {
        let event = request.event
        let trail = RequestTrail(event)
        let snapshot = routes.snapshot
        // Known once a route is found, for the answer to a request that came no further.
        var stage: [UInt8]?
        do throws(GatewayError) {
            switch try await admit(request, snapshot, trail, event, &stage) {
            case .answered(let response): return response
            case .admitted(let outbound):
                let answer = try await forwarder.send(outbound, at: clock.now())
                return Self.response(answer, to: request, snapshot, trail)
            }
        } catch {
            if Task.isCancelled { throw HTTPError.disconnected }
            return Self.refusal(error, request, snapshot, trail, stage)
        }
    }

    @inline(never)
    private static func refusal(
        _ error: GatewayError, _ request: Request, _ snapshot: RouteSnapshot, _ trail: RequestTrail, _ stage: [UInt8]?
    ) -> Response {
        request.event?.add(.reason(error.name))
        return AnswerRenderer(snapshot.document).response(to: error, trail: trail, stage: stage, origin: origin(of: request))
    }

    /// A canonical target and where its path lies.
    struct Target {
        let bytes: [UInt8]
        let path: Range<Int>
    }

    private static func canonical(_ request: Request, host: Int?) throws(GatewayError) -> Target {
        let headers = request.headers
        let span = headers.bytes.span
        var bytes: [UInt8] = []
        bytes.reserveCapacity(request.head.targetRange.count)
        let hostValue = host.map { headers.valueRange(at: $0) } ?? 0..<0
        do throws(CanonicalTargetError) {
            let count = try CanonicalTarget.append(
                span.extracting(request.head.targetRange), host: span.extracting(hostValue), to: &bytes)
            return Target(bytes: bytes, path: 0..<count)
        } catch { throw error == .tooLong ? .targetTooLong : .badRequest }
    }

    @inline(never)
    private static func response(_ answer: ClientResponse, to request: Request, _ snapshot: RouteSnapshot, _ trail: RequestTrail) -> Response {
        let cors = snapshot.document.cors
        guard let cors else { return Forwarder.response(answer, trail: trail, cors: nil, origin: nil) }
        // A route of its own answers what it is asked; the fields of a preflight are the document's all the same.
        let isPreflight = request.method == .options && request.headers.contains("access-control-request-method")
        return Forwarder.response(answer, trail: trail, cors: cors, origin: origin(of: request), isPreflight: isPreflight)
    }

    // MARK: Whether it goes on, and where

    private enum Admission {
        case admitted(Outbound)
        /// What no service is asked for by its route: preflights and the AWS APIs.
        indirect case answered(Response)
    }

    @inline(never)
    private func admit(
        _ request: Request, _ snapshot: RouteSnapshot, _ trail: RequestTrail, _ event: RequestEvent?, _ stage: inout [UInt8]?
    ) async throws(GatewayError) -> Admission {
        let fields = try RequestFields(request.headers, credentials: snapshot.document.credentialFields)
        let target = try Self.canonical(request, host: fields.host)
        if target.path.count == 1 {
            if let response = try await awsAPIs.respond(
                to: request, fields: fields, target: target, trail: trail, event: event, source: source(of: request, fields))
            {
                return .answered(response)
            }
        }
        guard let place = try place(request, fields, target, snapshot) else { return .answered(preflight(request, snapshot, trail, event)) }
        event?.match(place.route.template.text, countedBy: snapshot.metrics[place.route.index])
        stage = place.stage
        guard place.lengthOfARN <= Self.maximumARN else { throw .targetTooLong }
        var caller = try await caller(of: request, fields, place, snapshot.generation, event)
        var body: [UInt8] = []
        if !request.body.isEmpty {
            let wait = BodyWait()
            body = try await self.body(of: request, caller, fields)
            if wait.wasLong { caller = try await self.caller(of: request, fields, place, snapshot.generation, event, again: true) }
        }
        let bodyHash = body.isEmpty ? nil : SHA256.hash(body)
        var asked = place.target
        let identity: PreparedIdentity
        var allowance: Allowance?
        switch caller {
        case .user(let token):
            identity = token.identity
            allowance = token.allowance
        case .anyone:
            identity = .anyone
            allowance = allowances.ofVisitor(source(of: request, fields))
        case .signed(let pending):
            identity = try verify(pending, request, bodyHash)
            let principals = allowances.ofPrincipal(pending.key.principal)
            try principals.admit()
            allowance = principals
            try await authorizeSigned(pending, place.arn, event)
            asked = Self.withoutSignature(asked)
        }
        return .admitted(outbound(request, fields, place.route.integration, asked, identity, allowance, trail, body, bodyHash))
    }

    @inline(never)
    private func outbound(
        _ request: Request, _ fields: RequestFields, _ integration: Integration, _ target: [UInt8], _ identity: PreparedIdentity,
        _ allowance: Allowance?, _ trail: RequestTrail, _ body: [UInt8], _ bodyHash: SHA256Digest?
    ) -> Outbound {
        Outbound(
            to: integration.destination, request, fields, request.method, target, identity: identity,
            source: source(of: request, fields), requestID: trail.requestID, body: body, bodyHash: bodyHash,
            timeoutMilliseconds: integration.timeoutMilliseconds, allowance: allowance)
    }

    /// A presigned URL is a credential, which goes no further, as `Authorization` doesn't; also where the latter is what counted.
    @inline(never)
    private static func withoutSignature(_ target: [UInt8]) -> [UInt8] {
        guard let question = target.firstIndex(of: UInt8(ascii: "?")) else { return target }
        let query = target.span.extracting((question + 1)...)
        guard SignatureClaim.isPresigned(query: query) else { return target }
        let rest = SignatureClaim.parametersBesideSignature(in: query)
        return Array(target[..<(rest.isEmpty ? question : question + 1)]) + rest
    }

    /// Where a request leads.
    struct Place {
        let route: Route
        let stage: [UInt8]
        let lengthOfARN: Int
        /// Empty where nobody decides by it: the route is open, or the ARN longer than may be.
        let arn: [UInt8]
        /// What the service is asked for.
        let target: [UInt8]
    }

    /// - Returns: nil where it is the document's answer to preflights that is asked for.
    @inline(never)
    private func place(
        _ request: Request, _ fields: RequestFields, _ target: Target, _ snapshot: RouteSnapshot
    ) throws(GatewayError) -> Place? {
        var captures: [Range<Int>] = []
        let path = target.bytes.span.extracting(target.path)
        let method = request.method.rawValue
        switch snapshot.table.match(path: path, method: method.utf8.span, captures: &captures) {
        case .route(let route, let stageLength):
            let stage = snapshot.table.stageName(path, length: stageLength)
            let named = path.extracting(stageLength...)
            let length = snapshot.lengthOfARN(stage: stage, method: method, path: named)
            let isDecided = route.authorizer != nil && length <= Self.maximumARN
            return Place(
                route: route, stage: stage, lengthOfARN: length, arn: isDecided ? snapshot.arn(stage: stage, method: method, path: named) : [],
                target: Self.upstream(route, target, stageLength, captures))
        case .noMethod where snapshot.document.cors != nil && Self.isPreflight(request, fields): return nil
        case .noMethod, .unknown: throw Self.unknownRoute(request, fields)
        }
    }

    /// The target the service is asked for: the canonical one behind the stage, or the integration's own path with the captured bytes.
    private static func upstream(_ route: Route, _ target: Target, _ stageLength: Int, _ captures: [Range<Int>]) -> [UInt8] {
        guard let segments = route.integration.path else {
            return stageLength == 0 ? target.bytes : Array(target.bytes[stageLength...])
        }
        var bytes: [UInt8] = []
        for segment in segments {
            switch segment {
            case .literal(let literal): bytes.append(contentsOf: literal)
            case .parameter(let index): bytes.append(contentsOf: target.bytes[captures[index]])
            }
        }
        bytes.append(contentsOf: target.bytes[target.path.upperBound...])
        return bytes
    }

    /// After authentication, under the caller's budget.
    @inline(never)
    private func body(of request: Request, _ caller: Caller, _ fields: RequestFields) async throws(GatewayError) -> [UInt8] {
        let allowance = if case .user(let token) = caller { token.allowance } else { allowances.ofVisitor(source(of: request, fields)) }
        return try await Self.body(of: request, upTo: Self.maximumBody, within: allowance)
    }

    static func body(of request: Request, upTo limit: Int, within allowance: Allowance) async throws(GatewayError) -> [UInt8] {
        do throws(HTTPError) { return try await request.body.collect(upTo: limit, within: allowance.bodies) } catch {
            throw error == .tooMuchAtOnce ? allowance.refusal() : GatewayError(error)
        }
    }

    func source(of request: Request, _ fields: RequestFields) -> String {
        addresses.source(peer: request.peer, forwardedFor: fields.forwardedFor, headers: request.headers)
    }
}
