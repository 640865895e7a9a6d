import JSON
import Testing

@testable import Identity

/// What a client may read and write, and what a schema says is never changed.
@Suite("Who may read and write an attribute")
struct AttributePermissionTests {
    private static let plan: JSONObject = ["Schema": [["Name": "plan", "AttributeDataType": "String"], ["Name": "tier", "Mutable": false]]]

    /// Ada with a temporary password and some attributes, as an administrator makes her.
    private func ada(_ fixture: Fixture, _ pool: String) async throws {
        try await fixture.admin(
            .adminCreateUser,
            [
                "UserPoolId": .string(pool), "Username": "ada", "TemporaryPassword": "Temporary-1",
                "UserAttributes": [
                    ["Name": "custom:tier", "Value": "gold"], ["Name": "custom:plan", "Value": "free"], ["Name": "name", "Value": "Ada"],
                ],
            ])
    }

    /// Answers the challenge of the first sign-in with attributes beside the new password.
    private func respond(_ fixture: Fixture, _ client: String, _ attributes: JSONObject) async throws -> JSONValue {
        let session = try #require(try await fixture.signIn(client, "ada", "Temporary-1")["Session"])
        var responses: JSONObject = ["USERNAME": "ada", "NEW_PASSWORD": "Correct-Horse-7"]
        for attribute in attributes.members { responses["userAttributes.\(attribute.name)"] = attribute.value }
        return try await fixture.open(
            .respondToAuthChallenge,
            ["ClientId": .string(client), "ChallengeName": "NEW_PASSWORD_REQUIRED", "Session": session, "ChallengeResponses": .object(responses)])
    }

    @Test("A client writes the attributes it may write with a new password, and no others")
    func writeAttributes() async throws {
        try await Fixture.with { fixture in
            let pool = try await fixture.pool(Self.plan)
            let client = try await fixture.client(pool, ["WriteAttributes": ["name"]])
            try await ada(fixture, pool)
            for attributes in [["custom:plan": "paid"], ["name": "Ada L.", "email": "a@example.com"], ["custom:plan": ""]] as [JSONObject] {
                await expect(.unauthorizedAttribute) { _ = try await respond(fixture, client, attributes) }
            }
            let claims = try Fixture.claims(try await respond(fixture, client, ["name": "Ada L."])["AuthenticationResult"]?["IdToken"])
            #expect(claims["name"] == "Ada L." && claims["custom:plan"] == "free" && claims["email"] == nil)
        }
    }

    @Test("An attribute that is not mutable is set with the user and never again, also where it has no value yet")
    func immutable() async throws {
        try await Fixture.with { fixture in
            let pool = try await fixture.pool([
                "Schema": [["Name": "tier", "Mutable": false], ["Name": "plan", "Mutable": false], ["Name": "note"]]
            ])
            let client = try await fixture.client(pool)
            try await fixture.admin(
                .adminCreateUser,
                [
                    "UserPoolId": .string(pool), "Username": "ada", "TemporaryPassword": "Temporary-1",
                    "UserAttributes": [["Name": "custom:tier", "Value": "gold"]],
                ])
            await expect(.immutableAttribute("custom:tier")) { _ = try await respond(fixture, client, ["custom:tier": "platinum"]) }
            await expect(.immutableAttribute("custom:plan")) { _ = try await respond(fixture, client, ["custom:plan": "paid"]) }
            // Client libraries send back all that the challenge showed them.
            let claims = try Fixture.claims(
                try await respond(fixture, client, ["custom:tier": "gold", "custom:note": "n"])["AuthenticationResult"]?["IdToken"])
            #expect(claims["custom:tier"] == "gold" && claims["custom:plan"] == nil && claims["custom:note"] == "n")
        }
    }

    @Test("What a client may not read is not in the challenge either")
    func challengeShowsReadableOnly() async throws {
        try await Fixture.with { fixture in
            let pool = try await fixture.pool(Self.plan)
            let client = try await fixture.client(pool, ["ReadAttributes": ["name"]])
            try await ada(fixture, pool)
            let shown = try await fixture.signIn(client, "ada", "Temporary-1")["ChallengeParameters"]?["userAttributes"]?.string
            #expect(shown == #"{"name":"Ada"}"#)
        }
    }

    @Test(
        "A client is not made with attributes that are in no schema, or that no client may write",
        arguments: [
            (["WriteAttributes": ["custom:other"]], "write"), (["WriteAttributes": ["email_verified"]], "write"),
            (["WriteAttributes": ["sub"]], "write"),
            (["WriteAttributes": ["custom:tier"]], "write"), (["ReadAttributes": ["custom:other"]], "read"), (["ReadAttributes": ["plan"]], "read"),
        ] as [(JSONObject, String)])
    func unknownAttributes(more: JSONObject, kind: String) async throws {
        try await Fixture.with { fixture in
            let pool = try await fixture.pool(Self.plan)
            await expect(IdentityError(.invalidParameter, "Invalid \(kind) attributes specified while creating a client")) {
                _ = try await fixture.client(pool, more)
            }
            let client = try await fixture.clientJSON(
                pool, ["ReadAttributes": ["sub", "email_verified", "custom:tier"], "WriteAttributes": ["custom:plan"]])
            #expect(client["WriteAttributes"] == ["custom:plan"])
        }
    }

    @Test(
        "A schema is not taken where it says what isn't done",
        arguments: [
            ["Name": "email", "Mutable": false], ["Name": "plan", "DeveloperOnlyAttribute": true],
        ] as [JSONObject])
    func schema(entry: JSONObject) async throws {
        try await Fixture.with { fixture in
            await #expect(throws: IdentityError.self) { _ = try await fixture.pool(["Schema": [.object(entry)]]) }
        }
    }
}
