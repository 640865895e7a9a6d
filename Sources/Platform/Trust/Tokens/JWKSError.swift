/// Why there are no keys to verify a token with.
public enum JWKSError: Error, Equatable, Sendable {
    /// The issuer does not exist: no token of it can be good.
    case unknownIssuer
    /// The keys can't be had, and none that may still be used are held. Says nothing about the token.
    case unavailable
}

/// What fetching an issuer's key set came to, if not to a key set.
public enum JWKSFetchError: Error, Equatable, Sendable {
    /// The identity service says that there is no such issuer.
    case notFound
    /// The identity service does not answer: other issuers' keys can't be had either.
    case away
    /// Its answer can't be used.
    case failed
}
