public import Bootstrap
public import Contracts
import Crypto
import Encodings
import Files
public import HTTP
public import JSON
import Observability
import SigV4
import Tokens
import Transport
import Trust

/// One whole service on a port of its own, with secrets and data in a temporary folder and without a broker, and a caller that signs as the gateway or
/// another service would.
public final class RunningService<Service: HostedService>: Sendable {
    public let service: Service
    public let keyring: Keyring
    private let folder: String
    private let loops = LoopGroup.start(count: 1)
    private let server: HTTPServer
    private let client: HTTPClient
    private let clock = WallClock.system

    private init(settings: [String: String], peers: [ServiceName: HTTP.Endpoint]) async throws {
        let name = Service.name
        folder = try Directory.temporary(prefix: "\(name.rawValue)-service-")
        try SecretsGenerator(cluster: "us-east-1", account: "000000000000").write(to: "\(folder)/secrets")
        let secrets = SecretsFolder(of: name, below: "\(folder)/secrets")
        keyring = try secrets.keyring()
        var reader = ConfigurationReader(settings: ["\(name.rawValue)-data": "\(folder)/data"].merging(settings) { $1 })
        let runtime = Runtime(
            service: name, loops: loops, log: Logger(service: name.rawValue, buffer: LogBuffer { _ in }, now: clock.now), metrics: MetricsRegistry(),
            clock: clock, cluster: Cluster(name: "us-east-1", account: "000000000000", publicURL: "http://127.0.0.1:1"), keyring: keyring,
            secrets: secrets, peers: peers)
        service = try await Service(configuration: try Service.Configuration(reading: &reader), runtime: runtime)
        server = try await HTTPServer.start(on: .loopback(port: 0), loops: loops, errors: Service.errors, handler: service.handler)
        client = HTTPClient(loops: loops)
    }

    /// Starts the service, and stops it after `body`.
    public static func run(
        settings: [String: String] = [:], peers: [ServiceName: HTTP.Endpoint] = [:], _ body: (RunningService) async throws -> Void
    ) async throws {
        let running = try await RunningService(settings: settings, peers: peers)
        let result: Result<Void, any Error>
        do { result = .success(try await body(running)) } catch { result = .failure(error) }
        await running.client.shutDown()
        await running.server.shutDown(withinMilliseconds: 1000)
        await running.service.close()
        running.loops.stop()
        try Directory.removeTree(running.folder)
        try result.get()
    }

    public struct Answer: Sendable {
        public let status: Int
        public let headers: Headers
        public let body: [UInt8]

        public var text: String { String(decoding: body, as: UTF8.self) }
        public var json: JSONValue { (try? JSON.parse(body)) ?? .null }
    }

    /// Sends a call with an identity header, unless `identity` is nil, signed by `caller`, unless it has no key for this service.
    ///
    /// - Parameter alter: changes the request after it was signed.
    public func send(
        _ method: HTTP.Method, _ target: String, as identity: CallerIdentity?, from caller: ServiceName = .gateway, body: [UInt8] = [],
        headers extra: [(HeaderName, String)] = [], alter: (inout ClientRequest) -> Void = { _ in }
    ) async throws -> Answer {
        let (callee, now) = (Service.name, clock.now())
        var headers: Headers = [.host: "\(server.address)"]
        for (name, value) in extra { headers.add(name, value) }
        if let identity, let key = keyring.identityKeys.first(where: { $0.audience == callee }) {
            let signer = IdentityHeaderSigner(issuer: "gateway", audience: callee, key: try IdentityKey(keyID: key.kid, key: key.key))
            headers.add(
                "x-strongroom-identity",
                signer.header(
                    for: PreparedIdentity(identity), requestID: UUID.v4(random: (Random.uint64(), 2)), source: "192.0.2.7", method: method.rawValue,
                    target: try CanonicalTarget(target), at: now))
        }
        let secrets = try SecretsFolder(of: .authorizer, below: "\(folder)/secrets").callerSecrets() ?? []
        if let key = secrets.first(where: { $0.caller == caller && $0.callee == callee }) {
            CallSigner(callee: callee, region: "us-east-1").sign(
                method: method, target: Array(target.utf8).span, headers: &headers, bodyHash: SHA256.hash(body),
                credentials: Credentials(accessKeyID: key.accessKeyID, secretAccessKey: key.secret), at: now)
        }
        var request = ClientRequest(method, target, headers: headers, body: body.isEmpty ? .empty : .bytes(body))
        request.timeoutMilliseconds = 30_000
        alter(&request)
        return try await send(request)
    }

    public func send(
        _ method: HTTP.Method, _ target: String, as identity: CallerIdentity?, from caller: ServiceName = .gateway, body: String,
        headers: [(HeaderName, String)] = [], alter: (inout ClientRequest) -> Void = { _ in }
    ) async throws -> Answer {
        try await send(method, target, as: identity, from: caller, body: Array(body.utf8), headers: headers, alter: alter)
    }

    public func send(_ request: ClientRequest) async throws -> Answer {
        let response = try await client.send(request, to: HTTP.Endpoint(host: "127.0.0.1", port: server.address.port))
        return Answer(status: Int(response.status.rawValue), headers: response.headers, body: try await response.body.collect(upTo: 1 << 26))
    }
}
