import Crypto
import Encodings
import JSON
import Testing

@testable import Identity

@Suite("App clients")
struct ClientTests {
    private func hash(_ secret: String, _ name: String, _ client: String) -> JSONValue {
        .string(Base64.encode(HMACSHA256(key: Array(secret.utf8)).code(for: Array((name + client).utf8)).bytes))
    }

    @Test("A client with a secret takes its hash over name and client id, and no other")
    func secretHash() async throws {
        try await Fixture.with { fixture in
            let pool = try await fixture.pool()
            let made = try await fixture.clientJSON(pool, ["GenerateSecret": true])
            let client = try #require(made["ClientId"]?.string)
            let secret = try #require(made["ClientSecret"]?.string)
            #expect(client.utf8.count == 26 && (24...64).contains(secret.utf8.count))
            try await fixture.user(pool, "alice")
            func signIn(_ code: JSONValue?) async throws -> JSONValue {
                var parameters: JSONObject = ["USERNAME": "alice", "PASSWORD": "Correct-Horse-7"]
                parameters.put("SECRET_HASH", code)
                return try await fixture.open(
                    .initiateAuth, ["ClientId": .string(client), "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": .object(parameters)])
            }
            let tokens = try await signIn(hash(secret, "alice", client))["AuthenticationResult"]
            await expect(.secretHashMissing(client)) { _ = try await signIn(nil) }
            for wrong in [hash(secret, "bob", client), hash("x", "alice", client), "", "AAAA", "%%%"] as [JSONValue] {
                let expected: IdentityError = wrong == "" ? .secretHashMissing(client) : .secretHashWrong(client)
                await expect(expected) { _ = try await signIn(wrong) }
            }
            let refresh: JSONObject = [
                "ClientId": .string(client), "AuthFlow": "REFRESH_TOKEN_AUTH",
                "AuthParameters": ["REFRESH_TOKEN": try #require(tokens?["RefreshToken"]), "SECRET_HASH": hash(secret, "alice", client)],
            ]
            #expect(try await fixture.open(.initiateAuth, refresh)["AuthenticationResult"]?["IdToken"] != nil)
            let described = try await fixture.admin(.describeUserPoolClient, ["UserPoolId": .string(pool), "ClientId": .string(client)])
            #expect(described["UserPoolClient"] == made)
        }
    }

    @Test("A flow that is off is refused in the contract's words, and one that is not served by name")
    func flows() async throws {
        try await Fixture.with { fixture in
            let pool = try await fixture.pool()
            let standard = try await fixture.client(pool, ["ExplicitAuthFlows": []])
            let legacy = try await fixture.client(pool, ["ExplicitAuthFlows": ["ADMIN_NO_SRP_AUTH"]])
            try await fixture.user(pool, "alice")
            func admin(_ client: String, _ flow: String) async throws -> JSONValue {
                try await fixture.admin(
                    .adminInitiateAuth,
                    [
                        "UserPoolId": .string(pool), "ClientId": .string(client), "AuthFlow": .string(flow),
                        "AuthParameters": ["USERNAME": "alice", "PASSWORD": "Correct-Horse-7"],
                    ])
            }
            await expect(IdentityError(.invalidParameter, "USER_PASSWORD_AUTH flow not enabled for this client")) {
                _ = try await fixture.signIn(standard, "alice")
            }
            await expect(IdentityError(.invalidParameter, "Auth flow not enabled for this client")) {
                _ = try await admin(standard, "ADMIN_NO_SRP_AUTH")
            }
            await expect(IdentityError(.unsupportedOperation, "USER_SRP_AUTH is not supported by this user pool service.")) {
                _ = try await admin(standard, "USER_SRP_AUTH")
            }
            await expect(IdentityError(.invalidParameter, "USER_AUTH is not enabled for the client.")) { _ = try await admin(standard, "USER_AUTH") }
            for flow in ["ADMIN_NO_SRP_AUTH", "ADMIN_USER_PASSWORD_AUTH"] { #expect(try await admin(legacy, flow)["AuthenticationResult"] != nil) }
            await #expect(throws: IdentityError.self) {
                _ = try await fixture.client(pool, ["ExplicitAuthFlows": ["ADMIN_NO_SRP_AUTH", "ALLOW_USER_SRP_AUTH"]])
            }
            // What needs a signature can't be had without one.
            await #expect(throws: IdentityError.self) {
                _ = try await fixture.open(
                    .initiateAuth,
                    [
                        "ClientId": .string(legacy), "AuthFlow": "ADMIN_NO_SRP_AUTH",
                        "AuthParameters": ["USERNAME": "alice", "PASSWORD": "Correct-Horse-7"],
                    ])
            }
        }
    }

    @Test("A client of one pool is unknown in another")
    func foreignClient() async throws {
        try await Fixture.with { fixture in
            let (pool, other) = (try await fixture.pool(), try await fixture.pool())
            let client = try await fixture.client(other)
            await expect(.noSuchClient(client)) {
                try await fixture.admin(.describeUserPoolClient, ["UserPoolId": .string(pool), "ClientId": .string(client)])
            }
            await expect(.noSuchClient(client)) {
                try await fixture.admin(
                    .adminInitiateAuth,
                    ["UserPoolId": .string(pool), "ClientId": .string(client), "AuthFlow": "ADMIN_NO_SRP_AUTH", "AuthParameters": ["USERNAME": "a"]])
            }
        }
    }

    @Test("Token lifetimes are what the client asked for, in its units, within the service's limits")
    func validity() async throws {
        try await Fixture.with { fixture in
            let pool = try await fixture.pool()
            let client = try await fixture.client(
                pool,
                [
                    "AccessTokenValidity": 10, "IdTokenValidity": 2, "RefreshTokenValidity": 150,
                    "TokenValidityUnits": ["AccessToken": "minutes", "IdToken": "hours", "RefreshToken": "minutes"],
                ])
            try await fixture.user(pool, "alice")
            await #expect(throws: IdentityError.self) {
                _ = try await fixture.client(pool, ["RefreshTokenValidity": 1, "TokenValidityUnits": ["RefreshToken": "minutes"]])
            }
            await #expect(throws: IdentityError.self) { _ = try await fixture.client(pool, ["AccessTokenValidity": 25]) }
            await #expect(throws: IdentityError.self) {
                _ = try await fixture.client(pool, ["AccessTokenValidity": 4, "TokenValidityUnits": ["AccessToken": "minutes"]])
            }
            let result = try await fixture.signIn(client, "alice")["AuthenticationResult"]
            #expect(result?["ExpiresIn"]?.int == 600)
            #expect(try Fixture.claims(result?["IdToken"])["exp"]?.int == fixture.now.seconds + 7200)
            #expect(try Fixture.claims(result?["AccessToken"])["exp"]?.int == fixture.now.seconds + 600)
        }
    }

    @Test("With PreventUserExistenceErrors an unknown user is answered like a wrong password, after as much work")
    func hiddenUsers() async throws {
        try await Fixture.with { fixture in
            let pool = try await fixture.pool()
            let hiding = try await fixture.client(pool, ["PreventUserExistenceErrors": "ENABLED"])
            let plain = try await fixture.client(pool)
            try await fixture.user(pool, "alice")
            await expect(.wrongPassword) { _ = try await fixture.signIn(hiding, "nobody") }
            await expect(.wrongPassword) { _ = try await fixture.signIn(hiding, "alice", "wrong") }
            await expect(.noSuchUser) { _ = try await fixture.signIn(plain, "nobody") }
            // Failures of a user that isn't there lock it too, or the lock would tell.
            for _ in 0..<4 { await expect(.wrongPassword) { _ = try await fixture.signIn(hiding, "nobody") } }
            await expect(.attemptsExceeded) { _ = try await fixture.signIn(hiding, "nobody") }
        }
    }

    @Test("Attributes a client may not read are in neither token nor GetUser")
    func readAttributes() async throws {
        try await Fixture.with { fixture in
            let pool = try await fixture.pool()
            let client = try await fixture.client(pool, ["ReadAttributes": ["name"]])
            try await fixture.user(
                pool, "alice", "Correct-Horse-7",
                ["UserAttributes": [["Name": "name", "Value": "Alice"], ["Name": "email", "Value": "a@example.com"]]])
            let result = try await fixture.signIn(client, "alice")["AuthenticationResult"]
            let claims = try Fixture.claims(result?["IdToken"])
            #expect(claims["name"] == "Alice" && claims["email"] == nil)
            let me = try await fixture.open(.getUser, ["AccessToken": try #require(result?["AccessToken"])])
            #expect(me["UserAttributes"]?.array?.compactMap { $0["Name"]?.string } == ["sub", "name"])
        }
    }
}
