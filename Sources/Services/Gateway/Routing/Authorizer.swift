import HTTP

/// How a route authenticates its caller.
final class Authorizer: Sendable {
    enum Kind: Hashable, Sendable {
        /// REST API's `cognito_user_pools`: an id token, or an access token where the route asks for scopes, bare or after `Bearer `.
        case userPools(UserPools)
        /// HTTP API's `jwt`: one issuer, and an audience that the token's `aud` or `client_id` must be in.
        case jwt(issuer: String, audience: Set<String>)
        /// `AWS_IAM`: Signature Version 4.
        case iam
    }

    enum UserPools: Hashable, Sendable {
        /// `userpool/*`: every pool of this cluster.
        case any
        case only(Set<String>)

        func contains(_ pool: String) -> Bool {
            switch self {
            case .any: true
            case .only(let pools): pools.contains(pool)
            }
        }
    }

    /// The name of its security scheme.
    let name: String
    let kind: Kind
    /// The header field that carries the credential.
    let identityField: HeaderName
    let readsAuthorization: Bool
    /// Seconds for which a policy document may be used; 0 asks for each request.
    let resultTTL: Int

    init(name: String, kind: Kind, identityField: HeaderName, resultTTL: Int) {
        self.name = name
        self.kind = kind
        self.identityField = identityField
        readsAuthorization = identityField == .authorization
        self.resultTTL = resultTTL
    }
}
