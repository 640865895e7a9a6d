import JSON
import Testing

@testable import Identity

@Suite("What an app client says of OAuth 2.0")
struct ClientOAuthTests {
    @Test("What the service allows is shown as it came")
    func shown() async throws {
        try await Fixture.with { fixture in
            let pool = try await fixture.pool()
            let given: JSONObject = [
                "CallbackURLs": [
                    "https://example.com/cb?x=1", "http://localhost", "http://localhost:3000/cb", "http://localhost/cb", "http://LOCALHOST:1",
                    "http://127.0.0.1:3000/cb", "http://[::1]/", "my.app+x-1://cb",
                    "myapp://",
                ],
                "LogoutURLs": ["https://example.com"], "DefaultRedirectURI": "http://localhost:3000/cb", "AllowedOAuthFlows": ["code", "implicit"],
                "AllowedOAuthScopes": ["openid", "email", "phone", "profile", "aws.cognito.signin.user.admin"],
                "SupportedIdentityProviders": ["COGNITO"],
            ]
            let made = try await fixture.clientJSON(pool, given)
            for member in given.members { #expect(made[member.name] == member.value) }
            let machine = try await fixture.clientJSON(pool, ["GenerateSecret": true, "AllowedOAuthFlows": ["client_credentials"]])
            #expect(machine["AllowedOAuthFlows"] == ["client_credentials"])
        }
    }

    @Test(
        "An address to be redirected to is absolute, has no fragment, and is HTTPS, an app's own, or on localhost",
        arguments: [
            "/cb", "cb", "example.com/cb", "https:", "https://", "https:///cb", "https://?x", "https://example.com/#",
            "https://example.com/#\u{308}x", "http://localhost:+80/", "http://localhost:/", "https://example.com/cb#x",
            "http://example.com", "http://localhost.example.com", "http://localhost@example.com", "http://localhost:3000@example.com",
            "HTTP://example.com", "http://127.0.0.1.example.com", "http://localhost:x/", "http://localhost:-0/", "http://[::1]:65536/",
            "http://[::2]/", "http:localhost", "1app://cb", "my_app://cb", "://cb",
            "javascript:alert(1)", "https://exa mple.com",
        ])
    func redirects(url: String) async throws {
        try await Fixture.with { fixture in
            let pool = try await fixture.pool()
            for name in ["CallbackURLs", "LogoutURLs"] {
                let error = await #expect(throws: IdentityError.self) {
                    _ = try await fixture.client(pool, [name: ["https://example.com", .string(url)]])
                }
                #expect(error?.kind == .invalidParameter)
            }
        }
    }

    @Test("The default address is one of them")
    func defaultRedirect() async throws {
        try await Fixture.with { fixture in
            let pool = try await fixture.pool()
            for more in [[:], ["CallbackURLs": ["https://example.com/"]], ["LogoutURLs": ["https://example.com"]]] as [JSONObject] {
                await expect(IdentityError(.invalidParameter, "DefaultRedirectURI must be one of CallbackURLs.")) {
                    _ = try await fixture.client(pool, ["DefaultRedirectURI": "https://example.com"] as JSONObject + more)
                }
            }
        }
    }

    @Test("A client that gets tokens for itself does nothing else, and has a secret")
    func clientCredentials() async throws {
        try await Fixture.with { fixture in
            let pool = try await fixture.pool()
            for other in ["code", "implicit"] as [JSONValue] {
                await expect(
                    IdentityError(.invalidOAuthFlow, "client_credentials flow can not be selected along with code flow or implicit flow.")
                ) { _ = try await fixture.client(pool, ["GenerateSecret": true, "AllowedOAuthFlows": [other, "client_credentials"]]) }
            }
            await expect(
                IdentityError(.invalidOAuthFlow, "client_credentials flow can not be selected if client does not have a client secret.")
            ) { _ = try await fixture.client(pool, ["AllowedOAuthFlows": ["client_credentials"]]) }
        }
    }

    @Test("Scopes of resource servers, other identity providers and secrets that we haven't made are refused by name")
    func unsupported() async throws {
        try await Fixture.with { fixture in
            let pool = try await fixture.pool()
            for scope in ["notes/read", "OpenID", "address"] {
                await expect(IdentityError(.scopeDoesNotExist, "Invalid scope requested: \(scope)")) {
                    _ = try await fixture.client(pool, ["AllowedOAuthScopes": ["openid", .string(scope)]])
                }
            }
            await expect(.notSupported("Identity provider Google")) {
                _ = try await fixture.client(pool, ["SupportedIdentityProviders": ["COGNITO", "Google"]])
            }
            let refused: [(String, JSONValue)] = [
                ("ClientSecret", .string(String(repeating: "s", count: 32))), ("AnalyticsConfiguration", ["UserDataShared": false]),
                ("RefreshTokenRotation", ["Feature": "ENABLED"]),
            ]
            for (name, value) in refused { await expect(.notSupported(name)) { _ = try await fixture.client(pool, [name: value]) } }
            for wrong in [[:], ["Feature": "MAYBE"], ["Feature": "DISABLED", "RetryGracePeriodSeconds": 61]] as [JSONValue] {
                let error = await #expect(throws: IdentityError.self) { _ = try await fixture.client(pool, ["RefreshTokenRotation": wrong]) }
                #expect(error?.kind == .invalidParameter)
            }
            _ = try await fixture.client(pool, ["RefreshTokenRotation": ["Feature": "DISABLED"]])
        }
    }

    @Test("No client was registered by itself")
    func types() async throws {
        try await Fixture.with { fixture in
            let pool = try await fixture.pool()
            _ = try await fixture.client(pool)
            for (type, count) in [("REGULAR", 1), ("DCR", 0)] {
                let list = try await fixture.admin(.listUserPoolClients, ["UserPoolId": .string(pool), "ClientType": .string(type)])
                #expect(list["UserPoolClients"]?.array?.count == count)
            }
        }
    }
}
