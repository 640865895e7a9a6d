public import Bootstrap
public import Contracts
import Crypto
import Encodings
public import HTTP
import Processes
import SigV4
import Tokens
import Trust

/// The cluster's one public service. Start reading at `GatewayPipeline`, the way of one request.
///
/// Routes come from an OpenAPI document (`APIDocument`, `RouteTable`), callers are authenticated by their tokens (`TokenAuthenticator`) or
/// signatures (`SignatureAuthenticator`) and authorized by the policies that the authorizer hands out (`PolicyCache`); requests go on with an
/// identity header and a signature of the gateway's own (`Hop`). Nothing of a caller's reaches a service under a name that is ours.
public struct GatewayService: HostedService {
    public static let name = ServiceName.gateway
    /// Also what a request is answered that can't be read as one: no document has a say in that.
    public static let errors = ErrorRenderer { error, request in
        let own =
            switch error {
            case let error as GatewayError: error
            case let error as HTTPError: GatewayError(error)
            default: GatewayError.unavailable
            }
        let trail = RequestTrail(request?.event)
        return AnswerRenderer().response(to: own, trail: trail, stage: nil, origin: nil)
    }

    /// API Gateway's: 10,240 bytes of request line and headers, 10 MB of body.
    public static let limits: ServerConfiguration = {
        var limits = ServerConfiguration()
        limits.head = HeadLimits(maximumBytes: 10_240, maximumFields: 100)
        limits.maximumBodyBytes = GatewayPipeline.maximumBody
        return limits
    }()

    private let pipeline: GatewayPipeline
    private let client: HTTPClient
    public let background: [any BackgroundService]

    public init(configuration: GatewayConfiguration, runtime: Runtime) async throws {
        let monotonic: @Sendable () -> Int64 = { Int64(SystemClock.monotonicNanoseconds() / 1_000_000) }
        let routes: RouteStore
        do throws(DocumentError) {
            routes = try RouteStore(
                path: configuration.routes, apiID: configuration.apiID, backends: configuration.backends, cluster: runtime.cluster,
                interval: .milliseconds(configuration.reloadMilliseconds), log: runtime.log, metrics: runtime.metrics)
        } catch {
            throw GatewaySetupError.document(path: configuration.routes, error)
        }
        var clientConfiguration = ClientConfiguration()
        // A connection that was good enough to be opened is good enough to be kept.
        clientConfiguration.maximumIdleConnections = clientConfiguration.maximumConnections
        client = HTTPClient(loops: runtime.loops, configuration: clientConfiguration)
        let port = AuthorizerPort(InternalClient(to: .authorizer, at: runtime.address(of: .authorizer), runtime: runtime, client: client))
        let generation = PolicyGeneration(port: port, log: runtime.log, now: monotonic)
        let identity = InternalClient(to: .identity, at: runtime.address(of: .identity), runtime: runtime, client: client)
        var keySets = JWKSConfiguration()
        keySets.refreshAfter = Int64(configuration.keySetRefresh) * 1_000
        keySets.requireRefreshAfter = 2 * keySets.refreshAfter
        let keys = JWKSClient(configuration: keySets, metrics: runtime.metrics, now: monotonic) { pool async throws(JWKSFetchError) in
            try await KeySetFetch.fetch(pool, from: identity)
        }
        let allowances = Allowances(
            rate: ThrottleRate(perSecond: configuration.throttleRate, burst: configuration.throttleBurst), metrics: runtime.metrics)
        var hops: [Hop] = []
        for service in Self.name.callees { hops.append(try Hop(to: service, runtime: runtime, client: client)) }
        pipeline = GatewayPipeline(
            routes: routes,
            tokens: TokenAuthenticator(
                cluster: runtime.cluster, keys: keys, capacity: configuration.tokenCache, allowances: allowances, metrics: runtime.metrics,
                now: runtime.clock.now,
                monotonic: monotonic),
            signatures: SignatureAuthenticator(
                region: runtime.cluster.name,
                keys: SigningKeyCache(port: port, generation: generation, capacity: 10_000, now: monotonic)),
            policies: PolicyCache(
                port: port, generation: generation, capacity: configuration.policyCache, metrics: runtime.metrics, now: monotonic),
            port: port, allowances: allowances, forwarder: Forwarder(client: client, hops: hops, metrics: runtime.metrics, tracer: runtime.tracer),
            addresses: ClientAddress(trusted: configuration.trustedProxies),
            apiID: configuration.apiID, cluster: runtime.cluster, clock: runtime.clock, metrics: runtime.metrics)
        background = [routes, keys, generation]
    }

    public var handler: HTTPServer.Handler {
        // No capture list: with one, Swift 6.3 forgets the caller's actor, and each await becomes a job of its own.
        let pipeline = pipeline
        return { request in try await pipeline.respond(to: request) }
    }

    /// Ready once the authorizer answers: before that nobody could be let in.
    public func readiness() async -> Readiness { pipeline.policies.readiness }

    public func close() async {
        await client.shutDown()
    }
}
