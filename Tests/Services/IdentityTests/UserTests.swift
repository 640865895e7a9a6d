import Encodings
import JSON
import Testing

@testable import Identity

@Suite("Pools, users and groups")
struct UserTests {
    @Test("A pool is described as it was made, with the service's defaults")
    func describePool() async throws {
        try await Fixture.with { fixture in
            let pool = try await fixture.pool([
                "Policies": ["PasswordPolicy": ["MinimumLength": 6]], "UserPoolTags": ["team": "notes"], "AutoVerifiedAttributes": ["email"],
            ])
            let described = try #require(try await fixture.admin(.describeUserPool, ["UserPoolId": .string(pool)])["UserPool"])
            #expect(described["Name"] == "demo" && described["UserPoolTags"] == ["team": "notes"] && described["MfaConfiguration"] == "OFF")
            #expect(described["Policies"]?["PasswordPolicy"]?["MinimumLength"] == 6)
            #expect(described["Policies"]?["PasswordPolicy"]?["RequireSymbols"] == false)
            #expect(described["Arn"]?.string == "arn:aws:cognito-idp:us-east-1:000000000000:userpool/\(pool)")
            #expect(described["CreationDate"]?.double == 1_800_000_000)
            // Nobody asked for it, so nobody who compares with what they asked for is shown it.
            #expect(described["UsernameConfiguration"] == nil)
            #expect(described["AdminCreateUserConfig"] == ["AllowAdminCreateUserOnly": true, "UnusedAccountValidityDays": 7])
            #expect(described["EmailConfiguration"] == ["EmailSendingAccount": "COGNITO_DEFAULT"])
            #expect(described["VerificationMessageTemplate"] == ["DefaultEmailOption": "CONFIRM_WITH_CODE"])
            let given = try await fixture.pool([
                "AdminCreateUserConfig": ["AllowAdminCreateUserOnly": false], "EmailConfiguration": ["ReplyToEmailAddress": "a@example.com"],
            ])
            let shown = try await fixture.admin(.describeUserPool, ["UserPoolId": .string(given)])["UserPool"]
            #expect(shown?["AdminCreateUserConfig"] == ["AllowAdminCreateUserOnly": false, "UnusedAccountValidityDays": 7])
            #expect(
                shown?["EmailConfiguration"] == ["EmailSendingAccount": "COGNITO_DEFAULT", "ReplyToEmailAddress": "a@example.com"])
            await expect(.noSuchPool("us-east-1_AAAAAAAAA")) { try await fixture.admin(.describeUserPool, ["UserPoolId": "us-east-1_AAAAAAAAA"]) }
        }
    }

    @Test(
        "What would change how people sign in and isn't served is refused, never taken and ignored",
        arguments: [
            ["MfaConfiguration": "ON"], ["LambdaConfig": ["PreSignUp": "arn:aws:lambda:us-east-1:000000000000:function:x"]],
            ["UserPoolAddOns": ["AdvancedSecurityMode": "ENFORCED"]], ["DeviceConfiguration": ["ChallengeRequiredOnNewDevice": true]],
            ["Policies": ["SignInPolicy": ["AllowedFirstAuthFactors": ["PASSWORD", "EMAIL_OTP"]]]],
            ["Policies": ["PasswordPolicy": ["PasswordHistorySize": 3]]],
            ["AliasAttributes": ["email"], "UsernameAttributes": ["email"]], ["Schema": [["Name": "email", "Required": true]]],
        ] as [JSONObject])
    func unsupportedPools(more: JSONObject) async throws {
        try await Fixture.with { fixture in
            await #expect(throws: IdentityError.self) { _ = try await fixture.pool(more) }
            let pools = try await fixture.admin(.listUserPools, ["MaxResults": 10])["UserPools"]
            #expect(pools?.array?.isEmpty == true)
        }
    }

    @Test("Lists come in pages that hold each item once")
    func paging() async throws {
        try await Fixture.with { fixture in
            let pool = try await fixture.pool()
            for number in 0..<5 {
                _ = try await fixture.client(pool)
                try await fixture.admin(.createGroup, ["UserPoolId": .string(pool), "GroupName": .string("g\(number)")])
                try await fixture.admin(.adminCreateUser, ["UserPoolId": .string(pool), "Username": .string("u\(number)")])
                try await fixture.admin(
                    .adminAddUserToGroup, ["UserPoolId": .string(pool), "Username": .string("u\(number)"), "GroupName": "g0"])
                try await fixture.admin(
                    .adminAddUserToGroup, ["UserPoolId": .string(pool), "Username": "u0", "GroupName": .string("g\(number)")])
            }
            func all(_ operation: Operation, _ request: JSONObject, limit: String, token: String, _ list: String, _ id: String) async throws
                -> [String]
            {
                var found: [String] = []
                var next: JSONValue?
                var pages = 0
                repeat {
                    var page = request
                    page[limit] = 2
                    page.put(token, next)
                    let answer = try await fixture.admin(operation, page)
                    found += answer[list]?.array?.compactMap { $0[id]?.string } ?? []
                    next = answer[token]
                    pages += 1
                } while next != nil && pages < 10
                #expect(pages == 3)
                return found
            }
            let request: JSONObject = ["UserPoolId": .string(pool)]
            let names = (0..<5).map { "u\($0)" }
            let groups = (0..<5).map { "g\($0)" }
            #expect(try await all(.listUsers, request, limit: "Limit", token: "PaginationToken", "Users", "Username") == names)
            #expect(try await all(.listGroups, request, limit: "Limit", token: "NextToken", "Groups", "GroupName") == groups)
            #expect(try await all(.listUsersInGroup, request + ["GroupName": "g0"], limit: "Limit", token: "NextToken", "Users", "Username") == names)
            #expect(
                try await all(.adminListGroupsForUser, request + ["Username": "u0"], limit: "Limit", token: "NextToken", "Groups", "GroupName")
                    == groups)
            let clients = try await all(.listUserPoolClients, request, limit: "MaxResults", token: "NextToken", "UserPoolClients", "ClientId")
            #expect(Set(clients).count == 5)
        }
    }

    @Test("A page's token goes on with its own list: another's, one that was altered or one that was made up is refused")
    func pageTokens() async throws {
        try await Fixture.with { fixture in
            let (pool, other) = (try await fixture.pool(), try await fixture.pool())
            for pool in [pool, other] {
                for number in 0..<2 {
                    _ = try await fixture.client(pool)
                    try await fixture.admin(.adminCreateUser, ["UserPoolId": .string(pool), "Username": .string("u\(number)")])
                    try await fixture.admin(.createGroup, ["UserPoolId": .string(pool), "GroupName": .string("g\(number)")])
                }
                for (user, group) in [("u0", "g0"), ("u0", "g1"), ("u1", "g0"), ("u1", "g1")] {
                    try await fixture.admin(
                        .adminAddUserToGroup, ["UserPoolId": .string(pool), "Username": .string(user), "GroupName": .string(group)])
                }
            }
            struct List {
                let operation: Operation
                let request: JSONObject
                var limit: String { operation == .listUserPools || operation == .listUserPoolClients ? "MaxResults" : "Limit" }
                var token: String { operation == .listUsers ? "PaginationToken" : "NextToken" }
            }
            var lists = [List(operation: .listUserPools, request: [:])]
            for pool in [pool, other] {
                let request: JSONObject = ["UserPoolId": .string(pool)]
                for operation in [Operation.listUsers, .listGroups, .listUserPoolClients] {
                    lists.append(List(operation: operation, request: request))
                }
                lists.append(List(operation: .listUsers, request: request + ["Filter": #"username ^= "u""#]))
                for name in ["0", "1"] {
                    lists.append(List(operation: .listUsersInGroup, request: request + ["GroupName": .string("g\(name)")]))
                    lists.append(List(operation: .adminListGroupsForUser, request: request + ["Username": .string("u\(name)")]))
                }
            }
            func goOn(_ list: List, _ token: String) async throws {
                try await fixture.admin(list.operation, list.request + [list.limit: 1, list.token: .string(token)])
            }
            for (place, list) in lists.enumerated() {
                let first = try await fixture.admin(list.operation, list.request + [list.limit: 1])
                let token = try #require(first[list.token]?.string)
                try await goOn(list, token)
                for (elsewhere, another) in lists.enumerated() where elsewhere != place {
                    await expect(.invalidPaginationToken, "\(list) \(another)") { try await goOn(another, token) }
                }
                let bad = [String(token.dropLast()), "A" + token.dropFirst(), token + "AA", "x", "AQ==", "AXh4", "ATE", "%%"]
                for token in bad where token != first[list.token]?.string {
                    await expect(.invalidPaginationToken, "\(list) \(token)") { try await goOn(list, token) }
                }
            }
        }
    }

    @Test("Where people sign in with their address, the name is the subject and an address is one user's")
    func emailAsName() async throws {
        try await Fixture.with { fixture in
            let pool = try await fixture.pool(Fixture.ignoringCase + ["UsernameAttributes": ["email"]])
            let client = try await fixture.client(pool)
            try await fixture.user(pool, "Ada@example.com")
            await expect(.userExists) {
                try await fixture.admin(.adminCreateUser, ["UserPoolId": .string(pool), "Username": "ada@EXAMPLE.com"])
            }
            await expect(IdentityError(.invalidParameter, "Username should be an email.")) {
                try await fixture.admin(.adminCreateUser, ["UserPoolId": .string(pool), "Username": "ada"])
            }
            let claims = try Fixture.claims(try await fixture.signIn(client, "ada@example.com")["AuthenticationResult"]?["IdToken"])
            #expect(claims["cognito:username"] == claims["sub"] && claims["email"] == "Ada@example.com")
        }
    }

    @Test("Names differ by case unless the pool says that they don't")
    func caseSensitivity() async throws {
        try await Fixture.with { fixture in
            let folding = try await fixture.pool(Fixture.ignoringCase)
            let exact = [try await fixture.pool(), try await fixture.pool(["UsernameConfiguration": ["CaseSensitive": true]])]
            for pool in [folding] + exact { try await fixture.admin(.adminCreateUser, ["UserPoolId": .string(pool), "Username": "Ada"]) }
            await expect(.userExists) { try await fixture.admin(.adminCreateUser, ["UserPoolId": .string(folding), "Username": "ada"]) }
            #expect(try await fixture.admin(.adminGetUser, ["UserPoolId": .string(folding), "Username": "ADA"])["Username"] == "Ada")
            for pool in exact {
                try await fixture.admin(.adminCreateUser, ["UserPoolId": .string(pool), "Username": "ada"])
                await expect(.noSuchUser) { try await fixture.admin(.adminGetUser, ["UserPoolId": .string(pool), "Username": "ADA"]) }
            }
        }
    }

    @Test("Two users can't be made under one name at once")
    func raceForName() async throws {
        try await Fixture.with { fixture in
            let pool = try await fixture.pool()
            let made = await withTaskGroup(of: Bool.self) { group in
                for _ in 0..<8 {
                    group.addTask { (try? await fixture.admin(.adminCreateUser, ["UserPoolId": .string(pool), "Username": "ada"])) != nil }
                }
                return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(made == 1)
        }
    }

    @Test("Attributes are in the schema, of their type, and sub is nobody's to set")
    func attributes() async throws {
        try await Fixture.with { fixture in
            let pool = try await fixture.pool(["Schema": [["Name": "plan", "AttributeDataType": "String"]]])
            func make(_ name: String, _ value: String) async throws {
                try await fixture.admin(
                    .adminCreateUser,
                    ["UserPoolId": .string(pool), "Username": "ada", "UserAttributes": [["Name": .string(name), "Value": .string(value)]]])
            }
            await expect(.schema("custom:other: Attribute does not exist in the schema.\n")) { try await make("custom:other", "1") }
            await expect(IdentityError(.invalidParameter, "Invalid email address format.")) { try await make("email", "nobody") }
            await expect(IdentityError(.invalidParameter, "Invalid phone number format.")) { try await make("phone_number", "0700") }
            for (name, value) in [("sub", "x"), ("email_verified", "yes"), ("cognito:groups", "admins"), ("iss", "x")] {
                await #expect(throws: IdentityError.self, "\(name)") { try await make(name, value) }
            }
            try await make("custom:plan", "gold")
        }
    }

    @Test("A user can't verify an address by answering a challenge, nor keep one verified that was changed")
    func challengeAttributes() async throws {
        try await Fixture.with { fixture in
            let pool = try await fixture.pool(["AliasAttributes": ["email"]])
            let client = try await fixture.client(pool)
            try await fixture.admin(
                .adminCreateUser,
                [
                    "UserPoolId": .string(pool), "Username": "ada", "TemporaryPassword": "Temporary-1",
                    "UserAttributes": [["Name": "email", "Value": "ada@example.com"], ["Name": "email_verified", "Value": "true"]],
                ])
            func respond(_ more: JSONObject) async throws -> JSONValue {
                let session = try #require(try await fixture.signIn(client, "ada", "Temporary-1")["Session"])
                return try await fixture.open(
                    .respondToAuthChallenge,
                    [
                        "ClientId": .string(client), "ChallengeName": "NEW_PASSWORD_REQUIRED", "Session": session,
                        "ChallengeResponses": .object((["USERNAME": "ada", "NEW_PASSWORD": "Correct-Horse-7"] as JSONObject) + more),
                    ])
            }
            await #expect(throws: IdentityError.self) { _ = try await respond(["userAttributes.email_verified": "true"]) }
            await #expect(throws: IdentityError.self) { _ = try await respond(["userAttributes.sub": "x"]) }
            let result = try await respond(["userAttributes.email": "boss@example.com", "userAttributes.name": "Ada"])
            let claims = try Fixture.claims(result["AuthenticationResult"]?["IdToken"])
            #expect(claims["email"] == "boss@example.com" && claims["email_verified"] == nil && claims["name"] == "Ada")
            await expect(.noSuchUser) { _ = try await fixture.signIn(client, "boss@example.com") }
            await expect(.noSuchUser) { _ = try await fixture.signIn(client, "ada@example.com") }
        }
    }

    @Test("Where people sign in with an address, nobody takes another with their new password", arguments: ["email", "phone_number"])
    func addressToSignInWith(attribute: String) async throws {
        let (own, other) = attribute == "email" ? ("eve@example.com", "victim@example.com") : ("+15550001", "+15550002")
        try await Fixture.with { fixture in
            let pool = try await fixture.pool(["UsernameAttributes": [.string(attribute)]])
            let client = try await fixture.client(pool)
            try await fixture.admin(
                .adminCreateUser, ["UserPoolId": .string(pool), "Username": .string(own), "TemporaryPassword": "Temporary-1"])
            func respond(_ address: String) async throws -> JSONValue {
                let session = try #require(try await fixture.signIn(client, own, "Temporary-1")["Session"])
                let responses: JSONObject = [
                    "USERNAME": .string(own), "NEW_PASSWORD": "Correct-Horse-7", "userAttributes.\(attribute)": .string(address),
                ]
                return try await fixture.open(
                    .respondToAuthChallenge,
                    [
                        "ClientId": .string(client), "ChallengeName": "NEW_PASSWORD_REQUIRED", "Session": session,
                        "ChallengeResponses": .object(responses),
                    ])
            }
            await expect(IdentityError(.notAuthorized, "Cannot modify an already provided \(attribute)")) { _ = try await respond(other) }
            // Client libraries send back what the challenge showed them.
            #expect(try await respond(own)["AuthenticationResult"] != nil)
            try await fixture.admin(.adminCreateUser, ["UserPoolId": .string(pool), "Username": .string(other)])
        }
    }

    @Test("A verified address is one however true is written")
    func truth() async throws {
        try await Fixture.with { fixture in
            let pool = try await fixture.pool(["AliasAttributes": ["email"]])
            let client = try await fixture.client(pool)
            try await fixture.user(
                pool, "ada", "Correct-Horse-7",
                ["UserAttributes": [["Name": "email", "Value": "ada@example.com"], ["Name": "email_verified", "Value": "True"]]])
            let result = try await fixture.signIn(client, "ada@example.com")
            #expect(try Fixture.claims(result["AuthenticationResult"]?["IdToken"])["email_verified"] == true)
        }
    }

    @Test("Passwords meet the pool's policy, and a temporary one expires after seven days")
    func passwords() async throws {
        try await Fixture.with { fixture in
            let pool = try await fixture.pool()
            let client = try await fixture.client(pool)
            try await fixture.admin(.adminCreateUser, ["UserPoolId": .string(pool), "Username": "ada", "TemporaryPassword": "Temporary-1"])
            for (password, reason) in [
                ("Ab1-", "Password not long enough"), ("abcdefg1-", "Password must have uppercase characters"),
                ("ABCDEFG1-", "Password must have lowercase characters"), ("Abcdefgh-", "Password must have numeric characters"),
                ("Abcdefgh1", "Password must have symbol characters"),
            ] {
                await expect(.passwordPolicy(reason)) {
                    try await fixture.admin(.adminSetUserPassword, ["UserPoolId": .string(pool), "Username": "ada", "Password": .string(password)])
                }
            }
            fixture.advance(seconds: 7 * 86_400)
            await expect(.temporaryPasswordExpired) { _ = try await fixture.signIn(client, "ada", "Temporary-1") }
            try await fixture.admin(
                .adminCreateUser,
                ["UserPoolId": .string(pool), "Username": "ada", "TemporaryPassword": "Temporary-2", "MessageAction": "RESEND"])
            #expect(try await fixture.signIn(client, "ada", "Temporary-2")["ChallengeName"] == "NEW_PASSWORD_REQUIRED")
        }
    }

    @Test("A password that nobody would learn takes the place of none")
    func resend() async throws {
        try await Fixture.with { fixture in
            let pool = try await fixture.pool()
            let client = try await fixture.client(pool)
            let user: JSONObject = ["UserPoolId": .string(pool), "Username": "ada"]
            try await fixture.admin(.adminCreateUser, user + ["TemporaryPassword": "Temporary-1"])
            await expect(.nothingToResend) {
                try await fixture.admin(.adminCreateUser, user + ["MessageAction": "RESEND"])
            }
            #expect(try await fixture.signIn(client, "ada", "Temporary-1")["ChallengeName"] == "NEW_PASSWORD_REQUIRED")
            try await fixture.admin(.adminCreateUser, user + ["MessageAction": "RESEND", "TemporaryPassword": "Temporary-2"])
            await expect(.wrongPassword) { _ = try await fixture.signIn(client, "ada", "Temporary-1") }
            #expect(try await fixture.signIn(client, "ada", "Temporary-2")["ChallengeName"] == "NEW_PASSWORD_REQUIRED")
        }
    }

    @Test("Groups: made once, joined and left any number of times, and unknown ones are said to be")
    func groups() async throws {
        try await Fixture.with { fixture in
            let pool = try await fixture.pool()
            try await fixture.user(pool, "ada")
            let group: JSONObject = ["UserPoolId": .string(pool), "GroupName": "auditors", "Description": "They read.", "Precedence": 0]
            let made = try await fixture.admin(.createGroup, group)
            #expect(try await fixture.admin(.getGroup, ["UserPoolId": .string(pool), "GroupName": "auditors"]) == made)
            await expect(.groupExists) { try await fixture.admin(.createGroup, group) }
            let member: JSONObject = ["UserPoolId": .string(pool), "Username": "ada", "GroupName": "auditors"]
            for _ in 0..<2 { try await fixture.admin(.adminAddUserToGroup, member) }
            #expect(try await fixture.admin(.adminListGroupsForUser, member)["Groups"]?.array?.count == 1)
            for _ in 0..<2 { try await fixture.admin(.adminRemoveUserFromGroup, member) }
            #expect(try await fixture.admin(.adminListGroupsForUser, member)["Groups"]?.array?.count == 0)
            await expect(.noSuchGroup) { try await fixture.admin(.adminAddUserToGroup, member + ["GroupName": "nobody"]) }
            await expect(.noSuchUser) { try await fixture.admin(.adminAddUserToGroup, member + ["Username": "bob"]) }
        }
    }

    @Test("A group that goes between two pages keeps none of the others from being shown")
    func groupsThatGo() async throws {
        try await Fixture.with { fixture in
            let pool = try await fixture.pool()
            try await fixture.user(pool, "ada")
            let precedences: [String: JSONValue] = ["a": 10, "b": 9, "c": 2_147_483_647, "é": 9]
            for name in ["a", "b", "c", "d", "e", "é"] {
                var group: JSONObject = ["UserPoolId": .string(pool), "GroupName": .string(name)]
                group.put("Precedence", precedences[name])
                _ = try await fixture.admin(.createGroup, group)
                _ = try await fixture.admin(.adminAddUserToGroup, ["UserPoolId": .string(pool), "GroupName": .string(name), "Username": "ada"])
            }
            var shown: [String] = []
            var token: JSONValue?
            repeat {
                var request: JSONObject = ["UserPoolId": .string(pool), "Username": "ada", "Limit": 2]
                request.put("NextToken", token)
                let page = try await fixture.admin(.adminListGroupsForUser, request)
                shown += page["Groups"]?.array?.compactMap { $0["GroupName"]?.string } ?? []
                token = page["NextToken"]
                if shown.count == 2 { _ = try await fixture.admin(.deleteGroup, ["UserPoolId": .string(pool), "GroupName": "b"]) }
            } while token != nil
            #expect(shown == ["b", "é", "a", "c", "d", "e"])
        }
    }

    @Test("Every administrative operation asks for permission on the pool it names")
    func permission() async throws {
        try await Fixture.with { fixture in
            let pool = try await fixture.pool()
            #expect(fixture.questions == ["\(Fixture.root) cognito-idp:CreateUserPool arn:aws:cognito-idp:us-east-1:000000000000:userpool/*"])
            fixture.decide(.implicitDeny)
            for operation in Operation.allCases where operation.needsPermission {
                let error = await #expect(throws: IdentityError.self) { try await fixture.admin(operation, ["UserPoolId": .string(pool)]) }
                #expect(error?.kind == .accessDenied, "\(operation)")
                let unsigned = await #expect(throws: IdentityError.self) { _ = try await fixture.open(operation, ["UserPoolId": .string(pool)]) }
                #expect(unsigned?.kind == .missingAuthentication, "\(operation)")
            }
            #expect(fixture.questions.last?.hasSuffix("userpool/\(pool)") == true)
        }
    }

    @Test("A pool named beside an operation on all pools gives no permission for it, and a group's role has to be passed")
    func wideOperations() async throws {
        try await Fixture.with { fixture in
            let pool = try await fixture.pool()
            try await fixture.admin(.listUserPools, ["MaxResults": 10, "UserPoolId": .string(pool)])
            #expect(fixture.questions.last == "\(Fixture.root) cognito-idp:ListUserPools arn:aws:cognito-idp:us-east-1:000000000000:userpool/*")
            let role = "arn:aws:iam::000000000000:role/operators"
            try await fixture.admin(.createGroup, ["UserPoolId": .string(pool), "GroupName": "operators", "RoleArn": .string(role)])
            #expect(fixture.questions.last == "\(Fixture.root) iam:PassRole \(role)")
        }
    }
}
