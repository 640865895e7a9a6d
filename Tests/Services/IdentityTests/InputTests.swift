import HTTP
import JSON
import Testing

@testable import Identity

@Suite("Requests are held against the service's model")
struct InputTests {
    @Test("What is wrong is said in the service's words, all at once")
    func messages() async throws {
        try await Fixture.with { fixture in
            let flows = AuthFlow.allCases.map(\.rawValue).joined(separator: ", ")
            await expect(
                IdentityError(
                    .invalidParameter,
                    "1 validation error detected: Value 'X' at 'authFlow' failed to satisfy constraint: Member must satisfy enum value set: [\(flows)]"
                )
            ) {
                _ = try await fixture.open(.initiateAuth, ["ClientId": "a", "AuthFlow": "X"])
            }
            await expect(
                IdentityError(
                    .invalidParameter,
                    "2 validation errors detected: Value null at 'clientId' failed to satisfy constraint: Member must not be null; Value null at 'authFlow' failed to satisfy constraint: Member must not be null"
                )
            ) { _ = try await fixture.open(.initiateAuth, [:]) }
            await expect(
                IdentityError(
                    .invalidParameter,
                    #"1 validation error detected: Value '..' at 'userPoolId' failed to satisfy constraint: Member must satisfy regular expression pattern: [\w-]+_[0-9a-zA-Z]+"#
                )
            ) { try await fixture.admin(.describeUserPool, ["UserPoolId": ".."]) }
        }
    }

    @Test("A member of a member is named by its way, and what the model calls sensitive is not repeated")
    func places() async throws {
        try await Fixture.with { fixture in
            let pool = try await fixture.pool()
            let wrong: [(Operation, JSONObject, String)] = [
                (
                    .createUserPool, ["PoolName": "a", "Policies": ["PasswordPolicy": ["MinimumLength": 5]]],
                    "Value '5' at 'policies.passwordPolicy.minimumLength' failed to satisfy constraint: Member must have value greater than or equal to 6"
                ),
                (
                    .createUserPool, ["PoolName": "a", "UsernameConfiguration": [:]],
                    "Value null at 'usernameConfiguration.caseSensitive' failed to satisfy constraint: Member must not be null"
                ),
                (
                    .createUserPool,
                    ["PoolName": "a", "AccountRecoverySetting": ["RecoveryMechanisms": [["Priority": 1, "Name": "admin_only"], ["Priority": 2]]]],
                    "Value null at 'accountRecoverySetting.recoveryMechanisms.2.member.name' failed to satisfy constraint: Member must not be null"
                ),
                (
                    .adminCreateUser, ["UserPoolId": .string(pool), "Username": "ada", "UserAttributes": [["Name": "name"], ["Value": "x"]]],
                    "Value null at 'userAttributes.2.member.name' failed to satisfy constraint: Member must not be null"
                ),
                (
                    .adminCreateUser, ["UserPoolId": .string(pool), "Username": "a da"],
                    #"Value at 'username' failed to satisfy constraint: Member must satisfy regular expression pattern: [\p{L}\p{M}\p{S}\p{N}\p{P}]+"#
                ),
            ]
            for (operation, request, said) in wrong {
                await expect(IdentityError(.invalidParameter, "1 validation error detected: \(said)")) { try await fixture.admin(operation, request) }
            }
        }
    }

    @Test("ListUserPools says how many it wants; the other lists need not")
    func required() async throws {
        try await Fixture.with { fixture in
            let pool = try await fixture.pool()
            await expect(
                IdentityError(
                    .invalidParameter,
                    "1 validation error detected: Value null at 'maxResults' failed to satisfy constraint: Member must not be null")
            ) { try await fixture.admin(.listUserPools, [:]) }
            for operation in [Operation.listUsers, .listGroups, .listUserPoolClients] {
                try await fixture.admin(operation, ["UserPoolId": .string(pool)])
            }
        }
    }

    @Test("One character of very many code points is repeated in part only, and a header is never longer than a client takes")
    func longCharacter() async throws {
        try await Fixture.with { fixture in
            let client = "a" + String(repeating: "\u{301}", count: 30_000)
            let error = try #require(
                await #expect(throws: IdentityError.self) {
                    _ = try await fixture.open(.initiateAuth, ["ClientId": .string(client), "AuthFlow": "USER_PASSWORD_AUTH"])
                })
            #expect(error.message.unicodeScalars.count < 500)
            let long = IdentityError(.invalidParameter, String(repeating: "x", count: 100_000))
            #expect(IdentityErrors.response(for: long, to: nil).headers[IdentityResponse.errorMessage]?.utf8.count == 2048)
        }
    }

    @Test("Secrets are not repeated in errors")
    func secrets() async throws {
        try await Fixture.with { fixture in
            let pool = try await fixture.pool()
            let error = await #expect(throws: IdentityError.self) {
                try await fixture.admin(
                    .adminSetUserPassword,
                    ["UserPoolId": .string(pool), "Username": "a", "Password": .string(String(repeating: "Secret-1", count: 60))])
            }
            #expect(error?.message.contains("Secret-1") == false)
        }
    }

    @Test("Patterns", arguments: TextPattern.allTested)
    func patterns(test: TextPattern.Tested) {
        for text in test.accepted { #expect(test.pattern.matches(text), "\(test.pattern) \(text)") }
        for text in test.refused + [""] { #expect(!test.pattern.matches(text), "\(test.pattern) \(text)") }
    }

    @Test("No body, however odd, is answered by anything but a refusal the caller can mend", arguments: Operation.allCases)
    func hostile(operation: Operation) async throws {
        try await Fixture.with { fixture in
            let pool = try await fixture.pool()
            let client = try await fixture.client(pool)
            try await fixture.user(pool, "ada")
            let odd: [JSONValue] = [
                .null, true, 7, "", "x", [], [:], ["x"], [[:]], [["Name": "email"]], .string(String(repeating: "é", count: 300)), "\u{0}",
                "\u{202E}x", "..",
                "us-east-1_AAAAAAAAA", "' OR 1=1 --", ["USERNAME": "ada"], ["USERNAME": 7], ["USERNAME": "ada", "PASSWORD": "\u{0}"], -1,
                1_000_000_000_000,
                .number(JSONNumber(Int64.max)), .number(JSONNumber(Int64.min)), ["REFRESH_TOKEN": "a.b.c.d.e"],
                ["NEW_PASSWORD": "x", "USERNAME": "ada"],
            ]
            let names = [
                "UserPoolId", "ClientId", "Username", "GroupName", "AuthFlow", "AuthParameters", "Session", "ChallengeName", "ChallengeResponses",
                "AccessToken", "PoolName", "ClientName", "Policies", "Schema", "UserAttributes", "Password", "TemporaryPassword", "MaxResults",
                "Limit",
                "NextToken", "PaginationToken", "Filter", "Precedence", "RoleArn", "ExplicitAuthFlows", "TokenValidityUnits", "LambdaConfig",
                "UsernameConfiguration", "AttributesToGet", "MessageAction", "GenerateSecret", "ReadAttributes", "UserPoolTags",
                "AccountRecoverySetting", "EmailConfiguration", "SmsConfiguration", "AdminCreateUserConfig", "EmailVerificationMessage",
                "UserPoolAddOns", "RefreshTokenRotation", "CallbackURLs", "DesiredDeliveryMediums", "ClientType", "AccessTokenValidity",
                "IdTokenValidity", "RefreshTokenValidity", "AuthSessionValidity",
            ]
            let good: JSONObject = [
                "UserPoolId": .string(pool), "ClientId": .string(client), "Username": "ada", "GroupName": "g", "AuthFlow": "ADMIN_NO_SRP_AUTH",
                "ChallengeName": "NEW_PASSWORD_REQUIRED", "MaxResults": 5, "Password": "Correct-Horse-7",
            ]
            for name in names {
                for value in odd {
                    do {
                        _ = try await fixture.admin(operation, good + [name: value])
                    } catch let error as IdentityError {
                        #expect(error.status == .badRequest, "\(operation) \(name) \(value): \(error)")
                    }
                }
            }
        }
    }
}

extension TextPattern {
    struct Tested: Sendable {
        let pattern: TextPattern
        let accepted: [String]
        let refused: [String]
    }

    static let allTested: [Tested] = [
        Tested(
            pattern: .poolID, accepted: ["us-east-1_AbC123", "a_b", "a_b_c"], refused: ["us-east-1", "_a", "a_", "a_b-c", "../x_a", "a_b\n", "é_a"]),
        Tested(pattern: .word, accepted: ["abc", "A_1+"], refused: ["a b", "a-b", "é"]),
        Tested(pattern: .resourceName, accepted: ["My pool, v1.0=@+-_"], refused: ["a/b", "a'b", "é"]),
        Tested(pattern: .name, accepted: ["ada", "ada@example.com", "Ünï", "日本", "🎈"], refused: ["a b", "a\n", "\u{0}", "a\u{200B}", "a\u{202E}"]),
        Tested(pattern: .attributeName, accepted: ["custom:plan", "a b\t"], refused: ["a\u{0}"]),
        Tested(pattern: .noSpace, accepted: ["a-b/c"], refused: ["a b", "a\n", " "]),
        Tested(pattern: .token, accepted: ["a.b-c_d="], refused: ["a b", "a+b", "a/b"]),
        Tested(pattern: .visible, accepted: ["notes/read"], refused: ["a b", "a\"b", "a\\b", "é"]),
        Tested(pattern: .sentence, accepted: ["Your code,\nAda!", " "], refused: ["a\u{0}", "a\u{200B}", "a\u{A0}b"]),
        Tested(
            pattern: .emailWithCode, accepted: ["{####}", "It is\n{####}."], refused: ["{###}", "{####", "{####}\u{0}"]),
        Tested(
            pattern: .emailWithLink, accepted: ["{##Click##}", "{####}", "a\n{##b\nc##} d"], refused: ["{##Click", "Click##}", "##}{##", "{##}"]),
        Tested(pattern: .smsWithCode, accepted: ["{####}", "It is {####}."], refused: ["{###}", "a\n{####}"]),
        Tested(pattern: .email, accepted: ["a@b", "a@b@c"], refused: ["a", "@b", "a@", "a b@c"]),
        Tested(pattern: .configurationSet, accepted: ["Set_1-a"], refused: ["a b", "a.b", "é"]),
        Tested(
            pattern: .arn, accepted: ["arn:aws:iam::000000000000:role/a", "arn:aws:lambda:us-east-1:1:function:x"],
            refused: ["arn:aws:iam", "arn:aws:iam::x:role/a", "urn:aws:iam::1:role/a", "arn:aws:iam::1:role/a b", "arn:aws:iam::1:a:b:c:d"]),
    ]
}
