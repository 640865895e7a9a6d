/// The claims of the identity header, in the order they are written.
enum IdentityClaim: Int, CaseIterable {
    case issuer, audience, subject, tenant, username, groups, scope, method, principal, context
    case source, requestID, httpMethod, httpTarget, issuedAt, expiresAt

    var bit: UInt32 { 1 << UInt32(rawValue) }

    /// `src` is the client's address as the gateway saw it; `rid` the request id, `htm` the HTTP method, `hpt` the base64url SHA-256 of
    /// canonical path and query.
    private static let names = [
        "iss", "aud", "sub", "tenant", "username", "groups", "scope", "method", "principal", "context", "src", "rid", "htm", "hpt", "iat", "exp",
    ]
    static let spellings = names.map { Array($0.utf8) }

    /// Those that every header has.
    static let required: UInt32 = [
        Self.issuer, .audience, .groups, .scope, .method, .context, .requestID, .httpMethod, .httpTarget, .issuedAt, .expiresAt,
    ].reduce(0) { $0 | $1.bit }
}
