import Contracts
import HTTP
import JSON
import ServiceFixture
import Transport

@testable import Identity

typealias IdentityServer = RunningService<IdentityService>

extension IdentityServer {
    static var root: CallerIdentity { CallerIdentity(method: .iam, principal: "arn:aws:iam::000000000000:root") }

    /// Runs the service beside an authorizer that always decides `decision`.
    static func run(authorizer decision: String, _ body: (IdentityServer) async throws -> Void) async throws {
        let loops = LoopGroup.start(count: 1)
        let authorizer = try await HTTPServer.start(on: .loopback(port: 0), loops: loops) { _ in
            .json(Array(#"{"decision":"\#(decision)"}"#.utf8))
        }
        let result: Result<Void, any Error>
        do {
            result = .success(try await run(peers: [.authorizer: HTTP.Endpoint(host: "127.0.0.1", port: authorizer.address.port)], body))
        } catch {
            result = .failure(error)
        }
        await authorizer.shutDown(withinMilliseconds: 1000)
        loops.stop()
        try result.get()
    }

    /// Calls an operation as the gateway forwards it. `identity` nil sends none.
    func call(_ operation: String, _ body: String, as identity: CallerIdentity?, from caller: ServiceName = .gateway) async throws -> Answer {
        try await send(
            .post, "/", as: identity, from: caller, body: body, headers: [("x-amz-target", "AWSCognitoIdentityProviderService.\(operation)")])
    }
}

extension IdentityServer.Answer {
    var type: String? { json["__type"]?.string }
}
