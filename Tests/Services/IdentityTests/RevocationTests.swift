import JSON
import SQLite
import Testing

@testable import Identity

/// What outlives a password, and must not.
@Suite("Refresh tokens and the password they came from")
struct RevocationTests {
    private struct Signed {
        let pool: String
        let client: String
        let token: JSONValue
    }

    /// A pool with alice, who has signed in.
    private func signedIn(_ fixture: Fixture) async throws -> Signed {
        let pool = try await fixture.pool()
        let client = try await fixture.client(pool)
        try await fixture.user(pool, "alice")
        let token = try #require(try await fixture.signIn(client, "alice")["AuthenticationResult"]?["RefreshToken"])
        return Signed(pool: pool, client: client, token: token)
    }

    private func refresh(_ fixture: Fixture, _ client: String, _ token: JSONValue) async throws -> JSONValue {
        let request: JSONObject = ["ClientId": .string(client), "AuthFlow": "REFRESH_TOKEN_AUTH", "AuthParameters": ["REFRESH_TOKEN": token]]
        return try await fixture.open(.initiateAuth, request)
    }

    @Test(
        "A refresh token ends with the password it came from, whether an administrator sets a permanent or a temporary one", arguments: [true, false])
    func newPassword(isPermanent: Bool) async throws {
        try await Fixture.with { fixture in
            let signed = try await signedIn(fixture)
            #expect(try await refresh(fixture, signed.client, signed.token)["AuthenticationResult"] != nil)
            try await fixture.admin(
                .adminSetUserPassword,
                ["UserPoolId": .string(signed.pool), "Username": "alice", "Password": "Other-Horse-8", "Permanent": .bool(isPermanent)])
            await expect(.refreshTokenRevoked) { _ = try await refresh(fixture, signed.client, signed.token) }
        }
    }

    @Test("Setting the same password again ends the refresh tokens too, and the next sign-in's lives")
    func samePassword() async throws {
        try await Fixture.with { fixture in
            let signed = try await signedIn(fixture)
            try await fixture.admin(
                .adminSetUserPassword,
                ["UserPoolId": .string(signed.pool), "Username": "alice", "Password": "Correct-Horse-7", "Permanent": true])
            await expect(.refreshTokenRevoked) { _ = try await refresh(fixture, signed.client, signed.token) }
            let next = try #require(try await fixture.signIn(signed.client, "alice")["AuthenticationResult"]?["RefreshToken"])
            #expect(try await refresh(fixture, signed.client, next)["AuthenticationResult"] != nil)
        }
    }

    @Test("The refresh token that follows a first password is good: it is of that password, not of the temporary one")
    func firstPassword() async throws {
        try await Fixture.with { fixture in
            let pool = try await fixture.pool()
            let client = try await fixture.client(pool)
            try await fixture.admin(.adminCreateUser, ["UserPoolId": .string(pool), "Username": "alice", "TemporaryPassword": "Temporary-1"])
            let challenge = try await fixture.signIn(client, "alice", "Temporary-1")
            let answer = try await fixture.open(
                .respondToAuthChallenge,
                [
                    "ClientId": .string(client), "ChallengeName": "NEW_PASSWORD_REQUIRED", "Session": try #require(challenge["Session"]),
                    "ChallengeResponses": ["USERNAME": "alice", "NEW_PASSWORD": "Correct-Horse-7"],
                ])
            let token = try #require(answer["AuthenticationResult"]?["RefreshToken"])
            #expect(try await refresh(fixture, client, token)["AuthenticationResult"] != nil)
        }
    }

    @Test(
        "A user who is disabled or no longer confirmed refreshes nothing", arguments: [User.Status.unconfirmed, .resetRequired, .forceChangePassword])
    func changedUser(status: User.Status) async throws {
        try await Fixture.with { fixture in
            let signed = try await signedIn(fixture)
            try await fixture.api.files.with(signed.pool) { try $0.connection.run("UPDATE user SET status = ?", .text(status.rawValue)) }
            await expect(.refreshTokenRevoked) { _ = try await refresh(fixture, signed.client, signed.token) }
            try await fixture.api.files.with(signed.pool) { try $0.connection.run("UPDATE user SET enabled = 0") }
            await expect(.userDisabled) { _ = try await refresh(fixture, signed.client, signed.token) }
        }
    }

    @Test("A refresh token from before tokens knew their password is no token any more")
    func withoutGeneration() async throws {
        try await Fixture.with { fixture in
            let signed = try await signedIn(fixture)
            let sealer = try await fixture.api.files.keys(of: signed.pool).sealer
            let text = try #require(signed.token.string)
            let claims = try #require(sealer.open(refresh: text))
            var older: JSONObject = [:]
            for claim in claims.members where claim.name != "generation" { older[claim.name] = claim.value }
            await expect(.invalidRefreshToken) { _ = try await refresh(fixture, signed.client, .string(sealer.seal(refresh: older))) }
        }
    }
}
