import Authorizer
import Bootstrap
import Contracts
import Crypto
import Encodings
import Foundation
import HTTP
import JSON
import Observability
import Testing
import Tokens
import Transport
import Trust

/// An authorizer with a folder and a port of its own, the gateway that calls it, and what `aws iam` sends through it.
final class AuthorizerBench: Sendable {
    static let cluster = Cluster(name: "us-east-1", account: "000000000000", publicURL: "http://localhost:8080")
    static let root = "arn:aws:iam::000000000000:root"

    let folder: String
    let loops: LoopGroup
    let http: HTTPClient
    let service: AuthorizerService
    private let server: HTTPServer
    private let identityKey: Tokens.IdentityKey
    private let secrets: String

    init(folder: String? = nil) async throws {
        self.folder = folder ?? FileManager.default.temporaryDirectory.appending(path: "authorizer-\(UUID().uuidString)").path
        secrets = "\(self.folder)/secrets"
        if folder == nil { try SecretsGenerator(cluster: "us-east-1", account: "000000000000").write(to: secrets) }
        loops = LoopGroup.start(count: 1)
        let runtime = try Self.runtime(.authorizer, secrets: secrets, loops: loops, peers: [:])
        var reader = ConfigurationReader(settings: ["authorizer-data": "\(self.folder)/data"])
        service = try await AuthorizerService(configuration: AuthorizerConfiguration(reading: &reader), runtime: runtime)
        server = try await HTTPServer.start(on: .loopback(port: 0), loops: loops, errors: AuthorizerService.errors, handler: service.handler)
        http = HTTPClient(loops: loops)
        let key = try #require(runtime.keyring.identityKeys.first)
        identityKey = try Tokens.IdentityKey(keyID: key.kid, key: key.key)
    }

    static func runtime(
        _ service: ServiceName, secrets: String, loops: LoopGroup, peers: [ServiceName: HTTP.Endpoint]
    ) throws -> Runtime {
        let folder = SecretsFolder(of: service, below: secrets)
        return Runtime(
            service: service, loops: loops, log: Logger(service: service.rawValue, buffer: LogBuffer(wake: { _ in }), now: WallClock.system.now),
            metrics: MetricsRegistry(), clock: .system,
            cluster: cluster, keyring: try folder.keyring(), secrets: folder, peers: peers)
    }

    func close(keepingFolder: Bool = false) async throws {
        await http.shutDown()
        await server.shutDown(withinMilliseconds: 0)
        await service.close()
        loops.stop()
        if !keepingFolder { try FileManager.default.removeItem(atPath: folder) }
    }

    func client(of caller: ServiceName) throws -> InternalClient {
        let runtime = try Self.runtime(caller, secrets: secrets, loops: loops, peers: [:])
        return InternalClient(to: .authorizer, at: Endpoint(host: "127.0.0.1", port: server.address.port), runtime: runtime, client: http)
    }

    /// One internal call by the gateway (or whoever).
    func ask(_ target: String, _ body: String, as caller: ServiceName = .gateway) async throws -> JSONValue {
        try await client(of: caller).json(.json(.post, target, Array(body.utf8)))
    }

    struct Answer {
        var status: UInt16
        var text: String

        /// The text of the first element of that name.
        subscript(_ element: String) -> String? {
            guard let start = text.range(of: "<\(element)>"), let end = text.range(of: "</\(element)>", range: start.upperBound..<text.endIndex)
            else {
                return nil
            }
            return String(text[start.upperBound..<end.lowerBound])
        }
    }

    /// One IAM or STS call, as the gateway forwards it for the principal.
    func query(_ action: String, _ parameters: [String: String] = [:], as principal: String? = root, version: String = "2010-05-08") async throws
        -> Answer
    {
        var form = "Action=\(action)&Version=\(version)"
        for (name, value) in parameters.sorted(by: { $0.key < $1.key }) { form += "&\(name)=\(PercentEncoding.encode(value))" }
        let signedFor = version.hasPrefix("2011") ? "sts" : "iam"
        var call = OutgoingCall(
            .post, Array("/".utf8), headers: [.contentType: "application/x-www-form-urlencoded; charset=utf-8", "x-amz-target": signedFor],
            body: Array(form.utf8))
        if let principal {
            let identity = PreparedIdentity(CallerIdentity(method: .iam, principal: principal))
            call.identity = IdentityHeaderSigner(issuer: "gateway", audience: .authorizer, key: identityKey).header(
                for: identity, requestID: Encodings.UUID.v4(random: (1, 2)), source: nil, method: "POST", target: try CanonicalTarget("/"),
                at: WallClock.system.now())
        }
        let response = try await client(of: .gateway).send(call)
        return Answer(status: response.status.rawValue, text: String(decoding: try await response.body.collect(upTo: 1 << 20), as: UTF8.self))
    }
}
