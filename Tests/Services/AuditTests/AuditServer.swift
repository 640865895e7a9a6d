import Bootstrap
import Contracts
import Crypto
import Encodings
import Files
import HTTP
import JSON
import Observability
import SigV4
import Testing
import Tokens
import Transport
import Trust

@testable import Audit

/// The whole audit service on a port of its own, without a broker, and a caller that signs as the gateway or another service would.
final class AuditServer: Sendable {
    private let folder: String
    private let loops = LoopGroup.start(count: 1)
    private let server: HTTPServer
    let service: AuditService
    private let client: HTTPClient
    private let keyring: Keyring
    private let clock = WallClock.system

    private init(settings: [String: String], peers: [ServiceName: HTTP.Endpoint]) async throws {
        folder = try Directory.temporary(prefix: "audit-server-")
        try SecretsGenerator(cluster: "us-east-1", account: "000000000000").write(to: "\(folder)/secrets")
        let secrets = SecretsFolder(of: .audit, below: "\(folder)/secrets")
        keyring = try secrets.keyring()
        var reader = ConfigurationReader(settings: ["audit-data": "\(folder)/data"].merging(settings) { $1 })
        let runtime = Runtime(
            service: .audit, loops: loops, log: Logger(service: "audit", buffer: LogBuffer { _ in }, now: clock.now), metrics: MetricsRegistry(),
            clock: clock, cluster: Cluster(name: "us-east-1", account: "000000000000", publicURL: "http://127.0.0.1:1"), keyring: keyring,
            secrets: secrets, peers: peers)
        service = try await AuditService(configuration: try AuditConfiguration(reading: &reader), runtime: runtime)
        server = try await HTTPServer.start(on: .loopback(port: 0), loops: loops, errors: AuditService.errors, handler: service.handler)
        client = HTTPClient(loops: loops)
    }

    static func run(
        settings: [String: String] = [:], peers: [ServiceName: HTTP.Endpoint] = [:], _ body: (AuditServer) async throws -> Void
    ) async throws {
        let server = try await AuditServer(settings: settings, peers: peers)
        let result: Result<Void, any Error>
        do { result = .success(try await body(server)) } catch { result = .failure(error) }
        await server.stop()
        try result.get()
    }

    private func stop() async {
        await client.shutDown()
        await server.shutDown(withinMilliseconds: 1000)
        await service.close()
        loops.stop()
        // The folder is in the system's temporary one.
        try? Directory.removeTree(folder)
    }

    struct Answer {
        let status: Int
        let headers: Headers
        let body: [UInt8]

        var text: String { String(decoding: body, as: UTF8.self) }
        var json: JSONValue { (try? JSON.parse(body.span)) ?? .null }
        var events: [JSONValue] { json["events"]?.array ?? [] }
        var error: String? { json["error"]?.string }
    }

    static func user(_ name: String, of tenant: String = EventStream.tenant, groups: [String] = []) -> CallerIdentity {
        CallerIdentity(method: .jwt, subject: name, tenant: tenant, username: name, groups: groups)
    }

    /// A stream that the service believes.
    func stream(tenant: String = EventStream.tenant, shard: UInt32 = 0, epoch: UInt64 = 1) throws -> EventStream {
        let key = try #require(keyring.eventKeys.first { $0.source == .notes })
        return EventStream(tenant: tenant, shard: shard, epoch: epoch, keyID: key.kid, key: key.key)
    }

    func store(_ envelopes: [[UInt8]]) async throws {
        #expect(try await service.intake.receive(envelopes) == 0)
    }

    func get(_ target: String, as identity: CallerIdentity?, from caller: ServiceName = .gateway) async throws -> Answer {
        try await send(.get, target, as: identity, from: caller)
    }

    /// Sends a signed call. `identity` nil sends none.
    func send(
        _ method: HTTP.Method, _ target: String, as identity: CallerIdentity?, from caller: ServiceName = .gateway, body: [UInt8] = []
    ) async throws -> Answer {
        let key = try #require(keyring.callers.first { $0.caller == caller })
        var headers: Headers = [.host: "\(server.address)"]
        if let identity {
            let identityKey = try #require(keyring.identityKeys.first { $0.audience == .audit })
            let signer = IdentityHeaderSigner(
                issuer: "gateway", audience: .audit, key: try IdentityKey(keyID: identityKey.kid, key: identityKey.key))
            headers.add(
                "x-strongroom-identity",
                signer.header(
                    for: PreparedIdentity(identity), requestID: UUID.v4(random: (1, 2)), source: "192.0.2.7", method: method.rawValue,
                    target: try CanonicalTarget(target), at: clock.now()))
        }
        CallSigner(callee: .audit, region: "us-east-1").sign(
            method: method, target: Array(target.utf8).span, headers: &headers, bodyHash: SHA256.hash(body),
            credentials: Credentials(accessKeyID: key.accessKeyID, secretAccessKey: key.secret), at: clock.now())
        var request = ClientRequest(method, target, headers: headers, body: body.isEmpty ? .empty : .bytes(body))
        request.timeoutMilliseconds = 30_000
        let response = try await client.send(request, to: HTTP.Endpoint(host: "127.0.0.1", port: server.address.port))
        return Answer(status: Int(response.status.rawValue), headers: response.headers, body: try await response.body.collect(upTo: 1 << 26))
    }
}
