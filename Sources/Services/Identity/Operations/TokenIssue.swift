import Crypto
import Encodings
import JSON
import Tokens

/// What goes into the tokens of one sign-in (contract §5.1).
struct TokenIssue: Sendable {
    let issuer: String
    let user: User
    /// The one that decides first.
    let groups: [UserGroup]
    let client: UserPoolClient
    /// These two survive a refresh; the other times and ids don't.
    let authenticatedAt: Timestamp
    let originID: UUID
    let now: Timestamp

    /// The scope of a token that signing in by the API gives.
    static let scope = "aws.cognito.signin.user.admin"

    /// Signs the id and the access token. Takes a millisecond: on a signature thread only.
    func sign(with keys: PoolKeys) throws(CryptoError) -> (id: String, access: String) {
        let event = Identifiers.uuid()
        return (try keys.id.sign(idClaims(event)), try keys.access.sign(accessClaims(event)))
    }

    /// What the refresh token seals; the password's generation, so that it ends with the password.
    var refreshClaims: JSONObject {
        [
            "sub": .string(user.subject.description), "client": .string(client.id), "origin_jti": .string(originID.description),
            "auth_time": .integer(authenticatedAt.seconds), "exp": .integer(authenticatedAt.seconds + client.validity.refresh),
            "generation": .integer(user.generation),
        ]
    }

    private func idClaims(_ event: UUID) -> [UInt8] {
        var claims = commonClaims(event)
        // What people may set can't replace what we say: those names come after.
        var attributes: JSONObject = [:]
        for attribute in user.attributes where client.canRead(attribute.name) && !attribute.value.isEmpty {
            attributes[attribute.name] = Self.claim(attribute)
        }
        claims["cognito:username"] = .string(user.username)
        // Of the groups that have one; two that come first with different roles leave none preferred.
        let holders = groups.filter { $0.roleARN != nil }
        let first = Set(holders.filter { $0.precedence == holders[0].precedence }.compactMap(\.roleARN))
        if first.count == 1, let preferred = first.first { claims["cognito:preferred_role"] = .string(preferred) }
        claims["aud"] = .string(client.id)
        claims["token_use"] = "id"
        putTimes(into: &claims, validity: client.validity.id)
        return JSON.encode(.object(attributes.merging(claims)))
    }

    private func accessClaims(_ event: UUID) -> [UInt8] {
        var claims = commonClaims(event)
        claims["client_id"] = .string(client.id)
        claims["token_use"] = "access"
        claims["scope"] = .string(Self.scope)
        putTimes(into: &claims, validity: client.validity.access)
        claims["username"] = .string(user.username)
        return JSON.encode(.object(claims))
    }

    private func commonClaims(_ event: UUID) -> JSONObject {
        var claims: JSONObject = ["sub": .string(user.subject.description)]
        if !groups.isEmpty { claims["cognito:groups"] = .texts(groups.map(\.name)) }
        // In both tokens, unlike Cognito's: what a role denies it denies whichever of them comes.
        var roles: [String] = []
        for role in groups.compactMap(\.roleARN) where !roles.contains(role) { roles.append(role) }
        if !roles.isEmpty { claims["cognito:roles"] = .texts(roles) }
        claims["iss"] = .string(issuer)
        claims["origin_jti"] = .string(originID.description)
        claims["event_id"] = .string(event.description)
        return claims
    }

    private func putTimes(into claims: inout JSONObject, validity: Int64) {
        claims["auth_time"] = .integer(authenticatedAt.seconds)
        claims["exp"] = .integer(now.seconds + validity)
        claims["iat"] = .integer(now.seconds)
        claims["jti"] = .string(Identifiers.uuid().description)
    }

    /// OpenID Connect Core §5.1 has types; a pool's own attributes are text always.
    private static func claim(_ attribute: UserAttribute) -> JSONValue {
        switch attribute.name {
        case "email_verified", "phone_number_verified": .bool(attribute.isTrue)
        case "updated_at": Int64(attribute.value).map { .integer($0) } ?? .string(attribute.value)
        case "address": ["formatted": .string(attribute.value)]
        default: .string(attribute.value)
        }
    }
}
