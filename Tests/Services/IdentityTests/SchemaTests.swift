import JSON
import SQLite
import Testing

@testable import Identity

/// What attributes may hold: a pool's own, and those that every pool has.
@Suite("The schema of a pool")
struct SchemaTests {
    private let schema: JSONObject = [
        "Schema": [
            ["Name": "code", "AttributeDataType": "String", "StringAttributeConstraints": ["MinLength": "2", "MaxLength": "4"]],
            ["Name": "level", "AttributeDataType": "Number", "NumberAttributeConstraints": ["MinValue": "-1", "MaxValue": "10"]],
            ["Name": "ratio", "AttributeDataType": "Number"], ["Name": "beta", "AttributeDataType": "Boolean"], ["Name": "free"],
        ]
    ]

    private static let wrong: [(String, String, String)] = [
        ("code", "a", "String must be no shorter than 2 characters."), ("code", "abcde", "String must be no longer than 4 characters."),
        ("level", "11", "Number must be no more than 10."), ("level", "-1.5", "Number must be no less than -1."),
        ("level", "ten", "Invalid number value."), ("ratio", "0x10", "Invalid number value."), ("ratio", "nan", "Invalid number value."),
        ("ratio", "1e3", "Invalid number value."), ("ratio", "1.", "Invalid number value."), ("ratio", "-", "Invalid number value."),
        ("ratio", " 1", "Invalid number value."), ("ratio", String(repeating: "9", count: 400), "Invalid number value."),
        ("beta", "yes", "Invalid boolean value."), ("beta", "TRUE", "Invalid boolean value."),
    ]

    @Test("A value outside its type or bounds is refused, whoever writes it")
    func bounds() async throws {
        try await Fixture.with { fixture in
            let pool = try await fixture.pool(schema)
            let client = try await fixture.client(pool)
            func make(_ user: String, _ name: String, _ value: String) async throws {
                try await fixture.admin(
                    .adminCreateUser,
                    [
                        "UserPoolId": .string(pool), "Username": .string(user), "TemporaryPassword": "Temporary-1",
                        "UserAttributes": [["Name": .string("custom:\(name)"), "Value": .string(value)]],
                    ])
            }
            func respond(_ name: String, _ value: String) async throws {
                let session = try #require(try await fixture.signIn(client, "ada", "Temporary-1")["Session"])
                _ = try await fixture.open(
                    .respondToAuthChallenge,
                    [
                        "ClientId": .string(client), "ChallengeName": "NEW_PASSWORD_REQUIRED", "Session": session,
                        "ChallengeResponses": .object(
                            ["USERNAME": "ada", "NEW_PASSWORD": "Correct-Horse-7", "userAttributes.custom:\(name)": .string(value)] as JSONObject),
                    ])
            }
            try await make("ada", "code", "ab")
            for (name, value, reason) in Self.wrong {
                await expect(.schema("custom:\(name): \(reason)\n"), "\(name) \(value)") { try await make("bob", name, value) }
                await expect(.schema("custom:\(name): \(reason)\n"), "\(name) \(value)") { try await respond(name, value) }
            }
            let right = [
                ("code", "abcd"), ("code", ""), ("level", "-1"), ("level", "9.5"), ("ratio", "-0.25"), ("beta", "false"), ("free", "any thing"),
            ]
            for (number, (name, value)) in right.enumerated() { try await make("user\(number)", name, value) }
            try await respond("level", "10")
        }
    }

    private static let wrongOfTheStandard: [(String, String, String)] = [
        ("birthdate", "1815-12-1", "String must be no shorter than 10 characters."),
        ("birthdate", "1815-12-10T00", "String must be no longer than 10 characters."), ("updated_at", "-1", "Number must be no less than 0."),
        ("updated_at", "yesterday", "Invalid number value."), ("email_verified", "yes", "Invalid boolean value."),
    ]

    @Test("So is a value of a standard attribute; one that was stored before may be sent back as it is")
    func standardBounds() async throws {
        try await Fixture.with { fixture in
            let pool = try await fixture.pool()
            let client = try await fixture.client(pool)
            func make(_ user: String, _ name: String, _ value: String) async throws {
                try await fixture.admin(
                    .adminCreateUser,
                    [
                        "UserPoolId": .string(pool), "Username": .string(user), "TemporaryPassword": "Temporary-1",
                        "UserAttributes": [["Name": .string(name), "Value": .string(value)]],
                    ])
            }
            func respond(_ value: String) async throws {
                let session = try #require(try await fixture.signIn(client, "ada", "Temporary-1")["Session"])
                _ = try await fixture.open(
                    .respondToAuthChallenge,
                    [
                        "ClientId": .string(client), "ChallengeName": "NEW_PASSWORD_REQUIRED", "Session": session,
                        "ChallengeResponses": ["USERNAME": "ada", "NEW_PASSWORD": "Correct-Horse-7", "userAttributes.birthdate": .string(value)],
                    ])
            }
            for (name, value, reason) in Self.wrongOfTheStandard {
                await expect(.schema("\(name): \(reason)\n"), "\(name) \(value)") { try await make("bob", name, value) }
            }
            let right = [("birthdate", "1815-12-10"), ("birthdate", ""), ("updated_at", "1800000000"), ("email_verified", "false"), ("name", "A")]
            for (number, (name, value)) in right.enumerated() { try await make("user\(number)", name, value) }

            try await make("ada", "birthdate", "1815-12-10")
            try await fixture.api.files.with(pool) {
                try $0.connection.run("UPDATE user SET attributes = '{\"birthdate\":\"1815\"}' WHERE name = 'ada'")
            }
            await expect(.schema("birthdate: String must be no shorter than 10 characters.\n")) { try await respond("1816") }
            try await respond("1815")
        }
    }

    @Test("Bounds are shown as they were given, and hold after the pool has been read again")
    func shown() async throws {
        try await Fixture.with { fixture in
            let pool = try await fixture.pool(schema)
            let described = try await fixture.admin(.describeUserPool, ["UserPoolId": .string(pool)])["UserPool"]?["SchemaAttributes"]?.array
            let own = try #require(described).filter { $0["Name"]?.string?.hasPrefix("custom:") == true }
            #expect(own[0]["StringAttributeConstraints"] == ["MinLength": "2", "MaxLength": "4"])
            #expect(own[1]["NumberAttributeConstraints"] == ["MinValue": "-1", "MaxValue": "10"])
            #expect(own[2]["NumberAttributeConstraints"] == nil && own[4]["AttributeDataType"] == "String")
        }
    }

    @Test(
        "A schema with bounds that are none, or that aren't kept, is refused",
        arguments: [
            ["Name": "code", "StringAttributeConstraints": ["MinLength": "5", "MaxLength": "4"]],
            ["Name": "code", "StringAttributeConstraints": ["MaxLength": "many"]],
            ["Name": "code", "StringAttributeConstraints": ["MaxLength": "-1"]],
            ["Name": "level", "AttributeDataType": "Number", "NumberAttributeConstraints": ["MinValue": "2", "MaxValue": "1"]],
            ["Name": "level", "AttributeDataType": "Number", "NumberAttributeConstraints": ["MinValue": "1e9"]],
            ["Name": "when", "AttributeDataType": "DateTime"],
            ["Name": "email", "StringAttributeConstraints": ["MinLength": "0", "MaxLength": "20"]],
            [
                "Name": "level", "AttributeDataType": "Number",
                "NumberAttributeConstraints": ["MinValue": "9007199254740993", "MaxValue": "9007199254740992"],
            ],
            ["Name": "custom:"],
        ] as [JSONObject])
    func refused(entry: JSONObject) async throws {
        try await Fixture.with { fixture in
            await #expect(throws: IdentityError.self) { _ = try await fixture.pool(["Schema": [.object(entry)]]) }
        }
    }

    @Test("An attribute has a name, and a standard one the type that it has anyway")
    func names() async throws {
        try await Fixture.with { fixture in
            func refused(_ entry: JSONValue) async -> IdentityError? {
                await #expect(throws: IdentityError.self) { _ = try await fixture.pool(["Schema": [entry]]) }
            }
            let missing = "1 validation error detected: Value null at 'schema.1.member.name' failed to satisfy constraint: Member must not be null"
            #expect(await refused(["AttributeDataType": "String"]) == IdentityError(.invalidParameter, missing))
            #expect(await refused(["Name": ""])?.message.contains("length greater than or equal to 1") == true)
            #expect(
                await refused(["Name": "email", "AttributeDataType": "Number"])
                    == .notSupported("AttributeDataType Number of the standard attribute email"))
            #expect(
                await refused(["Name": "sub", "AttributeDataType": "Boolean"])
                    == .notSupported("AttributeDataType Boolean of the standard attribute sub"))
        }
    }

    @Test(
        "Numbers are compared as they are written, however many digits they have",
        arguments: [
            ("9007199254740992", "9007199254740993"), ("-9007199254740993", "-9007199254740992"), ("-1", "0"), ("-0.10", "-0.09"),
            ("0.1", "0.10000000000000000000000000001"), ("9", "10"), ("-10", "-9"), ("0.09", "0.1"), ("-2", "1"), ("007", "8"),
        ])
    func exact(less: String, more: String) throws {
        let (left, right) = (try #require(DecimalNumber(less)), try #require(DecimalNumber(more)))
        #expect(left < right && !(right < left) && left != right)
    }

    @Test("A number has one value, however it is written")
    func equal() {
        for (left, right) in [("1", "01.0"), ("-0", "0.00"), ("-1.50", "-1.5")] { #expect(DecimalNumber(left) == DecimalNumber(right)) }
    }

    @Test("The largest value is not passed by one")
    func bound() async throws {
        try await Fixture.with { fixture in
            let pool = try await fixture.pool([
                "Schema": [
                    ["Name": "level", "AttributeDataType": "Number", "NumberAttributeConstraints": ["MaxValue": "9007199254740992"]]
                ]
            ])
            func make(_ value: String) async throws {
                try await fixture.admin(
                    .adminCreateUser,
                    [
                        "UserPoolId": .string(pool), "Username": "ada",
                        "UserAttributes": [["Name": "custom:level", "Value": .string(value)]],
                    ])
            }
            await expect(.schema("custom:level: Number must be no more than 9007199254740992.\n")) { try await make("9007199254740993") }
            try await make("9007199254740992.0")
        }
    }

    @Test("An attribute is described once")
    func twice() async throws {
        try await Fixture.with { fixture in
            await expect(IdentityError(.invalidParameter, "Duplicate attribute custom:tier")) {
                _ = try await fixture.pool(["Schema": [["Name": "tier", "Mutable": false], ["Name": "custom:tier", "Mutable": true]]])
            }
        }
    }

    @Test("What settings are stored as says nothing in a request")
    func storedForm() async throws {
        try await Fixture.with { fixture in
            let stored: JSONValue = [["Name": "when", "AttributeDataType": "DateTime"], ["Name": "tier", "Mutable": false], ["Name": "tier"]]
            let requests: [(JSONObject, [String])] = [
                (["SchemaAttributes": stored], []), (["Schema": [["Name": "free"]], "SchemaAttributes": stored], ["custom:free"]),
            ]
            for (request, names) in requests {
                let pool = try await fixture.pool(request)
                let described = try await fixture.admin(.describeUserPool, ["UserPoolId": .string(pool)])["UserPool"]?["SchemaAttributes"]?.array
                #expect(described?.compactMap { $0["Name"]?.string }.filter { $0.hasPrefix("custom:") } == names)
            }
            await expect(.notSupported("AttributeDataType DateTime")) {
                _ = try await fixture.pool(["Schema": [["Name": "when", "AttributeDataType": "DateTime"]], "SchemaAttributes": []])
            }
        }
    }

    @Test("A pool is shown with the standard attributes before its own, also after an update")
    func standardShown() async throws {
        try await Fixture.with { fixture in
            let made = try await fixture.admin(.createUserPool, ["PoolName": "demo", "Schema": [["Name": "tier", "Mutable": false]]])["UserPool"]
            let pool = try #require(made?["Id"])
            let shown = try #require(made?["SchemaAttributes"]?.array)
            #expect(
                shown.compactMap { $0["Name"]?.string } == [
                    "sub", "name", "given_name", "family_name", "middle_name", "nickname", "preferred_username", "profile", "picture", "website",
                    "email", "email_verified", "gender", "birthdate", "zoneinfo", "locale", "phone_number", "phone_number_verified", "address",
                    "updated_at", "custom:tier",
                ])
            func attribute(_ name: String) -> JSONValue? { shown.first { $0["Name"]?.string == name } }
            #expect(
                attribute("sub") == [
                    "Name": "sub", "AttributeDataType": "String", "DeveloperOnlyAttribute": false, "Mutable": false, "Required": true,
                    "StringAttributeConstraints": ["MinLength": "1", "MaxLength": "2048"],
                ])
            #expect(
                attribute("updated_at") == [
                    "Name": "updated_at", "AttributeDataType": "Number", "DeveloperOnlyAttribute": false, "Mutable": true, "Required": false,
                    "NumberAttributeConstraints": ["MinValue": "0"],
                ])
            #expect(attribute("birthdate")?["StringAttributeConstraints"] == ["MinLength": "10", "MaxLength": "10"])
            #expect(attribute("email_verified")?["AttributeDataType"] == "Boolean")
            #expect(attribute("email_verified")?["StringAttributeConstraints"] == nil)
            for _ in 0..<2 {
                let described = try await fixture.admin(.describeUserPool, ["UserPoolId": pool])["UserPool"]
                #expect(described?["SchemaAttributes"]?.array == shown)
                try await fixture.admin(.updateUserPool, ["UserPoolId": pool])
            }
            // What a pool shows can be the schema of the next.
            let next = try await fixture.admin(.createUserPool, ["PoolName": "next", "Schema": .array(shown.filter { $0["Name"] != "sub" })])
            #expect(next["UserPool"]?["SchemaAttributes"]?.array == shown)
        }
    }

    @Test("The bounds that standard attributes have anyway may be said")
    func standard() async throws {
        try await Fixture.with { fixture in
            _ = try await fixture.pool([
                "Schema": [
                    [
                        "Name": "email", "AttributeDataType": "String", "Mutable": true,
                        "StringAttributeConstraints": ["MinLength": "0", "MaxLength": "2048"],
                    ],
                    ["Name": "birthdate", "StringAttributeConstraints": ["MinLength": "10", "MaxLength": "10"]],
                    ["Name": "updated_at", "AttributeDataType": "Number", "NumberAttributeConstraints": ["MinValue": "0"]],
                    ["Name": "sub", "Mutable": false, "StringAttributeConstraints": ["MinLength": "1", "MaxLength": "2048"]],
                ]
            ])
        }
    }
}
