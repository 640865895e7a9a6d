import Encodings
import JSON
import SQLite
import Testing

@testable import Identity

/// One name, one user: whatever a name is compared with, username, alias or sub.
@Suite("Aliases that look like somebody else's name")
struct AliasTests {
    private let aliases: JSONObject = Fixture.ignoringCase + ["AliasAttributes": ["preferred_username", "email", "phone_number"]]

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

    @Test("A preferred name doesn't look like an address that could be somebody's alias")
    func kinds() async throws {
        try await Fixture.with { fixture in
            let pool = try await fixture.pool(aliases)
            try await make(fixture, pool, "alice", [("email", "alice@example.com"), ("email_verified", "true")])
            for (value, form) in [("alice@example.com", "email"), ("BOB@example.com", "email"), ("+4670000000", "phone number")] {
                await expect(Self.looksLike(form)) { try await make(fixture, pool, "mallory", [("preferred_username", value)]) }
            }
            // However long, since folding its case may shorten it.
            let long = String(repeating: "a", count: 300) + "@example.com"
            await expect(Self.looksLike("email")) { try await make(fixture, pool, "mallory", [("preferred_username", long)]) }
        }
    }

    private static func looksLike(_ form: String) -> IdentityError {
        IdentityError(.invalidParameter, "preferred_username cannot be of \(form) format, since user pool is configured for \(form) alias.")
    }

    @Test("A preferred name may look like an address where no such address is an alias")
    func otherForms() async throws {
        try await Fixture.with { fixture in
            let byEmail = try await fixture.pool(["AliasAttributes": ["preferred_username", "email"]])
            try await make(fixture, byEmail, "alice", [("preferred_username", "+4670000000")])
            let byPhone = try await fixture.pool(["AliasAttributes": ["preferred_username", "phone_number"]])
            try await make(fixture, byPhone, "alice", [("preferred_username", "alice@example.com")])
            // Here it leads nowhere.
            let noAlias = try await fixture.pool(["AliasAttributes": ["email"]])
            try await make(fixture, noAlias, "alice", [("preferred_username", "bob@example.com")])
            try await make(fixture, noAlias, "bob", [("email", "bob@example.com"), ("email_verified", "true")])
            #expect(
                try await fixture.admin(.adminGetUser, ["UserPoolId": .string(byPhone), "Username": "alice@example.com"])["Username"] == "alice")
        }
    }

    @Test("A preferred name of an earlier release that looks like an address leads to nobody, and keeps nobody from that address")
    func earlier() async throws {
        try await Fixture.with { fixture in
            let pool = try await fixture.pool(aliases)
            let client = try await fixture.client(pool)
            let address = "victim@corp.example"
            try await make(fixture, pool, "mallory", [("name", "Mallory")])
            try await fixture.api.files.with(pool) {
                try $0.connection.run("UPDATE user SET attributes = '{\"preferred_username\":\"victim@corp.example\",\"name\":\"Mallory\"}'")
                try $0.connection.run("INSERT INTO alias SELECT 'preferred_username', 'victim@corp.example', id FROM user")
            }
            func user(_ name: String) async throws -> JSONValue {
                try await fixture.admin(.adminGetUser, ["UserPoolId": .string(pool), "Username": .string(name)])
            }
            await expect(.noSuchUser) { _ = try await user(address) }
            await expect(.noSuchUser) { _ = try await fixture.signIn(client, address, "Temporary-1") }
            try await make(fixture, pool, "victim", [("email", address), ("email_verified", "true")])
            #expect(try await user("Victim@corp.example")["Username"] == "victim")
            #expect(try await fixture.signIn(client, address, "Temporary-1")["ChallengeParameters"]?["USER_ID_FOR_SRP"] == "victim")

            // Mallory keeps it as an attribute, may send it back with a new password as client libraries do, and signs in by name.
            let session = try #require(try await fixture.signIn(client, "mallory", "Temporary-1")["Session"])
            _ = try await fixture.open(
                .respondToAuthChallenge,
                [
                    "ClientId": .string(client), "ChallengeName": "NEW_PASSWORD_REQUIRED", "Session": session,
                    "ChallengeResponses": [
                        "USERNAME": "mallory", "NEW_PASSWORD": "Correct-Horse-7", "userAttributes.preferred_username": .string(address),
                        "userAttributes.name": "M",
                    ],
                ])
            #expect(try await user(address)["Username"] == "victim")
            #expect(try await fixture.signIn(client, "mallory")["AuthenticationResult"] != nil)
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

    @Test("It takes nobody's name, nor a preferred one, and nothing at all where the user can't be made")
    func notMoved() async throws {
        try await Fixture.with { fixture in
            let pool = try await fixture.pool(aliases)
            let force: JSONObject = ["ForceAliasCreation": true]
            let address = [("email", "a@example.com"), ("email_verified", "true")]
            try await make(fixture, pool, "alice", address + [("preferred_username", "al")])
            await expect(.aliasExists("preferred_username")) {
                try await make(fixture, pool, "bob", address + [("preferred_username", "al")], force)
            }
            await expect(.userExists) { try await make(fixture, pool, "alice", address, force) }
            #expect(
                try await fixture.admin(.adminGetUser, ["UserPoolId": .string(pool), "Username": "a@example.com"])["Username"] == "alice")

            let byAddress = try await fixture.pool(Fixture.ignoringCase + ["UsernameAttributes": ["email"]])
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
            for alias in ["alice", "ALICE", sub] {
                await expect(.aliasExists("preferred_username"), "\(alias)") { try await respond(alias) }
            }
            for address in ["alice@example.com", "victim@corp.example"] {
                await expect(Self.looksLike("email"), "\(address)") { try await respond(address) }
            }
            try await respond("mal")
            #expect(try await fixture.signIn(client, "mal")["AuthenticationResult"] != nil)
        }
    }
}
