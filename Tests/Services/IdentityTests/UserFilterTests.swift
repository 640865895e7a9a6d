import Encodings
import JSON
import Testing

@testable import Identity

@Suite("Filters of ListUsers")
struct UserFilterTests {
    @Test("ListUsers filters by equality and by prefix, and shows the attributes asked for")
    func filters() async throws {
        try await Fixture.with { fixture in
            let pool = try await fixture.pool(Fixture.ignoringCase)
            for name in ["anna", "andrea", "bert"] {
                try await fixture.admin(
                    .adminCreateUser,
                    [
                        "UserPoolId": .string(pool), "Username": .string(name),
                        "UserAttributes": [["Name": "email", "Value": .string("\(name)@example.com")], ["Name": "name", "Value": "say \"hi\""]],
                    ])
            }
            func names(_ filter: String) async throws -> [String] {
                let answer = try await fixture.admin(.listUsers, ["UserPoolId": .string(pool), "Filter": .string(filter)])
                return answer["Users"]?.array?.compactMap { $0["Username"]?.string } ?? []
            }
            #expect(try await names(#"username ^= "an""#) == ["anna", "andrea"])
            #expect(try await names(#"username = "BERT""#) == ["bert"])
            #expect(try await names(#"email="anna@example.com""#) == ["anna"])
            #expect(try await names(#"name = "say \"hi\"""#).count == 3)
            #expect(try await names(#"cognito:user_status = "CONFIRMED""#) == [])
            #expect(try await names(#"cognito:user_status = "force_change_password""#).count == 3)
            #expect(try await names(#"status = "Enabled""#).count == 3)
            #expect(try await names(#"status = "enabled""#) == [])
            #expect(try await names("").count == 3)
            #expect(try await names(#"name = "say \hi""#) == [])
            #expect(try await names(#"username = """#) == [])
            let malformed = [
                "username", "username = anna", #"custom:x = "1""#, #"password ^= "a""#, "=", #"username = ""#,
                #"username = "anna" and email = "anna@example.com""#, #"username = "anna""bert""#, #"username = "anna" or "bert""#,
                #"username = "anna\""#, #"username = anna""#, #"name = "say "hi"""#, #"username = "anna"x"#,
            ]
            for bad in malformed {
                await expect(IdentityError(.invalidParameter, "Error while parsing filter."), "\(bad)") { _ = try await names(bad) }
            }
            let answer = try await fixture.admin(.listUsers, ["UserPoolId": .string(pool), "AttributesToGet": ["email"], "Limit": 1])
            #expect(answer["Users"]?[0]?["Attributes"] == [["Name": "email", "Value": "anna@example.com"]])
            for unknown in ["mail", "custom:plan", "Email"] {
                await expect(.noSuchAttributes, "\(unknown)") {
                    try await fixture.admin(.listUsers, ["UserPoolId": .string(pool), "AttributesToGet": ["email", .string(unknown)]])
                }
            }
        }
    }

    @Test("A filter tells names apart by their bytes, as users are")
    func filterBytes() async throws {
        try await Fixture.with { fixture in
            let pool = try await fixture.pool()
            let users = ["K", "\u{212A}", "é", "e\u{301}", "\u{301}x", "👍", "👍🏽", "\u{1F3FD}"]
            for name in users { try await fixture.admin(.adminCreateUser, ["UserPoolId": .string(pool), "Username": .string(name)]) }
            func names(_ filter: String) async throws -> [[UInt8]] {
                let answer = try await fixture.admin(.listUsers, ["UserPoolId": .string(pool), "Filter": .string(filter)])
                return answer["Users"]?.array?.compactMap { $0["Username"]?.string.map { Array($0.utf8) } } ?? []
            }
            for name in users { #expect(try await names("username = \"\(name)\"") == [Array(name.utf8)], "\(name)") }
            #expect(try await names("username ^= \"e\"") == [Array("e\u{301}".utf8)])
            #expect(try await names("username ^= \"👍\"").count == 2)
        }
    }
}
