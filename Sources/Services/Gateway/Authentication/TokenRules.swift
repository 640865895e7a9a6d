import Bytes

/// Which tokens an authorizer lets through on a route.
enum TokenRules {
    static func check(_ token: VerifiedToken, for route: Route, by authorizer: Authorizer, issuerPrefix: String) throws(GatewayError) {
        switch authorizer.kind {
        case .userPools(let pools):
            guard pools.contains(token.pool) else { throw .unauthorized }
            // Without scopes on the route the caller is who the id token says; with scopes, what the access token may do counts.
            if route.scopes.isEmpty {
                guard token.use == .id else { throw .unauthorized }
            } else {
                guard token.use == .access, token.scopes.contains(where: { route.scopes.contains($0) }) else { throw .unauthorized }
            }
        case .jwt(let issuer, let audience):
            guard issuer == issuerPrefix + token.pool else { throw .invalidBearerToken("the token does not have a valid issuer") }
            guard audience.contains(token.client) else { throw .invalidBearerToken("the token does not have a valid audience") }
            guard route.scopes.isEmpty || token.scopes.contains(where: { route.scopes.contains($0) }) else {
                throw .insufficientScope(route.scopes)
            }
        case .iam: throw .missingAuthenticationToken
        }
    }

    /// What HTTP API's authorizer answers where REST API's would answer otherwise.
    static func translated(_ error: GatewayError, for authorizer: Authorizer) -> GatewayError {
        guard case .jwt = authorizer.kind else { return error }
        switch error {
        case .tokenExpired: return .invalidBearerToken("the token has expired")
        case .unauthorized: return .invalidBearerToken("the token is invalid")
        case .explicitlyDenied, .implicitlyDenied: return .forbidden
        default: return error
        }
    }

    /// The token in an identity source's value: bare, or after `Bearer ` in any case. Nil where there is none.
    static func token(in value: Span<UInt8>) -> Range<Int>? {
        let hasScheme = value.count > 7 && value.extracting(..<7).equals(lowercase: "bearer ")
        return value.isEmpty ? nil : (hasScheme ? 7 : 0)..<value.count
    }
}
