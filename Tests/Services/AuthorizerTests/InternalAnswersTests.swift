import Bootstrap
import Contracts
import Crypto
import Encodings
import HTTP
import JSON
import Policies
import SigV4
import Testing
import Trust

@Suite struct InternalAnswersTests {
    static let invoke = "execute-api:Invoke"
    static let arn = "arn:aws:execute-api:us-east-1:000000000000:strongroom/dev/GET/notes"

    static func decide(_ answer: JSONValue) throws -> Decision {
        let document = try #require(answer["policyDocument"])
        return try PolicyDocument(document).decide(action: invoke, resource: arn)
    }

    @Test func `A pool's user has the default role's policy`() async throws {
        try await QueryAPITests.withBench { bench async throws in
            let answer = try await bench.ask(
                "/internal/v1/policy", #"{"api":"strongroom","stage":"dev","authorizer":"pool","tenant":"t","groups":[],"roles":[]}"#)
            #expect(answer["ttl"]?.int == 300)
            #expect(answer["principal"]?.string == "arn:aws:iam::000000000000:role/strongroom-user")
            #expect(try Self.decide(answer) == .allow)
        }
    }

    @Test func `The roles that a token names add what they say, and unknown ones nothing`() async throws {
        try await QueryAPITests.withBench { bench async throws in
            _ = try await bench.query("CreateRole", ["RoleName": "fenced", "AssumeRolePolicyDocument": QueryAPITests.trust])
            _ = try await bench.query(
                "PutRolePolicy", ["RoleName": "fenced", "PolicyName": "d", "PolicyDocument": QueryAPITests.policy(Self.invoke, "*", effect: "Deny")])
            let message = { (role: String) in #"{"tenant":"t","groups":["g"],"roles":["\#(role)"]}"# }
            #expect(try Self.decide(await bench.ask("/internal/v1/policy", message("arn:aws:iam::000000000000:role/fenced"))) == .explicitDeny)
            for role in [
                "arn:aws:iam::111111111111:role/fenced", "arn:aws:iam::000000000000:role/x/fenced", "fenced", "arn:aws:iam::000000000000:root",
            ] {
                #expect(try Self.decide(await bench.ask("/internal/v1/policy", message(role))) == .allow, "\(role)")
            }
        }
    }

    @Test func `Roles that say more together than is evaluated for one caller deny everything`() async throws {
        try await QueryAPITests.withBench { bench async throws in
            var roles: [String] = []
            for number in 0..<6 {
                let resources = (0..<19).map { "arn:aws:execute-api:*:*:strongroom/*" + String(repeating: "a", count: 468) + "b*\($0 % 10)" }
                let policy = JSON.encode([
                    "Statement": ["Effect": "Deny", "Action": .string(Self.invoke), "Resource": .array(resources.map { .string($0) })]
                ])
                _ = try await bench.query("CreateRole", ["RoleName": "r\(number)", "AssumeRolePolicyDocument": QueryAPITests.trust])
                _ = try await bench.query(
                    "PutRolePolicy", ["RoleName": "r\(number)", "PolicyName": "p", "PolicyDocument": String(decoding: policy, as: UTF8.self)])
                roles.append(#""arn:aws:iam::000000000000:role/r\#(number)""#)
            }
            let ask = { (count: Int) async throws in
                try Self.decide(await bench.ask("/internal/v1/policy", #"{"tenant":"t","roles":[\#(roles.prefix(count).joined(separator: ","))]}"#))
            }
            #expect(try await ask(4) == .allow)
            #expect(try await ask(5) == .explicitDeny)
            #expect(try await ask(6) == .explicitDeny)
        }
    }

    @Test func `A role taken away raises the generation`() async throws {
        try await QueryAPITests.withBench { bench async throws in
            let before = try await bench.ask("/internal/v1/policy", "{}")["generation"]?.int ?? 0
            _ = try await bench.query("DeleteRolePolicy", ["RoleName": "strongroom-user", "PolicyName": "invoke-api"])
            let after = try await bench.ask("/internal/v1/policy", "{}")
            #expect(after["generation"]?.int == before + 1)
            #expect(try Self.decide(after) == .implicitDeny)
        }
    }

    @Test func `Who waits for a change hears of it at once`() async throws {
        try await QueryAPITests.withBench { bench async throws in
            let client = try bench.client(of: .gateway)
            let ask = { (after: Int64) in
                var call = OutgoingCall(.get, Array("/internal/v1/generation?after=\(after)".utf8))
                call.timeoutMilliseconds = 30_000
                return try #require(try await client.json(call)["generation"]?.int)
            }
            let clock = ContinuousClock()
            let start = clock.now
            let first = try await ask(0)
            async let waiting = ask(first)
            _ = try await bench.query("CreateUser", ["UserName": "u"])
            #expect(try await waiting == first + 1)
            // What a later start, of before the clock was set back, has told is not waited for.
            #expect(try await ask(first + 1_000_000) == first + 1)
            #expect(clock.now - start < .seconds(19))
        }
    }

    @Test func `A signing key is the day's, for one service, and never the secret`() async throws {
        try await QueryAPITests.withBench { bench async throws in
            let user = try await bench.query("CreateUser", ["UserName": "ann"])
            let key = try await bench.query("CreateAccessKey", ["UserName": "ann"])
            let id = try #require(key["AccessKeyId"])
            let secret = try #require(key["SecretAccessKey"])
            let today = WallClock.system.now().dateStamp()
            let message = { (id: String, date: String, region: String) in
                #"{"accessKeyId":"\#(id)","date":"\#(date)","region":"\#(region)","service":"execute-api"}"#
            }
            let answer = try await bench.ask("/internal/v1/signing-key", message(id, today, "us-east-1"))
            let scope = CredentialScope(date: Array(today.utf8), region: Array("us-east-1".utf8), service: Array("execute-api".utf8))
            #expect(answer["signingKey"]?.string == Base64.encode(SigningKey.derive(secret: secret.utf8.span, scope: scope).bytes))
            #expect(answer["principal"]?.string == user["Arn"])
            #expect(answer["userId"]?.string == user["UserId"])
            #expect(answer["account"]?.string == "000000000000")
            for (id, date, region) in [("AKIDNOBODY", today, "us-east-1"), (id, "20200101", "us-east-1"), (id, today, "eu-west-1")] {
                await #expect(throws: InternalClientError.refused(.notFound)) {
                    try await bench.ask("/internal/v1/signing-key", message(id, date, region))
                }
            }
            _ = try await bench.query("UpdateAccessKey", ["UserName": "ann", "AccessKeyId": id, "Status": "Inactive"])
            await #expect(throws: InternalClientError.refused(.notFound)) {
                try await bench.ask("/internal/v1/signing-key", message(id, today, "us-east-1"))
            }
        }
    }

    @Test func `Decisions are made for users and for root`() async throws {
        try await QueryAPITests.withBench { bench async throws in
            let user = try #require(try await bench.query("CreateUser", ["UserName": "ann"])["Arn"])
            let ask = { (principal: String) in
                let body =
                    #"{"principal":"\#(principal)","action":"cognito-idp:AdminCreateUser","resource":"arn:aws:cognito-idp:us-east-1:000000000000:userpool/x"}"#
                return try await bench.ask("/internal/v1/decision", body, as: .identity)["decision"]?.string
            }
            #expect(try await ask(AuthorizerBench.root) == "allow")
            #expect(try await ask(user) == "implicitDeny")
            #expect(try await ask("arn:aws:iam::000000000000:user/nobody") == "implicitDeny")
            _ = try await bench.query(
                "PutUserPolicy", ["UserName": "ann", "PolicyName": "p", "PolicyDocument": QueryAPITests.policy("cognito-idp:Admin*", "*")])
            #expect(try await ask(user) == "allow")
        }
    }

    @Test func `Each may ask only what its row says`() async throws {
        try await QueryAPITests.withBench { bench async throws in
            await #expect(throws: InternalClientError.refused(.forbidden)) { try await bench.ask("/internal/v1/policy", "{}", as: .identity) }
            await #expect(throws: InternalClientError.refused(.forbidden)) { try await bench.ask("/internal/v1/signing-key", "{}", as: .identity) }
        }
    }

    @Test(arguments: ["{", "[]", #"{"principal":"x"}"#, #"{"principal":"x","action":1,"resource":"y"}"#])
    func `A malformed question is 400`(_ body: String) async throws {
        try await QueryAPITests.withBench { bench async throws in
            await #expect(throws: InternalClientError.refused(.badRequest)) { try await bench.ask("/internal/v1/decision", body) }
        }
    }
}
