import Bytes
import Encodings
import JSON

/// What CreateUserPoolClient says of what isn't done here yet: refused by name, or, of OAuth 2.0, checked as the service does and shown. Clients of earlier
/// releases stay as they are.
extension UserPoolClient {
    /// All there are without a resource server.
    private static let scopes: Set<String> = ["openid", "email", "phone", "profile", "aws.cognito.signin.user.admin"]

    static func refuseWhatIsNotDone(_ input: Input) throws(IdentityError) {
        try input.refuse("ClientSecret", "AnalyticsConfiguration")
        if input.raw("RefreshTokenRotation")?["Feature"] == "ENABLED" { throw .notSupported("RefreshTokenRotation") }
    }

    /// What the service refuses of members that are each well formed.
    func checkSettings() throws(IdentityError) {
        if settings["EnablePropagateAdditionalUserContextData"] == true, secret == nil {
            throw IdentityError(.invalidParameter, "EnablePropagateAdditionalUserContextData takes a client with a secret.")
        }
        try checkOAuth()
    }

    private func checkOAuth() throws(IdentityError) {
        for name in ["CallbackURLs", "LogoutURLs"] {
            for url in texts(name) where !Self.isRedirect(url) {
                throw IdentityError(
                    .invalidParameter,
                    "\(url.prefix(128)) in \(name) must be absolute, without a fragment, and HTTPS, an app's own scheme or on http://localhost.")
            }
        }
        if let url = settings["DefaultRedirectURI"]?.string, !texts("CallbackURLs").contains(url) {
            throw IdentityError(.invalidParameter, "DefaultRedirectURI must be one of CallbackURLs.")
        }
        let (flows, scopes) = (texts("AllowedOAuthFlows"), texts("AllowedOAuthScopes"))
        if settings["AllowedOAuthFlowsUserPoolClient"] == true, flows.isEmpty || scopes.isEmpty {
            throw IdentityError(
                .invalidParameter, "AllowedOAuthFlows and AllowedOAuthScopes are required if user pool client is allowed to use OAuth flows.")
        }
        if flows.contains("client_credentials") {
            let refusal = "client_credentials flow can not be selected"
            if flows.count > 1 { throw IdentityError(.invalidOAuthFlow, "\(refusal) along with code flow or implicit flow.") }
            if secret == nil { throw IdentityError(.invalidOAuthFlow, "\(refusal) if client does not have a client secret.") }
            if scopes.contains("openid") { throw IdentityError(.invalidOAuthFlow, "openid is not supported with client_credentials flow.") }
        }
        if flows.contains("code") || flows.contains("implicit"), texts("CallbackURLs").isEmpty {
            throw IdentityError(.invalidOAuthFlow, "CallbackUrls can not be empty when code flow or implicit flow is selected.")
        }
        for scope in scopes where !Self.scopes.contains(scope) {
            throw IdentityError(.scopeDoesNotExist, "Invalid scope requested: \(scope)")
        }
        for provider in texts("SupportedIdentityProviders") where provider != "COGNITO" { throw .notSupported("Identity provider \(provider)") }
    }

    private func texts(_ name: String) -> [String] { settings[name]?.array?.compactMap(\.string) ?? [] }

    /// RFC 3986 §4.3 `scheme "://" …`; with an authority where the scheme is the web's, and no other than this machine without TLS.
    private static func isRedirect(_ url: String) -> Bool {
        guard !url.utf8.contains(UInt8(ascii: "#")), let mark = url.firstRange(of: "://") else { return false }
        let (scheme, rest) = (url[..<mark.lowerBound].lowercased(), url[mark.upperBound...])
        guard isScheme(scheme.utf8) else { return false }
        let authority = rest.prefix { !"/?".contains($0) }
        switch scheme {
        case "https": return !authority.isEmpty
        case "http": return isThisMachine(authority.lowercased())
        default: return true
        }
    }

    /// With a port, perhaps.
    private static func isThisMachine(_ authority: String) -> Bool {
        guard let host = ["localhost", "127.0.0.1", "[::1]"].first(where: authority.hasPrefix) else { return false }
        let port = authority.dropFirst(host.count)
        return port.isEmpty || port.first == ":" && Decimal.parse(String(port.dropFirst())).map { $0 <= UInt16.max } == true
    }

    /// §3.1: a letter, then letters, digits, plus, minus and dots.
    private static func isScheme(_ text: String.UTF8View) -> Bool {
        text.first?.isLetter == true && text.allSatisfy { $0.isAlphanumeric || "+-.".utf8.contains($0) }
    }
}
