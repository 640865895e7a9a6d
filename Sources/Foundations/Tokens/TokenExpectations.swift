import Encodings
import JSON

/// What a verified token must say to be accepted somewhere.
public struct TokenExpectations: Sendable {
    /// Cognito's `token_use`.
    public enum Use: String, Sendable {
        case id, access
    }

    /// Compared byte for byte.
    public var issuer: String
    /// Nil accepts any use, and a token of an issuer that doesn't know `token_use`.
    public var use: Use?

    public init(issuer: String, use: Use? = nil) {
        self.issuer = issuer
        self.use = use
    }

    /// RFC 8725 §3.11: a token of another explicit type (our own identity header, a logout token) is not one of these.
    func check(_ header: JOSEHeader) throws(TokenError) {
        guard let type = header.type?.lowercased() else { return }
        guard type == "jwt" || type == "at+jwt" || type == "application/at+jwt" else { throw .wrongType }
    }

    func check(_ claims: TokenClaims, at now: Timestamp) throws(TokenError) {
        guard claims.issuer == issuer else { throw .wrongIssuer }
        if let use, claims[text: "token_use"] != use.rawValue { throw .wrongUse }
        guard now < claims.expiresAt else { throw .expired }
        if let notBefore = claims.notBefore, now < notBefore { throw .notYetValid }
    }
}
