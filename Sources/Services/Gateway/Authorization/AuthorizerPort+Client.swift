import Bootstrap
import Crypto
import Encodings
import HTTP
import JSON
import Observability
import Policies
import SigV4
import Trust

extension AuthorizerPort {
    /// Milliseconds after which the authorizer counts as away.
    private static let timeout: UInt64 = 5_000
    /// Seconds for which it holds a long poll at most.
    private static let longestPoll = 20

    /// Asks the authorizer service. Every answer is read strictly: one that is not what it should be is `malformed`, never guessed.
    init(_ client: InternalClient) {
        self.init(
            policy: { query, cause async throws(Failure) in try await Self.policy(query, cause, client) },
            signingKey: { query, cause async throws(Failure) in try await Self.signingKey(query, cause, client) },
            decision: { principal, action, resource, cause async throws(Failure) in
                try await Self.decision(principal, action, resource, cause, client)
            },
            generation: { after async throws(Failure) in try await Self.generation(after, client) })
    }

    private static func policy(_ query: PolicyQuery, _ cause: RequestEvent?, _ client: InternalClient) async throws(Failure) -> PolicyAnswer {
        var body = JSONWriter()
        body.beginObject()
        for (key, value) in [("api", query.api), ("stage", query.stage), ("authorizer", query.authorizer), ("tenant", query.tenant)] {
            body.member(key, value)
        }
        for (key, values) in [("groups", query.groups), ("roles", query.roles)] {
            body.key(key)
            body.beginArray()
            for value in values { body.string(value) }
            body.endArray()
        }
        body.endObject()
        let answer = try await post("/internal/v1/policy", body.bytes, cause, client)
        guard let ttl = answer["ttl"]?.int, (0...3_600).contains(ttl), let policy = answer["policyDocument"] else { throw .malformed }
        do throws(PolicyError) { return PolicyAnswer(ttl: Int(ttl), document: try PolicyDocument(policy)) } catch { throw .malformed }
    }

    private static func signingKey(_ query: KeyQuery, _ cause: RequestEvent?, _ client: InternalClient) async throws(Failure) -> KeyAnswer? {
        // What is not UTF-8 is nobody's access key, region or service.
        guard let id = String(validating: query.accessKeyID, as: UTF8.self), let date = String(validating: query.scope.date, as: UTF8.self),
            let region = String(validating: query.scope.region, as: UTF8.self), let service = String(validating: query.scope.service, as: UTF8.self)
        else { return nil }
        var body = JSONWriter()
        body.beginObject()
        for (key, value) in [("accessKeyId", id), ("date", date), ("region", region), ("service", service)] {
            body.member(key, value)
        }
        body.endObject()
        let answer: JSONValue
        do throws(InternalClientError) {
            answer = try await client.json(call(.json(.post, "/internal/v1/signing-key", body.bytes), cause))
        } catch .refused(.notFound) { return nil } catch { throw Self.failure(error) }
        guard let text = answer["signingKey"]?.string, let key = Base64.decode(text), key.count == 32,
            let principal = answer["principal"]?.string, let account = answer["account"]?.string, let userID = answer["userId"]?.string
        else { throw .malformed }
        return KeyAnswer(key: SigningKey(bytes: key.span, scope: query.scope), principal: principal, account: account, userID: userID)
    }

    private static func decision(
        _ principal: String, _ action: String, _ resource: String, _ cause: RequestEvent?, _ client: InternalClient
    ) async throws(Failure) -> Decision {
        var body = JSONWriter()
        body.beginObject()
        for (key, value) in [("principal", principal), ("action", action), ("resource", resource)] {
            body.member(key, value)
        }
        body.endObject()
        let answer = try await post("/internal/v1/decision", body.bytes, cause, client)
        guard let decision = answer["decision"]?.string.flatMap(Decision.init(rawValue:)) else { throw .malformed }
        return decision
    }

    private static func generation(_ after: UInt64, _ client: InternalClient) async throws(Failure) -> UInt64 {
        do throws(InternalClientError) {
            let call = OutgoingCall(.get, Array("/internal/v1/generation?after=\(after)".utf8)).longPoll(seconds: longestPoll)
            let answer = try await client.json(call)
            guard let generation = answer["generation"]?.int, generation >= 0 else { throw InternalClientError.refused(.badGateway) }
            return UInt64(generation)
        } catch { throw failure(error) }
    }

    private static func post(
        _ target: String, _ body: [UInt8], _ cause: RequestEvent?, _ client: InternalClient
    ) async throws(Failure) -> JSONValue {
        do throws(InternalClientError) {
            return try await client.json(call(.json(.post, target, body), cause))
        } catch { throw failure(error) }
    }

    private static func call(_ call: OutgoingCall, _ cause: RequestEvent?) -> OutgoingCall {
        var call = call
        call.cause = cause
        call.timeoutMilliseconds = timeout
        return call
    }

    private static func failure(_ error: InternalClientError) -> Failure {
        switch error {
        case .malformedAnswer: .malformed
        case .credentials: .noCredentials
        case .refused(let status): .refused(Int(status.rawValue))
        case .transport(let cause): .unavailable("\(cause)")
        }
    }
}
