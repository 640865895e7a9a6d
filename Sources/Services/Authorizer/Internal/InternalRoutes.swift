internal import Bootstrap
internal import Contracts
internal import Crypto
internal import Encodings
internal import HTTP
internal import JSON
internal import Observability
internal import Policies
internal import SigV4
internal import Trust

/// What the gateway and identity ask of the authorizer.
///
///     POST /internal/v1/policy        {tenant, roles}                                     → {generation, ttl, principal, policyDocument}
///     POST /internal/v1/signing-key   {accessKeyId, date, region, service}                → {generation, signingKey, principal, account, userId}
///     POST /internal/v1/decision      {principal, action, resource}                       → {generation, decision}
///     GET  /internal/v1/generation?after=N                                                → {generation}, once it is another than N or after 20 seconds
///
/// Of what the gateway says of a user (`api`, `stage`, `authorizer`, `tenant`, `groups`, `roles`) the roles alone decide.
struct InternalRoutes: Sendable {
    static let bodyLimit = 64 << 10
    static let longestPoll: UInt64 = 20_000

    let store: DirectoryStore
    let account: Account
    let root: RootAccess
    let policySeconds: Int
    let metrics: AuthorizerMetrics
    let log: Logger
    let now: @Sendable () -> Timestamp

    func routes(_ verifier: InternalVerifier) -> [Route] {
        let gateway = CallRule([.gateway], identity: .forbidden)
        return [
            verifier.route(.post, "/internal/v1/policy", gateway, bodyLimit: Self.bodyLimit) { call in
                metrics.policies.increment()
                return .json(try policy(JSON.parse(call.body)))
            },
            verifier.route(.post, "/internal/v1/signing-key", gateway, bodyLimit: Self.bodyLimit) { call in
                metrics.signingKeys.increment()
                guard let answer = try signingKey(JSON.parse(call.body)) else { throw HTTPError.notFound }
                return .json(answer)
            },
            verifier.route(.post, "/internal/v1/decision", CallRule([.gateway, .identity], identity: .forbidden), bodyLimit: Self.bodyLimit) { call in
                .json(try decision(JSON.parse(call.body)))
            },
            verifier.route(.get, "/internal/v1/generation", gateway, bodyLimit: 0) { call in
                .json(JSON.encode(["generation": .number(JSONNumber(try await generation(call.request)))]))
            },
        ]
    }

    // MARK: Policy

    /// The policy of a pool's user: that of the default role and of the roles the token names.
    func policy(_ message: JSONValue) throws -> [UInt8] {
        let directory = store.current
        let names = try Self.strings(message, "roles")
        var roles: [Role] = directory.role(DefaultRole.name).map { [$0] } ?? []
        for arn in names {
            // A role that isn't there, or another account's, gives nothing.
            guard case .role(let role)? = Principal(arn: arn, in: directory, of: account), !roles.contains(role) else { continue }
            roles.append(role)
        }
        let document = try merged(roles, for: message["tenant"]?.string)
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("generation", directory.generation)
        writer.member("ttl", policySeconds)
        writer.member("principal", account.role("/", DefaultRole.name))
        writer.key("policyDocument")
        document.write(to: &writer)
        writer.endObject()
        return writer.bytes
    }

    /// Who has more roles than can be evaluated for each of their requests is denied everything: leaving some out could leave out what they deny.
    private func merged(_ roles: [Role], for tenant: String?) throws(PolicyError) -> PolicyDocument {
        do throws(PolicyError) {
            return try PolicyDocument(mergingForOneCaller: roles.flatMap { $0.policies.map(\.document) })
        } catch {
            log.warning(
                "A user's roles say more than is evaluated for one caller: they are denied everything", .tenant(tenant ?? ""), .count(roles.count),
                .error(error))
            return try .everything(.deny)
        }
    }

    // MARK: Signing key

    /// The day's key of an access key for one service, never the secret. Nil for an unknown or inactive access key.
    func signingKey(_ message: JSONValue) throws -> [UInt8]? {
        let id = try Self.string(message, "accessKeyId")
        let date = try Self.string(message, "date")
        let service = try Self.string(message, "service")
        guard try Self.string(message, "region") == account.region, isNear(date) else { return nil }
        let directory = store.current
        guard let access = access(id, directory) else { return nil }
        let scope = CredentialScope(date: Array(date.utf8), region: Array(account.region.utf8), service: Array(service.utf8))
        let key = SigningKey.derive(secret: access.secret.span, scope: scope)
        return JSON.encode([
            "generation": .number(JSONNumber(directory.generation)), "signingKey": .string(Base64.encode(key.bytes)),
            "principal": .string(access.principal), "account": .string(account.number), "userId": .string(access.userID),
        ])
    }

    private func access(_ id: String, _ directory: AccountDirectory) -> (secret: [UInt8], principal: String, userID: String)? {
        if let secret = root.secret(of: id) { return (secret, account.root, account.number) }
        guard let key = directory.keys[id], key.status == .active, let user = directory.user(key.owner) else { return nil }
        return (key.secret, account.arn(of: user), user.id)
    }

    /// From a week ago, as long as a presigned URL may hold, to tomorrow, for clocks at midnight.
    private func isNear(_ date: String) -> Bool {
        (-7...1).contains { now().adding(seconds: $0 * 86_400).dateStamp() == date }
    }

    // MARK: Decision

    func decision(_ message: JSONValue) throws -> [UInt8] {
        let directory = store.current
        let (arn, action) = (try Self.string(message, "principal"), try Self.string(message, "action"))
        let resource = try Self.string(message, "resource")
        let decision = Principal(arn: arn, in: directory, of: account)?.decide(action: action, resource: resource) ?? .implicitDeny
        metrics.count(decision)
        return JSON.encode(["generation": .number(JSONNumber(directory.generation)), "decision": .string(decision.rawValue)])
    }

    // MARK: Generation

    /// Waits until the generation is another than the one named, 20 seconds at most, and no longer than the server is up.
    private func generation(_ request: Request) async throws -> Int64 {
        let query = QueryItem.parse(request.query)
        guard let item = query?.first(where: { $0.name == "after" }), let after = Decimal.parse(item.value).map(Int64.init) else {
            return store.board.generation
        }
        // A later one is of a start before a clock went back.
        if after > store.board.generation { return store.board.generation }
        try await store.board.wait(past: after, atMost: Self.longestPoll) { request.isDraining }
        return store.board.generation
    }

    // MARK: Messages

    private static func string(_ message: JSONValue, _ name: String) throws(AuthorizerError) -> String {
        guard let text = message[name]?.string else { throw .malformedMessage(part: name) }
        return text
    }

    private static func strings(_ message: JSONValue, _ name: String) throws(AuthorizerError) -> [String] {
        guard let value = message[name] else { return [] }
        guard let items = value.array else { throw .malformedMessage(part: name) }
        var texts: [String] = []
        for item in items {
            guard let text = item.string else { throw .malformedMessage(part: name) }
            texts.append(text)
        }
        return texts
    }
}
