import Bootstrap
import Crypto
import HTTP
import Observability
import Policies
import Synchronization
import Tokens

/// Who asks, and whether they may.
extension GatewayPipeline {
    enum Caller {
        /// The route is open.
        case anyone
        case user(VerifiedToken)
        indirect case signed(SignatureAuthenticator.Pending)
    }

    /// - Parameter again: the request has been counted and noted.
    @inline(never)
    func caller(
        of request: Request, _ fields: RequestFields, _ place: Place, _ routes: UInt64, _ event: RequestEvent?, again: Bool = false
    ) async throws(GatewayError) -> Caller {
        guard let authorizer = place.route.authorizer else { return .anyone }
        if authorizer.kind == .iam { return .signed(try await signer(of: request, fields, event, again: again)) }
        let token: VerifiedToken
        do throws(GatewayError) {
            token = try await self.token(of: request, fields, authorizer)
            try TokenRules.check(token, for: place.route, by: authorizer, issuerPrefix: issuerPrefix)
            if !again { try token.allowance.admit() }
            try await authorize(token, by: authorizer, place, routes, event)
        } catch { throw TokenRules.translated(error, for: authorizer) }
        if !again { event?.add(.tenant(token.pool), .user(token.subject)) }
        return .user(token)
    }

    @inline(never)
    private func signer(
        of request: Request, _ fields: RequestFields, _ event: RequestEvent?, again: Bool
    ) async throws(GatewayError) -> SignatureAuthenticator.Pending {
        if let index = fields.authorization, request.headers.valueRange(at: index).isEmpty { throw .missingAuthenticationToken }
        do throws(SignatureFailure) {
            guard let claim = try signatures.claim(request, fields) else { throw .gateway(.missingAuthenticationToken) }
            let pending = try await signatures.admit(claim, service: "execute-api", now: clock.now(), cause: event)
            if !again { event?.add(.principal(pending.key.principal)) }
            return pending
        } catch { throw error.answer }
    }

    private func token(
        of request: Request, _ fields: RequestFields, _ authorizer: Authorizer
    ) async throws(GatewayError) -> VerifiedToken {
        let headers = request.headers
        guard let index = try Self.identitySource(authorizer, fields, headers) else { throw Self.noToken(authorizer) }
        let value = headers.valueRange(at: index)
        guard let inner = TokenRules.token(in: headers.bytes.span.extracting(value)) else { throw Self.noToken(authorizer) }
        let range = value.lowerBound + inner.lowerBound..<value.lowerBound + inner.upperBound
        let digest = SHA256.hash(headers.bytes.span.extracting(range))
        if let seen = try tokens.seen(digest, at: clock.now()) { return seen }
        return try await tokens.verify(Array(headers.bytes[range]), digest: digest)
    }

    private static func noToken(_ authorizer: Authorizer) -> GatewayError {
        if case .jwt = authorizer.kind { .invalidBearerToken(nil) } else { .unauthorized }
    }

    private static func identitySource(_ authorizer: Authorizer, _ fields: RequestFields, _ headers: Headers) throws(GatewayError) -> Int? {
        if authorizer.readsAuthorization { return fields.authorization }
        guard let index = headers.index(of: authorizer.identityField) else { return nil }
        // Two would leave it to chance which one is believed.
        guard headers.index(of: authorizer.identityField, from: index + 1) == nil else { throw .badRequest }
        return index
    }

    private func authorize(
        _ token: VerifiedToken, by authorizer: Authorizer, _ place: Place, _ routes: UInt64, _ event: RequestEvent?
    ) async throws(GatewayError) {
        let entry: PolicyEntry
        let stageName = String(decoding: place.stage, as: UTF8.self)
        let last = token.policy.withLock { $0 }
        if let held = policies.held(last, stage: stageName, authorizer: authorizer, routes: routes) {
            entry = held
        } else {
            entry = try await policies.policy(
                for: AuthorizerPort.PolicyQuery(
                    api: apiID, stage: stageName, authorizer: authorizer.name, tenant: token.pool, groups: token.groups, roles: token.roles),
                authorizer: authorizer, routes: routes, cause: event)
            if authorizer.resultTTL > 0 { token.policy.withLock { $0 = entry } }
        }
        switch entry.compiled.decide(resource: place.arn.span) {
        case .allow: return
        case .explicitDeny: throw .explicitlyDenied
        case .implicitDeny: throw .implicitlyDenied
        }
    }

    @inline(never)
    func verify(
        _ pending: SignatureAuthenticator.Pending, _ request: Request, _ bodyHash: SHA256Digest?
    ) throws(GatewayError) -> PreparedIdentity {
        do throws(SignatureFailure) {
            return try signatures.verify(pending, request, bodyHash: bodyHash ?? SHA256.hash([]))
        } catch { throw error.answer }
    }

    /// Decided anew for each request; in words that name the caller, since it is the caller's own policies that don't let it.
    @inline(never)
    func authorizeSigned(_ pending: SignatureAuthenticator.Pending, _ arn: [UInt8], _ event: RequestEvent?) async throws(GatewayError) {
        let principal = pending.key.principal
        let resource = String(decoding: arn, as: UTF8.self)
        let decision: Decision
        do throws(AuthorizerPort.Failure) {
            decision = try await port.decision(principal, "execute-api:Invoke", resource, event)
        } catch { throw error == .malformed ? .authorizerConfiguration : .authorizerFailure }
        guard decision != .allow else { return }
        let reason =
            decision == .explicitDeny
            ? "with an explicit deny in an identity-based policy" : "because no identity-based policy allows the execute-api:Invoke action"
        throw .notAuthorized(
            "User: \(principal) is not authorized to perform: execute-api:Invoke on resource: \(Self.masked(resource)) \(reason)")
    }

    /// The account but for its last four digits.
    private static func masked(_ arn: String) -> String {
        var parts = arn.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false).map(String.init)
        if parts.count == 6, parts[4].count > 4 { parts[4] = String(repeating: "*", count: parts[4].count - 4) + parts[4].suffix(4) }
        return parts.joined(separator: ":")
    }
}
