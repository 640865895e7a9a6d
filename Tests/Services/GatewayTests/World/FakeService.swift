import Bootstrap
import Contracts
import Crypto
import Encodings
import HTTP
import JSON
import SigV4
import Synchronization
import Tokens
import Transport
import Trust

/// A service behind the gateway. It lets in what a real one lets in: calls that are signed, fresh and, where due, carry an identity.
final class FakeService: Sendable {
    typealias Behaviour = @Sendable (InternalCall) async throws -> Response

    let name: ServiceName
    private let server: HTTPServer
    private let behaviour: Mutex<Behaviour?>
    private let seen: Mutex<[InternalCall]>
    private let refused: Mutex<[InternalCallError]>
    private let isDown: Mutex<Bool>

    var port: UInt16 { server.address.port }
    /// Calls that were let in, in order.
    var calls: [InternalCall] { seen.withLock { $0 } }
    var refusals: [InternalCallError] { refused.withLock { $0 } }

    private final class Box: Sendable {
        let service = Mutex<FakeService?>(nil)
    }

    init(_ name: ServiceName, secrets: String, loops: LoopGroup) async throws {
        self.name = name
        behaviour = Mutex(nil)
        seen = Mutex([])
        refused = Mutex([])
        isDown = Mutex(false)
        let keyring = try SecretsFolder(of: name, below: secrets).keyring()
        let cluster = Cluster(name: "us-east-1", account: World.account, publicURL: World.publicURL)
        let verifier = try InternalVerifier(service: name, cluster: cluster, keyring: keyring, clock: .system)
        let box = Box()
        var configuration = ServerConfiguration()
        configuration.head = HeadLimits(maximumBytes: 20_480)
        configuration.maximumBodyBytes = 12 << 20
        server = try await HTTPServer.start(on: .loopback(port: 0), loops: loops, configuration: configuration) { request in
            guard let service = box.service.withLock({ $0 }) else { return Response(.serviceUnavailable) }
            return try await service.respond(to: request, verifier)
        }
        box.service.withLock { $0 = self }
    }

    func stop() async { await server.shutDown(withinMilliseconds: 0) }

    func set(_ behaviour: @escaping Behaviour) { self.behaviour.withLock { $0 = behaviour } }
    func setDown(_ down: Bool) { isDown.withLock { $0 = down } }
    func forgetCalls() { seen.withLock { $0 = [] } }

    private func respond(to request: Request, _ verifier: InternalVerifier) async throws -> Response {
        if isDown.withLock({ $0 }) { return Response(.serviceUnavailable) }
        let call: InternalCall
        do {
            call = try await verifier.call(request, rule: CallRule([.gateway], identity: .optional), bodyLimit: 12 << 20)
        } catch let error as InternalCallError {
            refused.withLock { $0.append(error) }
            return error.response
        }
        seen.withLock { $0.append(call) }
        guard let behaviour = behaviour.withLock({ $0 }) else { return Response(.serviceUnavailable) }
        return try await behaviour(call)
    }

    // MARK: Identity

    /// The key sets of the pools that tokens are minted for.
    func answerKeySets() {
        set { call in
            let target = call.request.head.target
            for pool in Pool.all where target == "/\(pool.id)/.well-known/jwks.json" {
                return Response.json(try JWKSet.encode([pool.signer.verificationKey]))
            }
            return Response(.notFound)
        }
    }

    // MARK: Authorizer

    /// Users of the group `denied` are denied explicitly, of `nobody` implicitly, of `reader` let read; everyone else may do anything.
    func answerAsAuthorizer(generation: @escaping @Sendable () -> Int = { 1 }) {
        set { call in
            let target = call.request.head.target
            if target.hasPrefix("/internal/v1/generation") {
                let after = Int(target.split(separator: "=").last ?? "") ?? 0
                for _ in 0..<200 where after == generation() && !call.request.isDraining { try await Task.sleep(for: .milliseconds(10)) }
                return Response.json(Array(#"{"generation":\#(generation())}"#.utf8))
            }
            let body = try JSON.parse(call.body.span)
            switch target {
            case "/internal/v1/policy":
                return Response.json(Array(#"{"generation":1,"ttl":300,"principal":"p","policyDocument":\#(Self.policy(body))}"#.utf8))
            case "/internal/v1/signing-key": return Self.signingKey(body)
            case "/internal/v1/decision":
                let verdict = body["resource"]?.string?.contains("denied") == true ? "implicitDeny" : "allow"
                return Response.json(Array(#"{"decision":"\#(verdict)"}"#.utf8))
            default: return Response(.notFound)
            }
        }
    }

    private static func policy(_ query: JSONValue) -> String {
        let groups = query["groups"]?.array?.compactMap(\.string) ?? []
        func statement(_ effect: String, _ resource: String) -> String {
            #"{"Effect":"\#(effect)","Action":"execute-api:Invoke","Resource":"\#(resource)"}"#
        }
        var statements = [statement("Allow", "arn:aws:execute-api:*:*:*")]
        if groups.contains("denied") { statements.append(statement("Deny", "*")) }
        if groups.contains("nobody") { statements = [statement("Allow", "arn:aws:execute-api:*:*:other/*")] }
        if groups.contains("reader") { statements = [statement("Allow", "arn:aws:execute-api:*:*:strongroom/dev/GET/*")] }
        return #"{"Version":"2012-10-17","Statement":[\#(statements.joined(separator: ","))]}"#
    }

    static let accessKey = Credentials(accessKeyID: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG")

    private static func signingKey(_ query: JSONValue) -> Response {
        guard query["accessKeyId"]?.string == accessKey.accessKeyID, let date = query["date"]?.string, let region = query["region"]?.string,
            let service = query["service"]?.string
        else { return Response(.notFound) }
        let scope = CredentialScope(date: Array(date.utf8), region: Array(region.utf8), service: Array(service.utf8))
        let key = SigningKey.derive(secret: Array(accessKey.secretAccessKey.utf8).span, scope: scope)
        let text = key.withSpan { Base64.encode($0) }
        return Response.json(
            Array(
                #"{"generation":1,"signingKey":"\#(text)","principal":"arn:aws:iam::\#(World.account):user/ada","account":"\#(World.account)","userId":"AIDAADA"}"#
                    .utf8))
    }
}
