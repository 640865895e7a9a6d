import Bootstrap
import Contracts
import Crypto
import Encodings
import Foundation
import HTTP
import JSON
import Observability
import SigV4
import Synchronization
import TestTools
import Testing
import Trust

@testable import Gateway

/// Signature Version 4 at the edge: on an `AWS_IAM` route and on the AWS APIs.
@Suite struct SignatureTests {
    /// Header lines of a request signed as an SDK signs it.
    func signed(
        _ method: String, _ target: String, service: String, body: String = "", at date: Timestamp = .now, key: Credentials = FakeService.accessKey,
        region: String = "us-east-1", extra: [(String, String)] = []
    ) throws -> [String] {
        var fields = FieldList()
        fields.append("host", "strongroom.test")
        fields.append("x-amz-date", date.amzDate())
        for (name, value) in extra { fields.append(name, value) }
        let names = Signer.signedHeaders(of: fields)
        let hash = SHA256.hash(Array(body.utf8)).withSpan { Hex.encode($0) }
        let authorization = Signer(credentials: key, region: region, service: service).authorization(
            method: Array(method.utf8).span, target: Array(target.utf8).span, fields: fields, signedHeaders: names.span,
            payloadHash: Array(hash.utf8).span, date: date)
        return ["Authorization: \(String(decoding: try #require(authorization), as: UTF8.self))", "X-Amz-Date: \(date.amzDate())"]
            + extra.map { "\($0.0): \($0.1)" }
    }

    func send(_ world: World, _ method: String, _ target: String, _ lines: [String], body: String = "") async throws -> World.Answer {
        try await world.get(target, lines.joined(separator: "\r\n"), method: method, body: body)
    }

    @Test func `a signed request reaches the service as its principal`() async throws {
        try await World.run { world in
            let lines = try self.signed("POST", "/dev/iam?b=2&a=1", service: "execute-api", body: "{}")
            let answer = try await self.send(world, "POST", "/dev/iam?b=2&a=1", lines, body: "{}")
            #expect(answer.status == 200)
            let identity = try #require(world.notes.calls.last?.context.identity)
            #expect(identity.method == .iam)
            #expect(identity.principal == "arn:aws:iam::123456789012:user/ada")
            #expect(world.notes.calls.last?.request.head.target == "/iam?b=2&a=1")
            // Two equal calls in one second carry equal signatures: at the edge that is allowed.
            #expect(try await self.send(world, "POST", "/dev/iam?b=2&a=1", lines, body: "{}").status == 200)
        }
    }

    @Test func `a presigned URL is a credential: it counts as one, and goes no further`() async throws {
        @Sendable func presigned(_ target: String, _ service: String = "execute-api", key: Credentials = FakeService.accessKey) throws -> String {
            try #require(
                Signer(credentials: key, region: "us-east-1", service: service).presigned(
                    method: "POST", target: target, host: "strongroom.test", date: .now, seconds: 60))
        }
        let plain = ["Accept: */*"]
        try await World.run { world in
            let target = try presigned("/dev/iam?b=2&a=1")
            #expect(try await self.send(world, "POST", target, plain).status == 200)
            let call = try #require(world.notes.calls.last)
            #expect(call.context.identity?.principal == "arn:aws:iam::123456789012:user/ada")
            #expect(call.request.head.target == "/iam?b=2&a=1")
            _ = try await self.send(world, "POST", try presigned("/dev/iam"), plain)
            #expect(world.notes.calls.last?.request.head.target == "/iam")
            let forwarded = world.notes.calls.count

            let wrong = Credentials(accessKeyID: "AKIDEXAMPLE", secretAccessKey: "guess")
            for (bad, body, lines) in [
                (target, "{}", plain), (target.replacingOccurrences(of: "a=1", with: "a=2"), "", plain),
                (target + "&c=3", "", plain), (try presigned("/dev/iam", key: wrong), "", plain), (try presigned("/dev/iam", "notes"), "", plain),
                // A field that was not signed.
                (target, "", ["X-Amz-Extra: 1"]),
            ] as [(String, String, [String])] {
                let answer = try await self.send(world, "POST", bad, lines, body: body)
                #expect(answer.status == 403 && answer.headers["x-amzn-errortype"] == "InvalidSignatureException", "\(bad)")
            }
            let old = try #require(
                Signer(credentials: FakeService.accessKey, region: "us-east-1", service: "execute-api").presigned(
                    method: "POST", target: "/dev/iam", host: "strongroom.test", date: Timestamp.now.adding(seconds: -61), seconds: 60))
            #expect(try await self.send(world, "POST", old, plain).headers["x-amzn-errortype"] == "InvalidSignatureException")
            // With an Authorization field it is that which counts, whatever the query says; and where tokens are asked for, no signature does.
            #expect(try await self.send(world, "POST", target, ["Authorization: Bearer x"]).status == 403)
            #expect(try await self.send(world, "GET", try presigned("/dev/notes"), plain).status == 401)
            #expect(world.notes.calls.count == forwarded)
        }
    }

    @Test func `a URL of STS is good for a quarter of an hour, and what can't be read is refused in STS's words`() async throws {
        try await World.run { world in
            func answer(_ age: Int64, change: (String) -> String = { $0 }) async throws -> World.Answer {
                let url = Signer(credentials: FakeService.accessKey, region: "us-east-1", service: "sts").presigned(
                    method: "GET", target: "/?Action=GetCallerIdentity&Version=2011-06-15", host: "strongroom.test",
                    date: Timestamp.now.adding(seconds: -age), seconds: 604_800)
                return try await self.send(world, "GET", change(url ?? ""), ["Accept: */*"])
            }
            _ = try await answer(890)
            let call = try #require(world.authorizer.calls.last { $0.request.head.target == "/" })
            #expect(call.request.method == .post && call.body == Array("Action=GetCallerIdentity&Version=2011-06-15".utf8))
            #expect(call.context.identity?.principal == "arn:aws:iam::123456789012:user/ada")
            let late = try await answer(901)
            #expect(late.status == 403 && late.body.contains("<Code>SignatureDoesNotMatch</Code>") && late.body.contains("Signature expired"))
            let twice = try await answer(0) { $0 + "&X-Amz-Expires=1" }
            #expect(twice.status == 403 && twice.body.contains("<Code>IncompleteSignature</Code>"))
        }
    }

    @Test func `what is unsigned, altered, old, misdirected or unknown is refused in API Gateway's words`() async throws {
        try await World.run { world in
            func outcome(_ lines: [String], body: String = "{}", target: String = "/iam") async throws -> String {
                let answer = try await self.send(world, "POST", target, lines, body: body)
                return "\(answer.status) \(answer.headers["x-amzn-errortype"] ?? "")"
            }
            let good = try self.signed("POST", "/iam", service: "execute-api", body: "{}")
            #expect(try await outcome([]) == "403 MissingAuthenticationTokenException")
            #expect(try await outcome(["Authorization: Bearer abc"]) == "403 IncompleteSignatureException")
            #expect(try await outcome(["Authorization: AWS4-HMAC-SHA256 Credential=a/b/c/d/aws4_request"]) == "403 IncompleteSignatureException")
            #expect(try await outcome(good, body: "{ }") == "403 InvalidSignatureException")
            #expect(try await outcome(good, target: "/iam?x=1") == "403 InvalidSignatureException")
            #expect(try await outcome(good + ["X-Amz-Extra: 1"]) == "403 InvalidSignatureException")
            #expect(try await outcome(try self.signed("POST", "/iam", service: "sts", body: "{}")) == "403 InvalidSignatureException")
            #expect(
                try await outcome(try self.signed("POST", "/iam", service: "execute-api", body: "{}", region: "eu-west-1"))
                    == "403 InvalidSignatureException")
            let stale = try self.signed("POST", "/iam", service: "execute-api", body: "{}", at: Timestamp.now.adding(seconds: -301))
            #expect(try await outcome(stale) == "403 InvalidSignatureException")
            let early = try self.signed("POST", "/iam", service: "execute-api", body: "{}", at: Timestamp.now.adding(seconds: 310))
            #expect(try await outcome(early) == "403 InvalidSignatureException")
            let stranger = Credentials(accessKeyID: "AKIDSTRANGER", secretAccessKey: "x")
            #expect(
                try await outcome(try self.signed("POST", "/iam", service: "execute-api", body: "{}", key: stranger))
                    == "403 UnrecognizedClientException")
            // There are no session tokens, so nobody is asked about one.
            let session = try self.signed("POST", "/iam", service: "execute-api", body: "{}", extra: [("x-amz-security-token", "made-up")])
            let questions = world.authorizer.calls.count
            #expect(try await outcome(session) == "403 UnrecognizedClientException")
            #expect(world.authorizer.calls.count == questions)
            let wrong = Credentials(accessKeyID: "AKIDEXAMPLE", secretAccessKey: "guess")
            #expect(
                try await outcome(try self.signed("POST", "/iam", service: "execute-api", body: "{}", key: wrong)) == "403 InvalidSignatureException")
            #expect(world.notes.calls.isEmpty)
        }
    }

    @Test func `a signed caller without permission is told in the words for signed callers`() async throws {
        var options = World.Options()
        options.routes = World.routes.replacingOccurrences(of: "\"/iam\"", with: "\"/denied\"").replacingOccurrences(
            of: "internal/iam", with: "internal/denied")
        try await World.run(options) { world in
            let lines = try self.signed("POST", "/denied", service: "execute-api")
            let answer = try await self.send(world, "POST", "/denied", lines)
            #expect(answer.status == 403)
            #expect(
                answer.body
                    == #"{"Message":"User: arn:aws:iam::123456789012:user/ada is not authorized to perform: execute-api:Invoke on resource: arn:aws:execute-api:us-east-1:********9012:strongroom/dev/POST/denied because no identity-based policy allows the execute-api:Invoke action"}"#
            )
            #expect(world.notes.calls.isEmpty)
        }
    }

    @Test func `access keys that are made up take few of the authorizer's places, and none of those of keys that are known`() async throws {
        let asked = Mutex<[CheckedContinuation<Void, Never>]>([])
        let scope = CredentialScope(date: Array("20261130".utf8), region: Array("us-east-1".utf8), service: Array("execute-api".utf8))
        let key = AuthorizerPort.KeyAnswer(
            key: SigningKey(bytes: [UInt8](repeating: 1, count: 32).span, scope: scope), principal: "arn:aws:iam::123456789012:user/ada",
            account: "123456789012", userID: "AIDA")
        let time = Atomic<Int64>(0)
        let port = AuthorizerPort(
            policy: { _, _ async throws(AuthorizerPort.Failure) in throw .malformed },
            signingKey: { query, _ in
                if query.accessKeyID == Array("known".utf8) { return key }
                await withCheckedContinuation { answer in asked.withLock { $0.append(answer) } }
                return nil
            },
            decision: { _, _, _, _ async throws(AuthorizerPort.Failure) in throw .malformed },
            generation: { $0 })
        let generation = PolicyGeneration(port: port, log: Logger(service: "gateway", buffer: LogBuffer { _ in }, now: { .epoch })) { 0 }
        let keys = SigningKeyCache(port: port, generation: generation, capacity: 1_000) { time.load(ordering: .relaxed) }
        @Sendable func query(_ id: String) -> AuthorizerPort.KeyQuery {
            AuthorizerPort.KeyQuery(accessKeyID: Array(id.utf8), scope: scope)
        }
        #expect(try await keys.key(query("known"), cause: nil) != nil)
        final class Count: Sendable { let value = Atomic(0) }
        let refused = Count()
        try await withThrowingTaskGroup(of: Void.self) { group in
            // However it ends, the group waits for its tasks.
            defer { for answer in asked.withLock({ $0 }) { answer.resume() } }
            for number in 0..<200 {
                group.addTask {
                    do throws(GatewayError) {
                        let key = try await keys.key(query("AKIA\(number)"), cause: nil)
                        #expect(key == nil)
                    } catch {
                        #expect(error == .overloaded)
                        refused.value.add(1, ordering: .relaxed)
                    }
                }
            }
            try await until { asked.withLock { $0.count } + refused.value.load(ordering: .relaxed) >= 200 }
            #expect(asked.withLock { $0.count } == SigningKeyCache.strangersAtOnce)
            // What is known is asked for again when its time is over.
            time.store(600_000, ordering: .relaxed)
            #expect(try await keys.key(query("known"), cause: nil) != nil)
        }
    }

    @Test func `identity is told by its target, signed or not`() async throws {
        try await World.run { world in
            world.identity.set { _ in Response.json(Array("{}".utf8)) }
            let target = ("x-amz-target", "AWSCognitoIdentityProviderService.InitiateAuth")
            let open = try await world.get("/", "X-Amz-Target: \(target.1)", "Content-Type: application/x-amz-json-1.1", method: "POST", body: "{}")
            #expect(open.status == 200)
            #expect(world.identity.calls.last?.context.identity == .anyone)
            #expect(world.identity.calls.last?.request.headers["x-amz-target"] == target.1)
            let lines = try self.signed("POST", "/", service: "cognito-idp", body: "{}", extra: [target])
            #expect(try await self.send(world, "POST", "/", lines, body: "{}").status == 200)
            #expect(world.identity.calls.last?.context.identity?.principal == "arn:aws:iam::123456789012:user/ada")
            #expect(world.identity.refusals.isEmpty)
        }
    }

    @Test func `STS and IAM are told by the credential scope`() async throws {
        try await World.run { world in
            for service in ["sts", "iam"] {
                let lines = try self.signed("POST", "/", service: service, body: "Action=GetCallerIdentity")
                _ = try await self.send(world, "POST", "/", lines, body: "Action=GetCallerIdentity")
                let call = try #require(world.authorizer.calls.last { $0.request.head.target == "/" })
                #expect(call.context.identity?.method == .iam)
                #expect(call.body == Array("Action=GetCallerIdentity".utf8))
            }
        }
    }

    @Test func `errors of the AWS APIs are in their own protocols`() async throws {
        try await World.run { world in
            let target = ("x-amz-target", "AWSCognitoIdentityProviderService.AdminCreateUser")
            let wrong = Credentials(accessKeyID: "AKIDEXAMPLE", secretAccessKey: "guess")
            let json = try await self.send(
                world, "POST", "/", try self.signed("POST", "/", service: "cognito-idp", body: "{}", key: wrong, extra: [target]), body: "{}")
            #expect(json.status == 400)
            #expect(try JSON.parse(json.body)["__type"] == "InvalidSignatureException")
            #expect(json.headers["content-type"] == "application/x-amz-json-1.1")
            let xml = try await self.send(world, "POST", "/", try self.signed("POST", "/", service: "sts", body: "x", key: wrong), body: "x")
            #expect(xml.status == 403)
            #expect(xml.body.contains("<Code>SignatureDoesNotMatch</Code>"))
            #expect(xml.headers["content-type"] == "text/xml")
            #expect(
                try await world.get("/", method: "POST", body: "Action=GetCallerIdentity").body.contains("<Code>MissingAuthenticationToken</Code>"))
            #expect(try await world.get("/", "X-Amz-Target: Other.Thing", method: "POST", body: "{}").status == 400)
            #expect(world.identity.calls.isEmpty)
        }
    }

    @Test func `X-Amz-Target counts on POST of the root only`() async throws {
        try await World.run { world in
            let line = "X-Amz-Target: AWSCognitoIdentityProviderService.AdminCreateUser"
            let elsewhere = try await world.get("/open/1", line)
            #expect(elsewhere.status == 200)
            #expect(world.notes.calls.last?.request.headers["x-amz-target"] == nil)
            let read = try await world.get("/", line)
            #expect(read.status == 403)
            let queried = try await world.get("/?x", line, method: "POST", body: "{}")
            #expect(queried.status == 403)
            #expect(world.identity.calls.isEmpty)
        }
    }
}
