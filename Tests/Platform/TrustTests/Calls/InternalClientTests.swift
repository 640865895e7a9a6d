@testable import Bootstrap
import Contracts
import Encodings
import HTTP
import JSON
import Observability
import SigV4
import Synchronization
import Testing
import Transport

@testable import Trust

@Suite struct InternalClientTests {
    /// A notes service that answers who called, and clients of it.
    struct Wire {
        let loops = LoopGroup.start(count: 1)
        let server: HTTPServer
        let http: HTTPClient

        init() async throws {
            let keyring = try CallBench().keyring
            let verifier = try InternalVerifier(service: .notes, cluster: CallBench.cluster, keyring: keyring, clock: .system)
            let routes = [
                verifier.route(.post, "/internal/v1/echo", CallRule([.audit], identity: .forbidden), bodyLimit: 1024) { call in
                    .json(
                        JSON.encode([
                            "caller": .string(call.context.caller.rawValue), "body": try JSON.parse(call.body),
                            "requestId": .string(call.context.requestID.description),
                        ]))
                }
            ]
            let router = try Router(routes, metrics: MetricsRegistry())
            let errors = ErrorRenderer { error, request in
                (error as? InternalCallError)?.response ?? ErrorRenderer.json.response(for: error, request: request)
            }
            server = try await HTTPServer.start(on: .loopback(port: 0), loops: loops, errors: errors, handler: router.handler)
            http = HTTPClient(loops: loops)
        }

        func client(_ credentials: Credentials) -> InternalClient {
            let chain = CredentialChain(
                CredentialSurroundings(
                    variables: ["AWS_ACCESS_KEY_ID": credentials.accessKeyID, "AWS_SECRET_ACCESS_KEY": credentials.secretAccessKey],
                    readFile: { _ throws(CredentialError) in nil }, fetch: { _ in throw CancellationError() }, now: WallClock.system.now))
            return InternalClient(
                callee: .notes, endpoint: Endpoint(host: "127.0.0.1", port: server.address.port), region: "us-east-1", client: http,
                credentials: chain, clock: .system)
        }

        func close() async {
            await http.shutDown()
            await server.shutDown(withinMilliseconds: 0)
            loops.stop()
        }
    }

    @Test func `A signed call goes over the wire and comes back`() async throws {
        let wire = try await Wire()
        var call = OutgoingCall.json(.post, "/internal/v1/echo", Array(#"{"a":1}"#.utf8))
        let id = UUID.v4(random: (1, 2))
        call.cause = RequestEvent(requestID: id, trace: TraceContext(random: (1, 2, 3)), method: "POST")
        let answer = try await wire.client(CallBench.credentials(.audit)).json(call)
        #expect(answer["caller"]?.string == "audit")
        #expect(answer["body"]?["a"]?.int == 1)
        #expect(answer["requestId"]?.string == id.description)
        await wire.close()
    }

    @Test func `A caller without permission, or without a key, is told 403`() async throws {
        let wire = try await Wire()
        for credentials in [CallBench.credentials(.gateway), Credentials(accessKeyID: "AKIDNOBODY", secretAccessKey: "x")] {
            await #expect(throws: InternalClientError.refused(.forbidden)) {
                try await wire.client(credentials).json(.json(.post, "/internal/v1/echo", Array("{}".utf8)))
            }
        }
        await wire.close()
    }
}
