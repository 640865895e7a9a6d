import Encodings
import JSON
import Tokens

/// What follows from a token: REFRESH_TOKEN_AUTH and GetUser; and the tokens of a sign-in.
extension IdentityAPI {
    /// New id and access tokens; `auth_time` and `origin_jti` stay, and so does the refresh token. The user must be as good as at the sign-in:
    /// enabled, confirmed, and of the same password.
    func refresh(_ parameters: AuthParameters, _ client: UserPoolClient, _ pool: UserPool, _ call: APICall) async throws -> JSONObject {
        let token = try parameters.text("REFRESH_TOKEN")
        guard let claims = try await files.keys(of: pool.id).sealer.open(refresh: token), claims["client"]?.string == client.id,
            let subject = claims["sub"]?.string.flatMap({ UUID($0) }), let origin = claims["origin_jti"]?.string.flatMap({ UUID($0) }),
            let authenticated = claims["auth_time"]?.int, let expiry = claims["exp"]?.int, let generation = claims["generation"]?.int
        else { throw IdentityError.invalidRefreshToken }
        guard call.now.seconds < expiry else { throw IdentityError.refreshTokenExpired }
        guard let user = try await files.with(pool.id, { try $0.user(subject: subject) }) else { throw IdentityError.invalidRefreshToken }
        guard user.isEnabled else { throw IdentityError.userDisabled }
        guard user.generation == generation, user.status == .confirmed else { throw IdentityError.refreshTokenRevoked }
        try SecretHash.check(parameters["SECRET_HASH"], client: client, usernames: [user.username, subject.description])
        return try await tokens(
            for: user, client, pool, call, authenticatedAt: Timestamp(seconds: authenticated), originID: origin, withRefreshToken: false)
    }

    /// The result of a sign-in, or of its refresh.
    func tokens(
        for user: User, _ client: UserPoolClient, _ pool: UserPool, _ call: APICall, authenticatedAt: Timestamp? = nil, originID: UUID? = nil,
        withRefreshToken: Bool = true
    ) async throws -> JSONObject {
        let groups = try await files.with(pool.id) { try $0.groups(of: user.id) }
        let keys = try await files.keys(of: pool.id, signing: client.validity)
        let issue = TokenIssue(
            issuer: issuer(of: pool.id), user: user, groups: groups, client: client, authenticatedAt: authenticatedAt ?? call.now,
            originID: originID ?? Identifiers.uuid(), now: call.now)
        let signed = try await compute(on: signatures) { try issue.sign(with: keys) }
        var result: JSONObject = ["AccessToken": .string(signed.access), "ExpiresIn": .integer(client.validity.access), "TokenType": "Bearer"]
        if withRefreshToken { result["RefreshToken"] = .string(keys.sealer.seal(refresh: issue.refreshClaims)) }
        result["IdToken"] = .string(signed.id)
        return ["ChallengeParameters": [:], "AuthenticationResult": .object(result)]
    }

    func getUser(_ input: inout Input, _ call: APICall) async throws -> JSONObject {
        let token = try input.text("AccessToken", .token)
        try input.check()
        let (user, client) = try await owner(ofAccessToken: token, call)
        let shown = user.allAttributes.filter { client.canRead($0.name) }
        return ["Username": .string(user.username), "UserAttributes": .array(shown.map(\.json))]
    }

    /// The user an access token of ours was issued to. The key is found by its id; the pool follows from the key, and the issuer must be that pool's.
    func owner(ofAccessToken token: String, _ call: APICall) async throws -> (user: User, client: UserPoolClient) {
        let claims: TokenClaims
        let pool: UserPool
        do {
            let jws = try JWS(parsing: token.utf8.span)
            guard let keyID = jws.header.keyID, let found = try await index.pool(withKey: keyID) else { throw IdentityError.invalidAccessToken }
            pool = found
            let keys = try await files.keys(of: pool.id).accessKeys
            claims = try keys.verify(jws, expecting: TokenExpectations(issuer: issuer(of: pool.id), use: .access), at: call.now)
        } catch let error as TokenError {
            throw error == .expired ? IdentityError.accessTokenExpired : IdentityError.invalidAccessToken
        }
        guard claims.scopes.contains(TokenIssue.scope) else { throw IdentityError(.notAuthorized, "Access Token does not have required scopes") }
        guard let subject = claims.subject.flatMap({ UUID($0) }), let user = try await files.with(pool.id, { try $0.user(subject: subject) }) else {
            throw IdentityError.noSuchUser
        }
        guard user.isEnabled else { throw IdentityError.userDisabled }
        guard let client = try await index.client(claims[text: "client_id"] ?? "")?.client else { throw IdentityError.invalidAccessToken }
        return (user, client)
    }
}
