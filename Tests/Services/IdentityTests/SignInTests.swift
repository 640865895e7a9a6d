import Contracts
import Crypto
import Dispatch
import Encodings
import JSON
import TestTools
import Testing
import Tokens

@testable import Identity

@Suite("Signing in")
struct SignInTests {
    @Test("A user with a temporary password sets a new one and signs in with it")
    func firstSignIn() async throws {
        try await Fixture.with { fixture in
            let pool = try await fixture.pool()
            let client = try await fixture.client(pool)
            try await fixture.admin(
                .adminCreateUser, ["UserPoolId": .string(pool), "Username": "alice", "TemporaryPassword": "Temporary-1", "MessageAction": "SUPPRESS"])
            func initiate(_ password: String) async throws -> JSONValue {
                try await fixture.admin(
                    .adminInitiateAuth,
                    [
                        "UserPoolId": .string(pool), "ClientId": .string(client), "AuthFlow": "ADMIN_NO_SRP_AUTH",
                        "AuthParameters": ["USERNAME": "alice", "PASSWORD": .string(password)],
                    ])
            }
            let challenge = try await initiate("Temporary-1")
            #expect(challenge["ChallengeName"]?.string == "NEW_PASSWORD_REQUIRED")
            #expect(challenge["ChallengeParameters"]?["USER_ID_FOR_SRP"]?.string == "alice")
            #expect(challenge["AuthenticationResult"] == nil)
            let session = try #require(challenge["Session"]?.string)
            #expect((20...2048).contains(session.utf8.count))
            let answer: JSONObject = [
                "UserPoolId": .string(pool), "ClientId": .string(client), "ChallengeName": "NEW_PASSWORD_REQUIRED", "Session": .string(session),
                "ChallengeResponses": ["USERNAME": "alice", "NEW_PASSWORD": "Correct-Horse-7"],
            ]
            let result = try #require(try await fixture.admin(.adminRespondToAuthChallenge, answer)["AuthenticationResult"])
            #expect(result["TokenType"]?.string == "Bearer" && result["ExpiresIn"]?.int == 3600)
            #expect(result["RefreshToken"]?.string?.hasPrefix("eyJjdHkiOiJKV1QiLCJlbmMiOiJBMjU2R0NNIiwiYWxnIjoiUlNBLU9BRVAifQ.") == true)

            await expect(.sessionUsed) { try await fixture.admin(.adminRespondToAuthChallenge, answer) }
            await expect(.wrongPassword) { _ = try await initiate("Temporary-1") }
            let again = try await initiate("Correct-Horse-7")
            #expect(again["ChallengeName"] == nil && again["AuthenticationResult"]?["IdToken"] != nil)
        }
    }

    @Test("Tokens carry the contract's claims and verify under the pool's published keys")
    func claims() async throws {
        try await Fixture.with { fixture in
            let pool = try await fixture.pool(["Schema": [["Name": "plan", "AttributeDataType": "String"]]])
            let client = try await fixture.client(pool)
            try await fixture.user(
                pool, "alice", "Correct-Horse-7",
                [
                    "UserAttributes": [
                        ["Name": "email", "Value": "alice@example.com"], ["Name": "email_verified", "Value": "true"],
                        ["Name": "custom:plan", "Value": "7"],
                    ]
                ])
            try await fixture.admin(
                .createGroup,
                ["UserPoolId": .string(pool), "GroupName": "auditors", "RoleArn": "arn:aws:iam::000000000000:role/auditor", "Precedence": 1])
            // Before it comes a group without a role, and behind it one with the same.
            try await fixture.admin(.createGroup, ["UserPoolId": .string(pool), "GroupName": "staff", "Precedence": 0])
            try await fixture.admin(
                .createGroup, ["UserPoolId": .string(pool), "GroupName": "others", "RoleArn": "arn:aws:iam::000000000000:role/auditor"])
            for group in ["auditors", "staff", "others"] {
                try await fixture.admin(.adminAddUserToGroup, ["UserPoolId": .string(pool), "Username": "alice", "GroupName": .string(group)])
            }
            let result = try #require(try await fixture.signIn(client, "alice")["AuthenticationResult"])
            let keys = try JWKSet.parse(try await fixture.api.files.keys(of: pool).jwks())
            #expect(keys.keyIDs.count == 2)
            let issuer = "\(Fixture.issuerBase)/\(pool)"
            let idToken = try #require(result["IdToken"]?.string)
            let accessToken = try #require(result["AccessToken"]?.string)
            let id = try keys.verify(
                idToken.utf8.span, expecting: TokenExpectations(issuer: issuer, use: .id), at: fixture.now)
            let access = try keys.verify(
                accessToken.utf8.span, expecting: TokenExpectations(issuer: issuer, use: .access), at: fixture.now)
            #expect(try JWS(parsing: idToken.utf8.span).header.keyID != JWS(parsing: accessToken.utf8.span).header.keyID)

            let (idClaims, accessClaims) = (try Self.claims(of: idToken), try Self.claims(of: accessToken))
            #expect(id[text: "cognito:username"] == "alice" && idClaims["email"] == "alice@example.com")
            #expect(idClaims["email_verified"] == true && idClaims["custom:plan"] == "7")
            #expect(id.list("cognito:groups") == ["staff", "auditors", "others"])
            #expect(id.list("cognito:roles") == ["arn:aws:iam::000000000000:role/auditor"])
            #expect(idClaims["cognito:preferred_role"] == "arn:aws:iam::000000000000:role/auditor")
            #expect(access.list("cognito:roles") == id.list("cognito:roles") && accessClaims["cognito:preferred_role"] == nil)
            #expect(idClaims["client_id"] == nil && idClaims["scope"] == nil)
            #expect(accessClaims["aud"] == nil && access[text: "username"] == "alice" && accessClaims["email"] == nil)
            #expect(access.scopes == ["aws.cognito.signin.user.admin"] && access.list("cognito:groups") == id.list("cognito:groups"))
            #expect(id.subject == access.subject && idClaims["origin_jti"] == accessClaims["origin_jti"])
            #expect(idClaims["jti"] != accessClaims["jti"] && idClaims["event_id"] == accessClaims["event_id"])
            #expect(id.expiresAt.seconds - fixture.now.seconds == 3600)
        }
    }

    /// All that the token says.
    private static func claims(of token: String) throws -> JSONValue {
        let parts = token.split(separator: ".")
        return try JSON.parse(#require(Base64URL.decode(String(parts[1]))))
    }

    @Test("An id token does not verify with the access key under the id key's name, nor another pool's tokens here")
    func foreignPool() async throws {
        try await Fixture.with { fixture in
            let (first, second) = (try await fixture.pool(), try await fixture.pool())
            let client = try await fixture.client(first)
            try await fixture.user(first, "alice")
            let token = try #require(try await fixture.signIn(client, "alice")["AuthenticationResult"]?["AccessToken"]?.string)
            let keys = try JWKSet.parse(try await fixture.api.files.keys(of: second).jwks())
            #expect(throws: TokenError.unknownKey) {
                try keys.verify(token.utf8.span, expecting: TokenExpectations(issuer: "\(Fixture.issuerBase)/\(first)"), at: fixture.now)
            }
        }
    }

    @Test("Refreshing keeps auth_time and origin_jti, changes jti and iat, and follows the user's groups")
    func refresh() async throws {
        try await Fixture.with { fixture in
            let pool = try await fixture.pool()
            let client = try await fixture.client(pool)
            try await fixture.user(pool, "alice")
            let first = try #require(try await fixture.signIn(client, "alice")["AuthenticationResult"])
            fixture.advance(seconds: 600)
            try await fixture.admin(.createGroup, ["UserPoolId": .string(pool), "GroupName": "staff"])
            try await fixture.admin(.adminAddUserToGroup, ["UserPoolId": .string(pool), "Username": "alice", "GroupName": "staff"])
            for flow in ["REFRESH_TOKEN_AUTH", "REFRESH_TOKEN"] {
                let request: JSONObject = [
                    "ClientId": .string(client), "AuthFlow": .string(flow), "AuthParameters": ["REFRESH_TOKEN": try #require(first["RefreshToken"])],
                ]
                let second = try #require(try await fixture.open(.initiateAuth, request)["AuthenticationResult"])
                #expect(second["RefreshToken"] == nil)
                let (old, new) = (try Fixture.claims(first["IdToken"]), try Fixture.claims(second["IdToken"]))
                #expect(old["auth_time"] == new["auth_time"] && old["origin_jti"] == new["origin_jti"])
                #expect(old["jti"] != new["jti"] && new["iat"]?.int == fixture.now.seconds)
                #expect(new["cognito:groups"] == ["staff"])
            }
        }
    }

    @Test("A refresh token of another client or pool, altered, expired, or that is an access token is refused")
    func badRefresh() async throws {
        try await Fixture.with { fixture in
            let (pool, otherPool) = (try await fixture.pool(), try await fixture.pool())
            let client = try await fixture.client(pool)
            let others = [try await fixture.client(pool), try await fixture.client(otherPool)]
            try await fixture.user(pool, "alice")
            let result = try #require(try await fixture.signIn(client, "alice")["AuthenticationResult"])
            let token = try #require(result["RefreshToken"]?.string)
            func refresh(_ client: String, _ token: String) async throws {
                _ = try await fixture.open(
                    .initiateAuth,
                    ["ClientId": .string(client), "AuthFlow": "REFRESH_TOKEN_AUTH", "AuthParameters": ["REFRESH_TOKEN": .string(token)]])
            }
            for other in others { await expect(.invalidRefreshToken) { try await refresh(other, token) } }
            let access = try #require(result["AccessToken"]?.string)
            for wrong in [access, token + "A", String(token.dropLast()), "x", token.replacing(".", with: "..")] {
                await expect(.invalidRefreshToken) { try await refresh(client, wrong) }
            }
            fixture.advance(seconds: 30 * 86_400 - 1)
            try await refresh(client, token)
            fixture.advance(seconds: 1)
            await expect(.refreshTokenExpired) { try await refresh(client, token) }
        }
    }

    @Test("Sessions end after three minutes, belong to one client and user, and can't be made up")
    func sessions() async throws {
        try await Fixture.with { fixture in
            let pool = try await fixture.pool()
            let (client, other) = (try await fixture.client(pool), try await fixture.client(pool))
            for name in ["alice", "bob"] {
                try await fixture.admin(
                    .adminCreateUser, ["UserPoolId": .string(pool), "Username": .string(name), "TemporaryPassword": "Temporary-1"])
            }
            let session = try #require(try await fixture.signIn(client, "alice", "Temporary-1")["Session"]?.string)
            func respond(_ client: String, _ session: String, _ name: String = "alice", _ password: String = "Correct-Horse-7") async throws {
                _ = try await fixture.open(
                    .respondToAuthChallenge,
                    [
                        "ClientId": .string(client), "ChallengeName": "NEW_PASSWORD_REQUIRED", "Session": .string(session),
                        "ChallengeResponses": ["USERNAME": .string(name), "NEW_PASSWORD": .string(password)],
                    ])
            }
            await expect(.invalidSession) { try await respond(other, session) }
            await expect(.invalidSession) { try await respond(client, session, "bob") }
            await expect(.invalidSession) { try await respond(client, String(session.dropLast(4)) + "AAAA") }
            await expect(.invalidSession) { try await respond(client, String(repeating: "A", count: 40)) }
            await expect(.passwordPolicy("Password not long enough")) { try await respond(client, session, "alice", "short") }
            fixture.advance(seconds: 180)
            await expect(.sessionExpired) { try await respond(client, session) }
        }
    }

    @Test("Two answers to one challenge at once: one wins, the other's session is used")
    func raceForSession() async throws {
        try await Fixture.with { fixture in
            let pool = try await fixture.pool()
            let client = try await fixture.client(pool)
            try await fixture.admin(.adminCreateUser, ["UserPoolId": .string(pool), "Username": "alice", "TemporaryPassword": "Temporary-1"])
            let session = try #require(try await fixture.signIn(client, "alice", "Temporary-1")["Session"]?.string)
            let outcomes = await withTaskGroup(of: IdentityError?.self) { group in
                for number in 0..<8 {
                    group.addTask {
                        let request: JSONObject = [
                            "ClientId": .string(client), "ChallengeName": "NEW_PASSWORD_REQUIRED", "Session": .string(session),
                            "ChallengeResponses": ["USERNAME": "alice", "NEW_PASSWORD": .string("Correct-Horse-\(number)")],
                        ]
                        do {
                            _ = try await fixture.open(.respondToAuthChallenge, request)
                            return nil
                        } catch {
                            return error as? IdentityError
                        }
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(outcomes.count { $0 == nil } == 1 && outcomes.count { $0 == .sessionUsed } == 7)
        }
    }

    @Test(
        "Who waits for a hash while the client or the pool is deleted gets no tokens",
        arguments: [Operation.deleteUserPoolClient, .deleteUserPool])
    func deletedMeanwhile(deletion: Operation) async throws {
        try await Fixture.with { fixture in
            let pool = try await fixture.pool()
            let client = try await fixture.client(pool)
            try await fixture.user(pool, "bob")
            try await fixture.admin(.adminCreateUser, ["UserPoolId": .string(pool), "Username": "alice", "TemporaryPassword": "Temporary-1"])
            let session = try #require(try await fixture.signIn(client, "alice", "Temporary-1")["Session"]?.string)
            let answer: JSONObject = [
                "ClientId": .string(client), "ChallengeName": "NEW_PASSWORD_REQUIRED", "Session": .string(session),
                "ChallengeResponses": ["USERNAME": "alice", "NEW_PASSWORD": "Correct-Horse-7"],
            ]
            let (passwords, isOver, running) = (fixture.api.passwords, DispatchSemaphore(value: 0), Count())
            let held = (0..<2).map { _ in
                Task {
                    try await passwords.run {
                        running.add()
                        isOver.wait()
                    }
                }
            }
            defer { for _ in held { isOver.signal() } }
            // Whose hashes wait behind them can't come first.
            try await until { running.value == 2 }
            let answered = Task { try await fixture.open(.respondToAuthChallenge, answer) }
            let signedIn = Task { try await fixture.signIn(client, "bob") }
            try await until { passwords.load == 4 }
            var named: JSONObject = ["UserPoolId": .string(pool)]
            if deletion == .deleteUserPoolClient { named["ClientId"] = .string(client) }
            try await fixture.admin(deletion, named)
            for _ in held { isOver.signal() }
            for task in held { try await task.value }
            let expected = deletion == .deleteUserPool ? IdentityError.noSuchPool(pool) : .noSuchClient(client)
            await #expect(throws: expected) { _ = try await answered.value }
            await #expect(throws: expected) { _ = try await signedIn.value }
        }
    }

    @Test("GetUser answers the owner of an access token, and nobody with any other token")
    func getUser() async throws {
        try await Fixture.with { fixture in
            let pool = try await fixture.pool()
            let client = try await fixture.client(pool)
            try await fixture.user(pool, "alice", "Correct-Horse-7", ["UserAttributes": [["Name": "email", "Value": "a@example.com"]]])
            let result = try #require(try await fixture.signIn(client, "alice")["AuthenticationResult"])
            let token = try #require(result["AccessToken"]?.string)
            let user = try await fixture.open(.getUser, ["AccessToken": .string(token)])
            #expect(user["Username"] == "alice")
            #expect(user["UserAttributes"]?[0]?["Name"] == "sub" && user["UserAttributes"]?[1] == ["Name": "email", "Value": "a@example.com"])
            for wrong in [try #require(result["IdToken"]?.string), token + "A", "a.b.c"] {
                await expect(.invalidAccessToken) { _ = try await fixture.open(.getUser, ["AccessToken": .string(wrong)]) }
            }
            fixture.advance(seconds: 3600)
            await expect(.accessTokenExpired) { _ = try await fixture.open(.getUser, ["AccessToken": .string(token)]) }
        }
    }
}
