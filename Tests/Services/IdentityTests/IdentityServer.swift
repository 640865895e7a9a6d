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

@testable import Identity

/// The whole identity service on a port of its own, a caller that signs as the gateway or another service would, and an authorizer that says yes.
final class IdentityServer: Sendable {
    private let folder: String
    private let loops = LoopGroup.start(count: 1)
    private let server: HTTPServer
    private let authorizer: HTTPServer
    private let service: IdentityService
    private let client: HTTPClient
    private let keyring: Keyring
    private let clock = WallClock.system

    private init(_ decision: String) async throws {
        folder = try Directory.temporary(prefix: "identity-server")
        try SecretsGenerator(cluster: "us-east-1", account: "000000000000").write(to: "\(folder)/secrets")
        let secrets = SecretsFolder(of: .identity, below: "\(folder)/secrets")
        keyring = try secrets.keyring()
        authorizer = try await HTTPServer.start(on: .loopback(port: 0), loops: loops) { _ in
            .json(Array(#"{"decision":"\#(decision)"}"#.utf8))
        }
        var reader = ConfigurationReader(settings: ["identity-data": "\(folder)/data"])
        let runtime = Runtime(
            service: .identity, loops: loops, log: Logger(service: "identity", buffer: LogBuffer { _ in }, now: clock.now),
            metrics: MetricsRegistry(),
            clock: clock, cluster: Cluster(name: "us-east-1", account: "000000000000", publicURL: "http://127.0.0.1:1"), keyring: keyring,
            secrets: secrets, peers: [.authorizer: HTTP.Endpoint(host: "127.0.0.1", port: authorizer.address.port)])
        service = try await IdentityService(configuration: try IdentityConfiguration(reading: &reader), runtime: runtime)
        server = try await HTTPServer.start(on: .loopback(port: 0), loops: loops, errors: IdentityService.errors, handler: service.handler)
        client = HTTPClient(loops: loops)
    }

    static func run(authorizer decision: String = "allow", _ body: (IdentityServer) async throws -> Void) async throws {
        let server = try await IdentityServer(decision)
        let result: Result<Void, any Error>
        do { result = .success(try await body(server)) } catch { result = .failure(error) }
        await server.client.shutDown()
        await server.server.shutDown(withinMilliseconds: 1000)
        await server.authorizer.shutDown(withinMilliseconds: 1000)
        await server.service.close()
        server.loops.stop()
        try Directory.removeTree(server.folder)
        try result.get()
    }

    struct Answer {
        let status: Int
        let headers: Headers
        let body: [UInt8]

        var json: JSONValue { (try? JSON.parse(body)) ?? .null }
        var type: String? { json["__type"]?.string }
    }

    static let root = CallerIdentity(method: .iam, principal: "arn:aws:iam::000000000000:root")

    /// Calls an operation as the gateway forwards it. `identity` nil sends none.
    func call(_ operation: String, _ body: String, as identity: CallerIdentity?, from caller: ServiceName = .gateway) async throws -> Answer {
        try await send(.post, "/", as: identity, from: caller, body: body, target: "AWSCognitoIdentityProviderService.\(operation)")
    }

    func send(
        _ method: HTTP.Method, _ path: String, as identity: CallerIdentity?, from caller: ServiceName = .gateway, body: String = "",
        target: String? = nil
    ) async throws -> Answer {
        var headers: Headers = [.host: "\(server.address)"]
        if let target { headers.add("x-amz-target", target) }
        if let identity {
            let key = try #require(keyring.identityKeys.first { $0.audience == .identity })
            let signer = IdentityHeaderSigner(issuer: "gateway", audience: .identity, key: try IdentityKey(keyID: key.kid, key: key.key))
            headers.add(
                "x-strongroom-identity",
                signer.header(
                    for: PreparedIdentity(identity), requestID: UUID.v4(random: (Random.uint64(), 2)), source: "192.0.2.7", method: method.rawValue,
                    target: try CanonicalTarget(path), at: clock.now()))
        }
        if let key = keyring.callers.first(where: { $0.caller == caller }) {
            CallSigner(callee: .identity, region: "us-east-1").sign(
                method: method, target: Array(path.utf8).span, headers: &headers, bodyHash: SHA256.hash(Array(body.utf8)),
                credentials: Credentials(accessKeyID: key.accessKeyID, secretAccessKey: key.secret), at: clock.now())
        }
        let request = ClientRequest(method, path, headers: headers, body: body.isEmpty ? .empty : .bytes(Array(body.utf8)))
        let response = try await client.send(request, to: HTTP.Endpoint(host: "127.0.0.1", port: server.address.port))
        return Answer(status: Int(response.status.rawValue), headers: response.headers, body: try await response.body.collect(upTo: 1 << 20))
    }
}
