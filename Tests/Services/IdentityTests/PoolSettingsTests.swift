import JSON
import SQLite
import Testing

@testable import Identity

@Suite("A pool's settings that are stored and shown")
struct PoolSettingsTests {
    /// As much as the service's model has, and no more.
    private static let right: JSONObject = [
        "EmailVerificationMessage": "Your code\nis {####}.", "EmailVerificationSubject": "Your code", "SmsVerificationMessage": "{####} it is",
        "SmsAuthenticationMessage": "{####} it is",
        "VerificationMessageTemplate": [
            "DefaultEmailOption": "CONFIRM_WITH_LINK", "SmsMessage": "{####} it is", "EmailMessage": "It is {####}.", "EmailSubject": "Your code",
            "EmailMessageByLink": "Click {##here, please##}.", "EmailSubjectByLink": "Your link",
        ],
        "UserAttributeUpdateSettings": ["AttributesRequireVerificationBeforeUpdate": ["email"]],
        "EmailConfiguration": [
            "EmailSendingAccount": "DEVELOPER", "SourceArn": "arn:aws:ses:us-east-1:000000000000:identity/a@example.com",
            "ReplyToEmailAddress": "a@example.com", "From": "Ada <a@example.com>", "ConfigurationSet": "set-1",
        ],
        "SmsConfiguration": [
            "SnsCallerArn": "arn:aws:iam::000000000000:role/sms", "ExternalId": "x", "SnsRegion": "us-east-1",
            "EumsSms": ["CallerArn": "arn:aws:iam::000000000000:role/sms", "Region": "us-east-1"],
        ],
        "UserPoolTags": ["stage": "test", "empty": ""],
        "AdminCreateUserConfig": [
            "AllowAdminCreateUserOnly": true, "UnusedAccountValidityDays": 365,
            "InviteMessageTemplate": ["SMSMessage": "{username} {####}", "EmailMessage": "{username}\n{####}", "EmailSubject": "Welcome"],
        ],
        "AccountRecoverySetting": [
            "RecoveryMechanisms": [["Priority": 2, "Name": "verified_email"], ["Priority": 1, "Name": "verified_phone_number"]]
        ],
    ]

    @Test("What the model allows is shown as it came, after an update too; what it hasn't is left out")
    func shown() async throws {
        try await Fixture.with { fixture in
            let pool = try await fixture.pool(Self.right + ["EmailConfiguration": ["EmailSendingAccount": "DEVELOPER", "Fax": 5]])
            func shown() async throws -> JSONValue? { try await fixture.admin(.describeUserPool, ["UserPoolId": .string(pool)])["UserPool"] }
            #expect(try await shown()?["EmailConfiguration"] == ["EmailSendingAccount": "DEVELOPER"])
            try await fixture.admin(.updateUserPool, Self.right + ["UserPoolId": .string(pool)])
            for member in Self.right.members { #expect(try await shown()?[member.name] == member.value) }
        }
    }

    private static let wrongTypes: [(String, JSONValue)] = [
        ("UserPoolTags", ["a": 5]), ("UserPoolTags", ["a": .null]), ("UserPoolTags", "a"), ("EmailVerificationMessage", 5),
        ("AccountRecoverySetting", ["RecoveryMechanisms": [5]]), ("AccountRecoverySetting", ["RecoveryMechanisms": [.null]]),
        ("AccountRecoverySetting", ["RecoveryMechanisms": [["Priority": "1", "Name": "admin_only"]]]),
        ("AdminCreateUserConfig", ["AllowAdminCreateUserOnly": "yes"]), ("AdminCreateUserConfig", ["UnusedAccountValidityDays": true]),
        ("AdminCreateUserConfig", ["InviteMessageTemplate": []]), ("EmailConfiguration", ["From": 5]), ("SmsConfiguration", ["SnsRegion": true]),
        ("UserAttributeUpdateSettings", ["AttributesRequireVerificationBeforeUpdate": "email"]),
        ("VerificationMessageTemplate", ["DefaultEmailOption": 1]), ("Policies", ["PasswordPolicy": 5]), ("Policies", ["SignInPolicy": []]),
        ("Policies", ["SignInPolicy": ["AllowedFirstAuthFactors": "PASSWORD"]]),
    ]

    private static let wrongValues: [(String, JSONValue)] = [
        ("UserPoolTags", ["": "x"]), ("UserPoolTags", ["a": .string(String(repeating: "x", count: 257))]),
        ("AccountRecoverySetting", ["RecoveryMechanisms": []]),
        ("AccountRecoverySetting", ["RecoveryMechanisms": [["Priority": 3, "Name": "admin_only"]]]),
        ("AccountRecoverySetting", ["RecoveryMechanisms": [["Priority": 1, "Name": "by_pigeon"]]]),
        ("AccountRecoverySetting", ["RecoveryMechanisms": [["Priority": 1]]]), ("AccountRecoverySetting", ["RecoveryMechanisms": [[:]]]),
        (
            "AccountRecoverySetting",
            ["RecoveryMechanisms": [["Priority": 1, "Name": "verified_email"], ["Priority": 1, "Name": "verified_phone_number"]]]
        ),
        (
            "AccountRecoverySetting",
            ["RecoveryMechanisms": [["Priority": 1, "Name": "verified_email"], ["Priority": 2, "Name": "verified_email"]]]
        ),
        ("AdminCreateUserConfig", ["UnusedAccountValidityDays": 366]), ("AdminCreateUserConfig", ["UnusedAccountValidityDays": -1]),
        ("EmailConfiguration", ["EmailSendingAccount": "MINE"]), ("EmailConfiguration", ["SourceArn": "arn:aws:ses"]),
        ("EmailConfiguration", ["ReplyToEmailAddress": "nobody"]), ("EmailConfiguration", ["ConfigurationSet": "a b"]),
        ("SmsConfiguration", ["SnsRegion": "x"]), ("SmsConfiguration", ["EumsSms": ["Region": "us-east-1"]]),
        ("UserAttributeUpdateSettings", ["AttributesRequireVerificationBeforeUpdate": ["name"]]),
        ("VerificationMessageTemplate", ["DefaultEmailOption": "CONFIRM"]), ("VerificationMessageTemplate", ["EmailMessageByLink": "{###} here"]),
        ("EmailVerificationMessage", "Your code"), ("EmailVerificationMessage", "{####}\u{0}"), ("SmsVerificationMessage", "Your code"),
        ("SmsVerificationMessage", .string("{####}" + String(repeating: "x", count: 135))), ("SmsAuthenticationMessage", "{###}..."),
        ("EmailVerificationSubject", ""), ("UserPoolAddOns", [:]),
    ]

    @Test("A value of the wrong type is a SerializationException, one out of bounds an InvalidParameterException, at creation and update")
    func refused() async throws {
        try await Fixture.with { fixture in
            let pool = try await fixture.pool()
            let requests: [(Operation, JSONObject)] = [(.createUserPool, ["PoolName": "x"]), (.updateUserPool, ["UserPoolId": .string(pool)])]
            for (kind, settings) in [(IdentityError.Kind.serialization, Self.wrongTypes), (.invalidParameter, Self.wrongValues)] {
                for (name, value) in settings {
                    for (operation, request) in requests {
                        let error = await #expect(throws: IdentityError.self, "\(name) \(value)") {
                            try await fixture.admin(operation, request + [name: value])
                        }
                        #expect(error?.kind == kind, "\(name) \(value): \(error?.message ?? "")")
                    }
                }
            }
        }
    }

    @Test(
        "What would change who is let in, and can't be done, is refused by name",
        arguments: [
            "DeviceConfiguration", "KeyConfiguration", "IssuerConfiguration", "DcrConfiguration", "AcrConfiguration",
        ])
    func unsupported(name: String) async throws {
        try await Fixture.with { fixture in
            let pool = try await fixture.pool([name: .null])
            await expect(.notSupported(name)) { _ = try await fixture.pool([name: [:]]) }
            await expect(.notSupported(name)) { try await fixture.admin(.updateUserPool, ["UserPoolId": .string(pool), name: [:]]) }
        }
    }

    @Test("Settings of an earlier release that would be refused now are read and shown as they are")
    func earlier() async throws {
        try await Fixture.with { fixture in
            let pool = try await fixture.pool()
            let client = try await fixture.client(pool)
            let settings = #"{"UserPoolTags":{"a":5},"EmailVerificationMessage":"none","AccountRecoverySetting":{"RecoveryMechanisms":[5]}}"#
            let grants = #"{"CallbackURLs":["nowhere"],"AllowedOAuthScopes":["a/b"],"SupportedIdentityProviders":["Google"]}"#
            try await fixture.api.index.run("UPDATE pool SET settings = ?", settings)
            try await fixture.api.index.run("UPDATE client SET settings = ?", grants)
            let shown = try await fixture.admin(.describeUserPool, ["UserPoolId": .string(pool)])["UserPool"]
            #expect(shown?["EmailVerificationMessage"] == "none")
            let seen = try await fixture.admin(.describeUserPoolClient, ["UserPoolId": .string(pool), "ClientId": .string(client)])
            #expect(seen["UserPoolClient"]?["CallbackURLs"] == ["nowhere"])
            try await fixture.admin(.updateUserPool, ["UserPoolId": .string(pool)])
        }
    }

    @Test("Messages are wished for by SMS or e-mail, and no other way")
    func deliveryMediums() async throws {
        try await Fixture.with { fixture in
            let pool = try await fixture.pool()
            func make(_ mediums: JSONValue) async throws {
                try await fixture.admin(
                    .adminCreateUser, ["UserPoolId": .string(pool), "Username": "ada", "DesiredDeliveryMediums": mediums])
            }
            for wrong in [["PIGEON"], ["EMAIL", "email"]] as [JSONValue] {
                let error = await #expect(throws: IdentityError.self) { try await make(wrong) }
                #expect(error?.kind == .invalidParameter)
            }
            for wrong in ["EMAIL", [5]] as [JSONValue] {
                let error = await #expect(throws: IdentityError.self) { try await make(wrong) }
                #expect(error?.kind == .serialization)
            }
            try await make(["SMS", "EMAIL"])
        }
    }
}

extension IdentityIndex {
    fileprivate func run(_ statement: StaticString, _ text: String) throws { try connection.run(statement, .text(text)) }
}
