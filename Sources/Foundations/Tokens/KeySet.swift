public import Encodings

/// The keys of one issuer: an immutable snapshot, swapped whole when the issuer publishes another.
public struct KeySet: Sendable {
    private let keys: [String: VerificationKey]

    /// Keys that share a `kid` are left out.
    public init(_ keys: [VerificationKey]) {
        var unique: [String: VerificationKey?] = [:]
        for key in keys { unique.updateValue(unique.keys.contains(key.keyID) ? nil : key, forKey: key.keyID) }
        self.keys = unique.compactMapValues { $0 }
    }

    public var keyIDs: some Collection<String> & Sendable { Array(keys.keys) }
    public var isEmpty: Bool { keys.isEmpty }

    public func contains(_ keyID: String) -> Bool { keys[keyID] != nil }

    /// The claims of a token that one of these keys signed and that meets the expectations.
    ///
    /// The signature comes first: no claim of an unverified token is compared with anything. A token without `kid`, or with one that
    /// isn't here, is `unknownKey`, whatever other keys there are.
    public func verify(_ token: Span<UInt8>, expecting expectations: TokenExpectations, at now: Timestamp) throws(TokenError) -> TokenClaims {
        try verify(JWS(parsing: token), expecting: expectations, at: now)
    }

    public func verify(_ token: JWS, expecting expectations: TokenExpectations, at now: Timestamp) throws(TokenError) -> TokenClaims {
        try expectations.check(token.header)
        guard let keyID = token.header.keyID, let key = keys[keyID] else { throw .unknownKey }
        let claims = try token.claims(verifiedBy: key)
        try expectations.check(claims, at: now)
        return claims
    }
}
