import Bootstrap
import Contracts
import Crypto
import Encodings
import Files
import HTTP
import JSON
import Observability
import Synchronization
import Testing
import Tokens
import Transport
import Trust

@testable import Gateway

/// A gateway as it ships, with services behind it that verify every call as real ones do and answer what the test says.
final class World: Sendable {
    static let account = "123456789012"
    static let publicURL = "http://strongroom.test"

    let folder: String
    let loops = LoopGroup.start(count: 1, name: "world")
    let clock: TestClock
    let notes: FakeService
    let audit: FakeService
    let identity: FakeService
    let authorizer: FakeService
    let metrics = MetricsRegistry()
    let log: LogBuffer
    let host: ServiceHost
    let service: GatewayService
    let client: HTTPClient

    /// What may be changed of a world before it begins.
    struct Options: Sendable {
        var routes: String?
        var configuration = GatewayConfiguration()
        var callerTime: Timestamp?
    }

    private init(_ options: Options) async throws {
        folder = try Directory.temporary(prefix: "gateway-world-")
        let secrets = "\(folder)/secrets"
        try SecretsGenerator(cluster: "us-east-1", account: Self.account).write(to: secrets)
        clock = TestClock()
        notes = try await FakeService(.notes, secrets: secrets, loops: loops)
        audit = try await FakeService(.audit, secrets: secrets, loops: loops)
        identity = try await FakeService(.identity, secrets: secrets, loops: loops)
        authorizer = try await FakeService(.authorizer, secrets: secrets, loops: loops)
        var configuration = options.configuration
        let routes = "\(folder)/api.yaml"
        configuration.routes = routes
        configuration.reloadMilliseconds = 50
        try File.create(routes, with: Array((options.routes ?? Self.routes).utf8))
        log = LogBuffer { _ in }
        let logger = Logger(service: "gateway", buffer: log, now: WallClock.system.now)
        host = try await ServiceHost.bind(GatewayService.self, on: .loopback(port: 0), loops: loops, log: logger, metrics: metrics)
        let folder = SecretsFolder(of: .gateway, below: secrets)
        var peers: [ServiceName: HTTP.Endpoint] = [:]
        for fake in [notes, audit, identity, authorizer] { peers[fake.name] = HTTP.Endpoint(host: "127.0.0.1", port: fake.port) }
        let runtime = Runtime(
            service: .gateway, loops: loops, log: logger, metrics: metrics, clock: WallClock(now: clock.now),
            cluster: Cluster(name: "us-east-1", account: Self.account, publicURL: Self.publicURL), keyring: try folder.keyring(), secrets: folder,
            peers: peers)
        service = try await GatewayService(configuration: configuration, runtime: runtime)
        client = HTTPClient(loops: loops)
        identity.answerKeySets()
        authorizer.answerAsAuthorizer()
        notes.set { request in Response.json(Array(#"{"path":"\#(request.request.head.target)"}"#.utf8)) }
        audit.set { _ in Response.json(Array("{}".utf8)) }
    }

    static func run(_ options: Options = Options(), _ body: @escaping @Sendable (World) async throws -> Void) async throws {
        let world = try await World(options)
        let stop = StopSignal()
        let result: Result<Void, any Error> = await withTaskGroup(of: Result<Void, any Error>.self) { group in
            group.addTask {
                do {
                    try await world.host.run(world.service, until: stop, drainMilliseconds: 2_000)
                    return .success(())
                } catch { return .failure(error) }
            }
            group.addTask {
                do {
                    try await world.settle { await world.service.readiness() == .ready }
                    try await body(world)
                    return .success(())
                } catch { return .failure(error) }
            }
            let first = await group.next() ?? .success(())
            stop.set()
            let second = await group.next() ?? .success(())
            if case .failure = first { return first }
            return second
        }
        await world.end()
        try result.get()
    }

    private func end() async {
        await client.shutDown()
        for fake in [notes, audit, identity, authorizer] { await fake.stop() }
        loops.stop()
        try? Directory.removeTree(folder)
    }

    /// Waits for something that happens by itself.
    func settle(_ condition: () async -> Bool) async throws {
        for _ in 0..<400 {
            if await condition() { return }
            try await Task.sleep(for: .milliseconds(10))
        }
        Issue.record("it did not happen")
    }

    var port: UInt16 { host.address.port }

    /// The gateway's routes in most tests: open, by token, by scope, by signature, by audience.
    static let routes = """
        openapi: "3.0.1"
        info: {title: world, version: "1"}
        servers: [{url: "http://x/{basePath}", variables: {basePath: {default: dev}}}]
        x-amazon-apigateway-cors: {allowOrigins: ["https://app.test", "app://*"], allowMethods: [GET, POST], allowHeaders: [authorization], maxAge: 60}
        components:
          securitySchemes:
            Pools:
              type: apiKey
              name: Authorization
              in: header
              x-amazon-apigateway-authtype: cognito_user_pools
              x-amazon-apigateway-authorizer: {type: cognito_user_pools, providerARNs: ["arn:aws:cognito-idp:*:*:userpool/*"]}
            OnePool:
              type: apiKey
              name: Authorization
              in: header
              x-amazon-apigateway-authtype: cognito_user_pools
              x-amazon-apigateway-authorizer: {type: cognito_user_pools, providerARNs: ["arn:aws:cognito-idp:us-east-1:123456789012:userpool/us-east-1_Alpha"]}
            JWT:
              type: oauth2
              x-amazon-apigateway-authorizer: {type: jwt, jwtConfiguration: {issuer: "http://strongroom.test/us-east-1_Alpha", audience: [client]}, identitySource: $request.header.Authorization}
            IAM: {type: apiKey, name: Authorization, in: header, x-amazon-apigateway-authtype: awsSigv4}
        paths:
          /notes:
            get:

        """ + route("notes", "/notes", "GET", "[{Pools: []}]")
        + "    post:\n" + route("notes", "/notes", "POST", "[{Pools: []}]")
        + path("/notes/{id}", "get", "[{Pools: []}]") + path("/open/{id}", "get", "[]") + path("/scoped", "get", "[{Pools: [notes/read, notes/all]}]")
        + path("/one", "get", "[{OnePool: []}]") + path("/jwt", "get", "[{JWT: []}]") + path("/iam", "post", "[{IAM: []}]")
        + path("/slow", "get", "[]", timeout: 100) + path("/{any+}", "put", "[{Pools: []}]")

    private static func path(_ path: String, _ method: String, _ security: String, timeout: Int? = nil) -> String {
        "  \"\(path)\":\n    \(method):\n" + route("notes", path, method.uppercased(), security, timeout: timeout)
    }

    private static func route(_ service: String, _ path: String, _ method: String, _ security: String, timeout: Int? = nil) -> String {
        let limit = timeout.map { ", timeoutInMillis: \($0)" } ?? ""
        return "      responses: {}\n      security: \(security)\n      x-amazon-apigateway-integration: {type: http_proxy, httpMethod: \(method), "
            + "uri: \"http://\(service).strongroom.internal\(path)\"\(limit)}\n"
    }
}

/// A clock the test can move.
final class TestClock: Sendable {
    private let offset = Mutex<Int64>(0)
    var now: @Sendable () -> Timestamp { { [self] in WallClock.system.now().adding(seconds: offset.withLock { $0 }) } }
    func advance(seconds: Int64) { offset.withLock { $0 += seconds } }
}
