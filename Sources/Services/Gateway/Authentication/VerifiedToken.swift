import Contracts
import Encodings
import Synchronization
import Tokens
import Trust

/// A token whose signature, issuer and times were checked, with everything a request needs of it already made.
final class VerifiedToken: Sendable {
    enum Use: Sendable { case id, access }

    let pool: String
    let subject: String
    let use: Use
    /// `aud` of an id token, `client_id` of an access token.
    let client: String
    let scopes: [String]
    /// Sorted, each once.
    let groups: [String]
    let roles: [String]
    let expiresAt: Timestamp
    let identity: PreparedIdentity
    /// Shared by all tokens of the user.
    let allowance: Allowance

    /// Whose keys verified it, and which of their sets.
    let keys: IssuerKeys
    let keyEpoch: UInt64

    /// The policy last used with this token; most tokens are used with one route's authorizer only.
    let policy: Mutex<PolicyEntry?>

    init?(_ claims: TokenClaims, pool: String, keys: IssuerKeys, keyEpoch: UInt64, allowances: Allowances) {
        guard let subject = claims.subject, !subject.isEmpty else { return nil }
        switch claims[text: "token_use"] {
        case "id":
            // An id token is for exactly one client.
            guard claims.audience.count == 1, let audience = claims.audience.first, !audience.isEmpty else { return nil }
            use = .id
            client = audience
            scopes = []
        case "access":
            guard let id = claims[text: "client_id"], !id.isEmpty else { return nil }
            use = .access
            client = id
            scopes = claims.scopes
        default: return nil
        }
        self.pool = pool
        self.subject = subject
        groups = Self.sorted(claims.list("cognito:groups"))
        roles = Self.sorted(claims.list("cognito:roles"))
        expiresAt = claims.expiresAt
        let username = claims[text: use == .id ? "cognito:username" : "username"]
        identity = PreparedIdentity(
            CallerIdentity(method: .jwt, subject: subject, tenant: pool, username: username, groups: groups, scopes: scopes))
        allowance = allowances.ofUser(subject, in: pool)
        self.keys = keys
        self.keyEpoch = keyEpoch
        policy = Mutex(nil)
    }

    private static func sorted(_ names: [String]) -> [String] {
        names.count < 2 ? names : Set(names).sorted()
    }
}
