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

@testable import Notes

/// The whole notes service on a port of its own, and a caller that signs as the gateway or another service would.
final class NotesServer: Sendable {
    private let folder: String
    private let loops = LoopGroup.start(count: 1)
    private let server: HTTPServer
    private let service: NotesService
    private let client: HTTPClient
    private let keyring: Keyring
    private let clock = WallClock.system

    private init(settings: [String: String]) async throws {
        folder = try Directory.temporary(prefix: "notes-server-")
        try SecretsGenerator(cluster: "us-east-1", account: "000000000000").write(to: "\(folder)/secrets")
        let secrets = SecretsFolder(of: .notes, below: "\(folder)/secrets")
        keyring = try secrets.keyring()
        var reader = ConfigurationReader(settings: ["notes-data": "\(folder)/data"].merging(settings) { $1 })
        let runtime = Runtime(
            service: .notes, loops: loops, log: Logger(service: "notes", buffer: LogBuffer { _ in }, now: clock.now), metrics: MetricsRegistry(),
            clock: clock, cluster: Cluster(name: "us-east-1", account: "000000000000", publicURL: "http://127.0.0.1:1"), keyring: keyring,
            secrets: secrets, peers: [:])
        service = try await NotesService(configuration: try NotesConfiguration(reading: &reader), runtime: runtime)
        server = try await HTTPServer.start(
            on: .loopback(port: 0), loops: loops, errors: NotesService.errors, handler: service.handler)
        client = HTTPClient(loops: loops)
    }

    static func run(settings: [String: String] = [:], _ body: (NotesServer) async throws -> Void) async throws {
        let server = try await NotesServer(settings: settings)
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
        try? Directory.removeTree(folder)
    }

    struct Answer {
        let status: Int
        let headers: Headers
        let body: [UInt8]

        var text: String { String(decoding: body, as: UTF8.self) }
        var json: JSONValue { (try? JSON.parse(body.span)) ?? .null }
    }

    static func user(_ name: String, of tenant: String = "us-east-1_Alpha") -> CallerIdentity {
        CallerIdentity(method: .jwt, subject: name, tenant: tenant, username: name)
    }

    /// Sends a signed call. `identity` nil sends none.
    func send(
        _ method: HTTP.Method, _ target: String, as identity: CallerIdentity?, from caller: ServiceName = .gateway, body: String = "",
        headers extra: [(HeaderName, String)] = [], alter: (inout ClientRequest) -> Void = { _ in }
    ) async throws -> Answer {
        let key = try #require(keyring.callers.first { $0.caller == caller })
        var headers: Headers = [.host: "\(server.address)"]
        for (name, value) in extra { headers.add(name, value) }
        if let identity {
            let identityKey = try #require(keyring.identityKeys.first { $0.audience == .notes })
            let signer = IdentityHeaderSigner(
                issuer: "gateway", audience: .notes, key: try IdentityKey(keyID: identityKey.kid, key: identityKey.key))
            headers.add(
                "x-strongroom-identity",
                signer.header(
                    for: PreparedIdentity(identity), requestID: UUID.v4(random: (1, 2)), source: "192.0.2.7", method: method.rawValue,
                    target: try CanonicalTarget(target), at: clock.now()))
        }
        CallSigner(callee: .notes, region: "us-east-1").sign(
            method: method, target: Array(target.utf8).span, headers: &headers, bodyHash: SHA256.hash(Array(body.utf8)),
            credentials: Credentials(accessKeyID: key.accessKeyID, secretAccessKey: key.secret), at: clock.now())
        var request = ClientRequest(method, target, headers: headers, body: body.isEmpty ? .empty : .bytes(Array(body.utf8)))
        alter(&request)
        return try await send(request)
    }

    func send(_ request: ClientRequest) async throws -> Answer {
        let response = try await client.send(request, to: HTTP.Endpoint(host: "127.0.0.1", port: server.address.port))
        return Answer(status: Int(response.status.rawValue), headers: response.headers, body: try await response.body.collect(upTo: 1 << 26))
    }
}
