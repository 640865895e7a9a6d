import HTTP
import JSON
import Trust

/// What anyone may know of a pool: its public keys, and where they are.
struct OpenIDDocuments: Sendable {
    let api: IdentityAPI
    /// Seconds for which a document may be kept.
    let maximumAge: Int

    func keys(for call: InternalCall) async throws -> Response {
        guard let found = try await find(call.pool) else { return Self.notFound(call) }
        return IdentityResponse.document(try await api.files.keys(of: found.id).jwks(), maximumAge: maximumAge)
    }

    /// OpenID Connect Discovery §3, with what is there: no endpoint is named before it answers. That of response types may not be empty (§4.2); id tokens are what
    /// there is to verify.
    func configuration(for call: InternalCall) async throws -> Response {
        guard let found = try await find(call.pool) else { return Self.notFound(call) }
        let issuer = api.issuer(of: found.id)
        let document: JSONValue = [
            "id_token_signing_alg_values_supported": ["RS256"], "issuer": .string(issuer), "jwks_uri": .string("\(issuer)/.well-known/jwks.json"),
            "response_types_supported": ["id_token"], "scopes_supported": ["openid", "email", "phone", "profile"],
            "subject_types_supported": ["public"],
        ]
        return IdentityResponse.document(JSON.encode(document), maximumAge: maximumAge)
    }

    private func find(_ pool: String) async throws -> UserPool? {
        guard api.erasures.isOpen else { throw IdentityError.unavailable }
        guard TextRule.poolID.violation(pool) == nil else { return nil }
        return try await api.index.pool(pool)
    }

    private static func notFound(_ call: InternalCall) -> Response {
        IdentityErrors.response(for: .noSuchPool(String(call.pool.prefix(55))), status: .notFound, to: call.request)
    }
}

extension InternalCall {
    fileprivate var pool: String { request.parameter("pool") ?? "" }
}
