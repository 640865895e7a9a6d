internal import Bootstrap
internal import Contracts
internal import Encodings
internal import HTTP
internal import JSON
internal import Synchronization
internal import Trust

/// Hands each service the signing keys of its callers, derived for that service alone, for the days ahead: it never sees a secret of theirs.
final class CallerKeyRoute: Sendable {
    private let secrets: Mutex<[CallerSecret]>
    private let region: String
    private let now: @Sendable () -> Timestamp

    init(_ runtime: Runtime) throws {
        secrets = Mutex(try runtime.secrets.callerSecrets() ?? [])
        region = runtime.cluster.name
        now = runtime.clock.now
        runtime.secretsWatch.onChange { [self] _ in
            let new = try runtime.secrets.callerSecrets() ?? []
            return { [self] in secrets.withLock { $0 = new } }
        }
    }

    func route(_ verifier: InternalVerifier) -> Route {
        let rule = CallRule(Set(ServiceName.allCases.filter { $0.callees.contains(.authorizer) && $0.takesIdentities }), identity: .forbidden)
        return verifier.route(.post, SigningKeyGrant.target, rule, bodyLimit: 1024) { call in
            let callee = call.context.caller
            guard let grant = SigningKeyGrant(try JSON.parse(call.body)) else { throw AuthorizerError.malformedMessage(part: "accessKeyId, nonce") }
            guard let answer = self.answer(grant, to: callee) else { throw HTTPError.notFound }
            return .json(JSON.encode(answer))
        }
    }

    /// Nil where the access key is not the service's own, or this cluster was made before the authorizer had secrets.
    private func answer(_ grant: SigningKeyGrant, to callee: ServiceName) -> JSONValue? {
        let all = secrets.withLock { $0 }
        let own = all.first { $0.caller == callee && $0.callee == .authorizer && $0.accessKeyID == grant.accessKeyID }
        guard let own else { return nil }
        var days: [String: SigningDays] = [:]
        for key in all where key.callee == callee {
            days[key.accessKeyID] = SigningDays(secret: key.secret, region: region, callee: callee.rawValue, at: now())
        }
        return grant.answer(days, to: callee, secret: own.secret)
    }
}
