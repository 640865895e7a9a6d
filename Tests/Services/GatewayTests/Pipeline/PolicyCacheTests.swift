import Bootstrap
import Encodings
import HTTP
import Observability
import Policies
import Synchronization
import TestTools
import Testing

@testable import Gateway

@Suite("Policies that are held")
final class PolicyCacheTests: Sendable {
    /// Monotonic milliseconds.
    private let time = Atomic<Int64>(0)
    private let isAway = Atomic(false)
    private let asked = Atomic(0)
    private let polls = Atomic(0)
    private let failedPolls = Atomic(0)
    private let everything: PolicyDocument
    private let metrics = MetricsRegistry()
    private let authorizer = Authorizer(name: "pool", kind: .userPools(.any), identityField: .authorization, resultTTL: 300)
    private let query = AuthorizerPort.PolicyQuery(
        api: "strongroom", stage: "dev", authorizer: "pool", tenant: "us-east-1_Alpha", groups: [], roles: ["arn:aws:iam::000000000000:role/r"])

    init() throws { everything = try .everything(.allow) }

    private var failures: UInt64 { metrics.counter("strongroom_gateway_policy_fetch_failures_total", help: "").value }

    /// Lends a cache whose authorizer answers policies while it is not away, and a long poll whenever that is so.
    private func withCache(_ body: (PolicyCache) async throws -> Void) async throws {
        let port = AuthorizerPort(
            policy: { [self] _, _ async throws(AuthorizerPort.Failure) in
                asked.add(1, ordering: .relaxed)
                while isAway.load(ordering: .relaxed) {
                    do { try await Task.sleep(for: .milliseconds(1)) } catch { throw .unavailable("cancelled") }
                    if time.load(ordering: .relaxed) > 20_000 { throw .unavailable("no answer in time") }
                }
                return AuthorizerPort.PolicyAnswer(ttl: 300, document: everything)
            },
            signingKey: { _, _ async throws(AuthorizerPort.Failure) in throw .malformed },
            decision: { _, _, _, _ async throws(AuthorizerPort.Failure) in throw .malformed },
            generation: { [self] _ async throws(AuthorizerPort.Failure) in
                do { try await Task.sleep(for: .milliseconds(1)) } catch { throw .unavailable("cancelled") }
                if isAway.load(ordering: .relaxed) {
                    failedPolls.add(1, ordering: .relaxed)
                    throw .unavailable("away")
                }
                polls.add(1, ordering: .relaxed)
                return 1
            })
        let now: @Sendable () -> Int64 = { [self] in time.load(ordering: .relaxed) }
        let generation = PolicyGeneration(port: port, log: Logger(service: "gateway", buffer: LogBuffer { _ in }, now: { .epoch }), now: now)
        let cache = PolicyCache(port: port, generation: generation, capacity: 10, metrics: metrics, now: now)
        let following = Task { await generation.run() }
        try await until { polls.load(ordering: .relaxed) > 1 }
        try await body(cache)
        following.cancel()
        await following.value
    }

    private func policy(_ cache: PolicyCache) async throws(GatewayError) -> PolicyEntry {
        try await cache.policy(for: query, authorizer: authorizer, routes: 1, cause: nil)
    }

    @Test("stand without the authorizer for half a minute, and no longer; so long the gateway is ready")
    func grace() async throws {
        try await withCache { cache in
            let held = try await policy(cache)
            time.store(10_000, ordering: .relaxed)
            let heard = polls.load(ordering: .relaxed)
            try await until { polls.load(ordering: .relaxed) > heard + 1 }
            isAway.store(true, ordering: .relaxed)
            // What was under way has come to its end.
            try await until { failedPolls.load(ordering: .relaxed) > 0 }
            #expect(asked.load(ordering: .relaxed) == 1)
            for (milliseconds, stands) in [(39_999, true), (40_000, false), (100_000, false)] as [(Int64, Bool)] {
                time.store(milliseconds, ordering: .relaxed)
                #expect((cache.held(held, stage: "dev", authorizer: authorizer, routes: 1) != nil) == stands)
                #expect((cache.readiness == .ready) == stands)
                if stands { #expect(try await policy(cache).fetchedAt == held.fetchedAt) }
            }
            await #expect(throws: GatewayError.authorizerFailure) { _ = try await policy(cache) }
            #expect(failures == 1)
            // Back, it is asked, and what was held stands again, since nothing has changed.
            isAway.store(false, ordering: .relaxed)
            try await until { cache.readiness == .ready }
            #expect(cache.held(held, stage: "dev", authorizer: authorizer, routes: 1) != nil)
        }
    }

    @Test("count a client that hangs up while they are fetched as no failure of the authorizer's")
    func hangingUp() async throws {
        try await withCache { cache in
            isAway.store(true, ordering: .relaxed)
            let asking = Task { try await policy(cache) }
            try await until { asked.load(ordering: .relaxed) == 1 }
            asking.cancel()
            await #expect(throws: GatewayError.authorizerFailure) { _ = try await asking.value }
            #expect(failures == 0)
        }
    }
}
