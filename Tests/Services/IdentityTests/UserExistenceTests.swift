import Encodings
import JSON
import SQLite
import Testing

@testable import Identity

/// What sign-in tells of users to those who don't know their passwords, through clients with `PreventUserExistenceErrors`.
@Suite("Whether a user exists is nobody's business")
struct UserExistenceTests {
    private static let hiding: JSONObject = ["PreventUserExistenceErrors": "ENABLED"]
    private static let right = "Correct-Horse-7"
    private static let tooLong = IdentityError(
        .invalidParameter,
        "1 validation error detected: Value at 'password' failed to satisfy constraint: Member must have length less than or equal to 256")

    /// Users in every state, besides one that isn't there.
    private enum Name: String, CaseIterable { case fine, disabled, unconfirmed, passwordless, unknown }

    private func users(_ fixture: Fixture, _ pool: String) async throws {
        for name in Name.allCases where name != .unknown { try await fixture.user(pool, name.rawValue, Self.right) }
        try await fixture.api.files.with(pool) { store in
            try store.connection.run("UPDATE user SET enabled = 0 WHERE name = 'disabled'")
            try store.connection.run("UPDATE user SET status = 'UNCONFIRMED' WHERE name = 'unconfirmed'")
            try store.connection.run("UPDATE user SET password = NULL WHERE name = 'passwordless'")
        }
    }

    @Test("A wrong password is answered alike for everybody, and counted alike")
    func wrongPassword() async throws {
        try await Fixture.with { fixture in
            let pool = try await fixture.pool()
            let client = try await fixture.client(pool, Self.hiding)
            try await users(fixture, pool)
            for name in Name.allCases {
                for _ in 0..<SignInThrottle.freeFailures {
                    await expect(.wrongPassword, "\(name)") { _ = try await fixture.signIn(client, name.rawValue, "wrong") }
                }
                await expect(.attemptsExceeded, "\(name)") { _ = try await fixture.signIn(client, name.rawValue, "wrong") }
            }
        }
    }

    @Test("Every attempt costs one hash, whomever it names")
    func oneHash() async throws {
        try await Fixture.with { fixture in
            let pool = try await fixture.pool()
            let client = try await fixture.client(pool, Self.hiding)
            try await users(fixture, pool)
            // Over the same files, where no hash finds a place.
            let full = try Fixture(folder: fixture.folder, queue: 0)
            for name in Name.allCases {
                for password in ["wrong", Self.right] {
                    await expect(.tooManyRequests, "\(name)") { _ = try await full.signIn(client, name.rawValue, password) }
                }
            }
        }
    }

    @Test("A password longer than any can be is refused before anybody is looked up", arguments: ["ENABLED", "LEGACY"])
    func longPassword(visibility: String) async throws {
        try await Fixture.with { fixture in
            let pool = try await fixture.pool()
            let client = try await fixture.client(pool, ["PreventUserExistenceErrors": .string(visibility)])
            try await users(fixture, pool)
            for name in Name.allCases {
                for _ in 0...SignInThrottle.freeFailures {
                    await expect(Self.tooLong, "\(name)") {
                        _ = try await fixture.signIn(client, name.rawValue, String(repeating: "a", count: PasswordPolicy.maximumLength + 1))
                    }
                }
            }
            let longest = String(repeating: "Aa1-", count: PasswordPolicy.maximumLength / 4)
            try await fixture.admin(
                .adminSetUserPassword, ["UserPoolId": .string(pool), "Username": "fine", "Password": .string(longest), "Permanent": true])
            #expect(try await fixture.signIn(client, "fine", longest)["AuthenticationResult"] != nil)
        }
    }

    @Test("Whoever knows the password learns what keeps the user out")
    func rightPassword() async throws {
        try await Fixture.with { fixture in
            let pool = try await fixture.pool()
            let client = try await fixture.client(pool, Self.hiding)
            try await users(fixture, pool)
            #expect(try await fixture.signIn(client, "fine")["AuthenticationResult"] != nil)
            await expect(.userDisabled) { _ = try await fixture.signIn(client, "disabled") }
            await expect(.userNotConfirmed) { _ = try await fixture.signIn(client, "unconfirmed") }
            try await fixture.api.files.with(pool) { try $0.connection.run("UPDATE user SET enabled = 0 WHERE name = 'unconfirmed'") }
            await expect(.userDisabled) { _ = try await fixture.signIn(client, "unconfirmed") }
        }
    }

    @Test("A client that hides nothing is told before the password is looked at, disabled before unconfirmed")
    func legacy() async throws {
        try await Fixture.with { fixture in
            let pool = try await fixture.pool()
            let client = try await fixture.client(pool)
            try await users(fixture, pool)
            // Nothing of this is a try at a password, so nothing of it locks.
            for _ in 0...SignInThrottle.freeFailures {
                await expect(.noSuchUser) { _ = try await fixture.signIn(client, "unknown", "wrong") }
                await expect(.userDisabled) { _ = try await fixture.signIn(client, "disabled", "wrong") }
                await expect(.userNotConfirmed) { _ = try await fixture.signIn(client, "unconfirmed", "wrong") }
            }
            try await fixture.api.files.with(pool) { try $0.connection.run("UPDATE user SET enabled = 0 WHERE name = 'unconfirmed'") }
            await expect(.userDisabled) { _ = try await fixture.signIn(client, "unconfirmed", "wrong") }
            await expect(.wrongPassword) { _ = try await fixture.signIn(client, "passwordless", "wrong") }
        }
    }
}
