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
    /// Clients of whom one must be in `aud` or, in an access token without `aud`, be `client_id`. Nil accepts every client of the issuer.
    public var clients: Set<String>?
    /// Seconds by which the issuer's clock may differ from ours.
    public var clockSkew: Int64

    public init(issuer: String, use: Use? = nil, clients: Set<String>? = nil, clockSkew: Int64 = 0) {
        self.issuer = issuer
        self.use = use
        self.clients = clients
        self.clockSkew = clockSkew
    }

    /// RFC 8725 §3.11: a token of another explicit type (our own identity header, a logout token) is not one of these.
    func check(_ header: JOSEHeader) throws(TokenError) {
        guard let type = header.type?.lowercased() else { return }
        guard type == "jwt" || type == "at+jwt" || type == "application/at+jwt" else { throw .wrongType }
    }

    func check(_ claims: TokenClaims, at now: Timestamp) throws(TokenError) {
        guard claims.issuer == issuer else { throw .wrongIssuer }
        if let use, claims[text: "token_use"] != use.rawValue { throw .wrongUse }
        if let clients, !isAccepted(claims, by: clients) { throw .wrongAudience }
        guard now < claims.expiresAt.adding(seconds: clockSkew) else { throw .expired }
        if let notBefore = claims.notBefore, now.adding(seconds: clockSkew) < notBefore { throw .notYetValid }
    }

    private func isAccepted(_ claims: TokenClaims, by clients: Set<String>) -> Bool {
        if claims.hasAudience { return claims.audience.contains { clients.contains($0) } }
        return claims[text: "client_id"].map { clients.contains($0) } ?? false
    }
}
