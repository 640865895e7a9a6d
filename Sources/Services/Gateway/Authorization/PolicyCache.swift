import Bootstrap
import Observability
import Policies
import Synchronization
import Trust

/// The policies of callers, asked of the authorizer and kept for their time.
final class PolicyCache: Sendable {
    /// For how long the authorizer may be silent before nothing it said is used any more, in milliseconds. It answers a long poll every
    /// twenty seconds when nothing changes.
    static let graceMilliseconds: Int64 = 30_000

    let generation: PolicyGeneration
    private let port: AuthorizerPort
    private let now: @Sendable () -> Int64
    private let entries: Mutex<BoundedMap<AuthorizerPort.PolicyQuery, PolicyEntry>>
    private let flights = SingleFlight<Flight, PolicyEntry, AuthorizerPort.Failure>()
    private let fetches: Counter
    private let failures: Counter

    /// Who asks after a change must not get what was under way before it.
    private struct Flight: Hashable {
        let query: AuthorizerPort.PolicyQuery
        let epoch: PolicyEpoch
    }

    init(port: AuthorizerPort, generation: PolicyGeneration, capacity: Int, metrics: MetricsRegistry, now: @escaping @Sendable () -> Int64) {
        self.port = port
        self.generation = generation
        self.now = now
        entries = Mutex(BoundedMap(capacity: capacity))
        fetches = metrics.counter("strongroom_gateway_policy_fetches_total", help: "Policies asked of the authorizer.")
        failures = metrics.counter("strongroom_gateway_policy_fetch_failures_total", help: "Policies the authorizer did not give.")
    }

    /// Ready while the authorizer has answered of late.
    var readiness: Readiness {
        let isConfirmed = generation.confirmedAt > .min && now() - generation.confirmedAt < Self.graceMilliseconds
        return isConfirmed ? .ready : .notReady(generation.lastFailure)
    }

    /// The policy last used with a token, if it is for this authorizer and still stands.
    func held(_ entry: PolicyEntry?, stage: String, authorizer: Authorizer, routes: UInt64) -> PolicyEntry? {
        guard let entry, entry.query.stage == stage, entry.query.authorizer == authorizer.name, stands(entry, routes: routes, now: now()) else {
            return nil
        }
        return entry
    }

    func policy(
        for query: AuthorizerPort.PolicyQuery, authorizer: Authorizer, routes: UInt64, cause: RequestEvent?
    ) async throws(GatewayError) -> PolicyEntry {
        if authorizer.resultTTL > 0, let kept = entries.withLock({ $0.value(for: query) }), stands(kept, routes: routes, now: now()) {
            return kept
        }
        let epoch = PolicyEpoch(routes: routes, policies: generation.epoch)
        do throws(AuthorizerPort.Failure) {
            // A time to live of 0 asks for every request, so nobody shares an answer.
            if authorizer.resultTTL == 0 { return try await fetch(query, authorizer, epoch, cause) }
            return try await flights.run(Flight(query: query, epoch: epoch)) { () async throws(AuthorizerPort.Failure) in
                try await fetch(query, authorizer, epoch, cause)
            }
        } catch {
            // Who hangs up meanwhile has not found the authorizer away.
            if !Task.isCancelled { failures.increment() }
            throw error == .malformed ? .authorizerConfiguration : .authorizerFailure
        }
    }

    private func fetch(
        _ query: AuthorizerPort.PolicyQuery, _ authorizer: Authorizer, _ epoch: PolicyEpoch, _ cause: RequestEvent?
    ) async throws(AuthorizerPort.Failure) -> PolicyEntry {
        fetches.increment()
        let answer = try await port.policy(query, cause)
        let time = now()
        let ttl = min(answer.ttl, authorizer.resultTTL)
        let entry = PolicyEntry(
            query: query, compiled: CompiledPolicy(answer.document, action: "execute-api:Invoke"), epoch: epoch, fetchedAt: time,
            expiresAt: time + Int64(ttl) * 1000)
        if ttl > 0 { entries.withLock { $0.insert(entry, for: query) } }
        return entry
    }

    private func stands(_ entry: PolicyEntry, routes: UInt64, now: Int64) -> Bool {
        entry.epoch.policies == generation.epoch && entry.epoch.routes == routes && now < entry.expiresAt
            && now - max(entry.fetchedAt, generation.confirmedAt) < Self.graceMilliseconds
    }
}
