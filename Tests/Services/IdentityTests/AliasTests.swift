import Encodings
import JSON
import Testing

@testable import Identity

/// One name, one user: whatever a name is compared with, username, alias or sub.
@Suite("Aliases that look like somebody else's name")
struct AliasTests {
    private let aliases: JSONObject = ["AliasAttributes": ["preferred_username", "email", "phone_number"]]

    @discardableResult
    private func make(
        _ fixture: Fixture, _ pool: String, _ name: String, _ attributes: [(String, String)] = [], _ more: JSONObject = [:]
    ) async throws -> String {
        let list = attributes.map { ["Name": .string($0.0), "Value": .string($0.1)] as JSONValue }
        let answer = try await fixture.admin(
            .adminCreateUser,
            [
                "UserPoolId": .string(pool), "Username": .string(name), "TemporaryPassword": "Temporary-1", "UserAttributes": .array(list),
            ] as JSONObject + more)
        return try #require(answer["User"]?["Attributes"]?[0]?["Value"]?.string)
    }

    @Test("An alias is nobody else's username, in either order and whatever its case")
    func usernames() async throws {
        try await Fixture.with { fixture in
            let pool = try await fixture.pool(aliases)
            try await make(fixture, pool, "alice")
            await expect(.aliasExists("preferred_username")) { try await make(fixture, pool, "mallory", [("preferred_username", "Alice")]) }
            try await make(fixture, pool, "bob", [("preferred_username", "bobby")])
            await expect(.userExists) { try await make(fixture, pool, "BOBBY") }
            // One's own name may be one's alias too.
            try await make(fixture, pool, "carol", [("preferred_username", "carol")])
            #expect(try await fixture.admin(.adminGetUser, ["UserPoolId": .string(pool), "Username": "alice"])["Username"] == "alice")
        }
    }

    @Test("Neither an alias nor a username is somebody else's sub, in any spelling")
    func subjects() async throws {
        try await Fixture.with { fixture in
            for isCaseSensitive in [false, true] {
                let pool = try await fixture.pool(aliases + ["UsernameConfiguration": ["CaseSensitive": .bool(isCaseSensitive)]])
                let sub = try await make(fixture, pool, "alice")
                for spelling in [sub, sub.uppercased()] {
                    await expect(.aliasExists("preferred_username")) { try await make(fixture, pool, "mallory", [("preferred_username", spelling)]) }
                    await expect(.userExists) { try await make(fixture, pool, spelling) }
                }
                #expect(try await fixture.admin(.adminGetUser, ["UserPoolId": .string(pool), "Username": .string(sub)])["Username"] == "alice")
            }
        }
    }

    @Test("An alias of one kind is not somebody else's alias of another")
    func kinds() async throws {
        try await Fixture.with { fixture in
            let pool = try await fixture.pool(aliases)
            try await make(fixture, pool, "alice", [("email", "alice@example.com"), ("email_verified", "true")])
            await expect(.aliasExists("preferred_username")) {
                try await make(fixture, pool, "mallory", [("preferred_username", "alice@example.com")])
            }
            try await make(fixture, pool, "bob", [("preferred_username", "bob@example.com")])
            await expect(.aliasExists("email")) {
                try await make(fixture, pool, "trudy", [("email", "BOB@example.com"), ("email_verified", "true")])
            }
            // Two kinds of one user may be the same.
            try await make(
                fixture, pool, "carol",
                [("email", "carol@example.com"), ("email_verified", "true"), ("preferred_username", "carol@example.com")])
        }
    }

    @Test("With ForceAliasCreation a verified address becomes the new user's; the one before keeps it, unverified, and signs in by name")
    func moved() async throws {
        try await Fixture.with { fixture in
            let pool = try await fixture.pool(aliases)
            let client = try await fixture.client(pool)
            let address = [("email", "a@example.com"), ("email_verified", "true")]
            let force: JSONObject = ["ForceAliasCreation": true]
            try await make(fixture, pool, "alice", address + [("phone_number", "+4670000000"), ("phone_number_verified", "true")])
            await expect(.aliasExists("email")) { try await make(fixture, pool, "bob", address, ["ForceAliasCreation": false]) }
            // Not verified, it is no alias, and takes nothing.
            try await make(fixture, pool, "carol", [("email", "a@example.com")], force)
            fixture.advance(seconds: 60)
            try await make(fixture, pool, "bob", [("email", "A@example.com"), ("email_verified", "true")], force)

            func user(_ name: String) async throws -> JSONValue {
                try await fixture.admin(.adminGetUser, ["UserPoolId": .string(pool), "Username": .string(name)])
            }
            #expect(try await user("a@example.com")["Username"] == "bob")
            let alice = try await user("alice")
            let attributes = alice["UserAttributes"]?.array ?? []
            #expect(attributes.contains(["Name": "email", "Value": "a@example.com"]))
            #expect(attributes.contains(["Name": "email_verified", "Value": "false"]))
            #expect(attributes.contains(["Name": "phone_number_verified", "Value": "true"]))
            #expect(alice["UserLastModifiedDate"]?.double == Double(fixture.now.seconds))
            #expect(try await user("+4670000000")["Username"] == "alice")
            #expect(try await fixture.signIn(client, "a@example.com", "Temporary-1")["ChallengeParameters"]?["USER_ID_FOR_SRP"] == "bob")
            #expect(try await fixture.signIn(client, "alice", "Temporary-1")["ChallengeName"] == "NEW_PASSWORD_REQUIRED")
        }
    }

    @Test("It takes nobody's name, nor an alias of another kind, and nothing at all where the user can't be made")
    func notMoved() async throws {
        try await Fixture.with { fixture in
            let pool = try await fixture.pool(aliases)
            let force: JSONObject = ["ForceAliasCreation": true]
            let address = [("email", "a@example.com"), ("email_verified", "true")]
            try await make(fixture, pool, "alice", address + [("preferred_username", "al")])
            try await make(fixture, pool, "carol", [("preferred_username", "c@example.com")])
            await expect(.aliasExists("preferred_username")) {
                try await make(fixture, pool, "bob", address + [("preferred_username", "al")], force)
            }
            await expect(.aliasExists("email")) {
                try await make(fixture, pool, "bob", [("email", "c@example.com"), ("email_verified", "true")], force)
            }
            await expect(.userExists) { try await make(fixture, pool, "alice", address, force) }
            #expect(
                try await fixture.admin(.adminGetUser, ["UserPoolId": .string(pool), "Username": "a@example.com"])["Username"] == "alice")

            let byAddress = try await fixture.pool(["UsernameAttributes": ["email"]])
            try await make(fixture, byAddress, "a@example.com")
            await expect(.userExists) { try await make(fixture, byAddress, "A@example.com", [("email_verified", "true")], force) }
        }
    }

    @Test("Nor does it become so with a new password")
    func challenge() async throws {
        try await Fixture.with { fixture in
            let pool = try await fixture.pool(aliases)
            let client = try await fixture.client(pool)
            let sub = try await make(fixture, pool, "alice", [("email", "alice@example.com"), ("email_verified", "true")])
            try await make(fixture, pool, "mallory")
            func respond(_ alias: String) async throws {
                let session = try #require(try await fixture.signIn(client, "mallory", "Temporary-1")["Session"])
                _ = try await fixture.open(
                    .respondToAuthChallenge,
                    [
                        "ClientId": .string(client), "ChallengeName": "NEW_PASSWORD_REQUIRED", "Session": session,
                        "ChallengeResponses": [
                            "USERNAME": "mallory", "NEW_PASSWORD": "Correct-Horse-7", "userAttributes.preferred_username": .string(alias),
                        ],
                    ])
            }
            for alias in ["alice", "ALICE", sub, "alice@example.com"] {
                await expect(.aliasExists("preferred_username"), "\(alias)") { try await respond(alias) }
            }
            try await respond("mal")
            #expect(try await fixture.signIn(client, "mal")["AuthenticationResult"] != nil)
        }
    }
}
