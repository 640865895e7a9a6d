public import Bootstrap
import Crypto
public import Observability
import Synchronization
internal import Tokens

/// Keeps the key sets of the cluster's issuers at hand.
///
/// One fetch at a time for each issuer, whoever waits; fetches run in `run()`, never in a request's task, so that a client that goes
/// away fails nobody else. Sets are refreshed in the background while they are used, used for a while when that fails, and not
/// used at all once a refresh is overdue and has not been tried. While the identity service is known not to answer, nobody waits for
/// it whose keys are held. A key id that is unknown starts a look at most every few seconds, and known ones never wait for it. Fetches
/// are read whole, under the limits of `JWKSet` and the fetcher's own deadline.
public final class JWKSClient: BackgroundService {
    /// Fetches the JWK set of an issuer: with a deadline, following no redirect, reading no more than `JWKSet.maximumLength`.
    public typealias Fetch = @Sendable (_ issuer: String) async throws(JWKSFetchError) -> [UInt8]

    private struct State {
        var issuers: BoundedMap<String, IssuerKeys>
        /// When each may be asked for again.
        var unknown: BoundedMap<String, Int64>
        /// Who waits for each fetch that is under way or queued.
        var pending: [String: [CheckedContinuation<Void, Never>]] = [:]
        /// Of those the ones that are under way.
        var running: Set<String> = []
        var failedUntil: BoundedMap<String, Int64>
        /// Until when the identity service is taken to be away, after a fetch that had no answer.
        var awayUntil = Int64.min
        var epoch: UInt64 = 0
        var isClosed = false
    }

    public let name = "jwks"
    private let configuration: JWKSConfiguration
    private let now: @Sendable () -> Int64
    private let fetch: Fetch
    private let state: Mutex<State>
    private let queue: AsyncStream<String>
    private let enqueue: AsyncStream<String>.Continuation
    private let fetches: Counter?
    private let failures: Counter?

    /// - Parameters:
    ///   - now: monotonic milliseconds.
    public init(
        configuration: JWKSConfiguration = JWKSConfiguration(), metrics: MetricsRegistry? = nil, now: @escaping @Sendable () -> Int64,
        fetch: @escaping Fetch
    ) {
        self.configuration = configuration
        self.now = now
        self.fetch = fetch
        state = Mutex(
            State(
                issuers: BoundedMap(capacity: configuration.maximumIssuers), unknown: BoundedMap(capacity: configuration.maximumUnknownIssuers),
                failedUntil: BoundedMap(capacity: configuration.maximumUnknownIssuers)))
        (queue, enqueue) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(configuration.maximumPendingFetches))
        fetches = metrics?.counter("strongroom_jwks_fetches_total", help: "Key sets asked for.")
        failures = metrics?.counter("strongroom_jwks_fetch_failures_total", help: "Key sets that could not be had.")
        metrics?.gauge("strongroom_jwks_issuers", help: "Issuers whose keys are held.") { [weak self] in Double(self?.held.count ?? 0) }
        metrics?.gauge("strongroom_jwks_waiting_requests", help: "Requests that wait for a key set.") { [weak self] in Double(self?.waiting ?? 0) }
        metrics?.gauge("strongroom_jwks_oldest_age_seconds", help: "Age of the key set that was fetched longest ago.") { [weak self] in
            Double(self?.oldestAge ?? 0) / 1000
        }
    }

    private var held: [IssuerKeys] { state.withLock { $0.issuers.values } }

    var waiting: Int { state.withLock { $0.pending.values.reduce(0) { $0 + $1.count } } }

    /// In milliseconds.
    private var oldestAge: Int64 {
        let time = now()
        return held.map { keys in time - keys.state.withLock { $0.fetchedAt } }.max() ?? 0
    }

    // MARK: Asking

    /// The keys of an issuer, fetched if need be.
    public func keys(of issuer: String) async throws(JWKSError) -> IssuerKeys {
        if let ready = try usable(issuer) { return ready }
        // Turned away is tried, too: too many others are being asked for.
        await refresh(issuer)
        if let ready = try usable(issuer, afterRefresh: true) { return ready }
        throw .unavailable
    }

    /// After a token named a key that `epoch`'s set doesn't hold: looks whether the issuer has published another set since.
    /// - Returns: the newer set; nil if there is none, or it is too early to look again.
    public func newerKeys(of keys: IssuerKeys, than epoch: UInt64) async -> IssuerKeys.Snapshot? {
        let current = keys.snapshot
        if current.epoch != epoch { return current }
        let time = now()
        let mayLook = keys.state.withLock { state in
            guard state.unknownKeySoughtAt == .min || time - state.unknownKeySoughtAt >= configuration.unknownKeyCoolDown else { return false }
            state.unknownKeySoughtAt = time
            return true
        }
        guard mayLook else { return nil }
        await refresh(keys.issuer)
        let after = keys.snapshot
        return after.epoch == epoch ? nil : after
    }

    /// What is held and may be used now; nil where a fetch has to be waited for.
    private func usable(_ issuer: String, afterRefresh: Bool = false) throws(JWKSError) -> IssuerKeys? {
        let time = now()
        let (held, isUnknown, mayTry, isAway) = state.withLock { state in
            let unknownUntil = state.unknown.value(for: issuer) ?? .min
            let failedUntil = state.failedUntil.value(for: issuer) ?? .min
            return (state.issuers.value(for: issuer), time < unknownUntil, time >= failedUntil, time < state.awayUntil)
        }
        if isUnknown { throw .unknownIssuer }
        guard let held else {
            if afterRefresh || !mayTry { throw .unavailable }
            return nil
        }
        let age = time - held.state.withLock { $0.fetchedAt }
        if age < configuration.refreshAfter { return held }
        if age < configuration.requireRefreshAfter || isAway, mayTry { request(issuer, waiter: nil) }
        if age < configuration.requireRefreshAfter { return held }
        // Where fetching fails, what is held serves for a while longer.
        let isTooOld = age >= configuration.requireRefreshAfter + configuration.staleIfErrorFor
        if mayTry, !afterRefresh, !isAway || isTooOld { return nil }
        if isTooOld { throw .unavailable }
        return held
    }

    /// Returns once the issuer was asked for, or can't be.
    private func refresh(_ issuer: String) async {
        await withCheckedContinuation { request(issuer, waiter: $0) }
    }

    /// Resumes the waiter at once where too much is under way: of issuers that nothing is known of there may be half of it, since strangers make them up.
    private func request(_ issuer: String, waiter: CheckedContinuation<Void, Never>?) {
        let (isAccepted, isNew) = state.withLock { state -> (Bool, Bool) in
            if state.isClosed { return (false, false) }
            if state.pending[issuer] != nil {
                if let waiter { state.pending[issuer]?.append(waiter) }
                return (true, false)
            }
            let places = configuration.maximumPendingFetches / (state.issuers.value(for: issuer) == nil ? 2 : 1)
            guard state.pending.count < places else { return (false, false) }
            state.pending[issuer] = waiter.map { [$0] } ?? []
            return (true, true)
        }
        if isNew { enqueue.yield(issuer) }
        if !isAccepted { waiter?.resume() }
    }

    // MARK: Fetching

    /// Fetches what is asked for, until it is cancelled.
    public func run() async {
        await withTaskGroup(of: Void.self) { group in
            var running = 0
            for await issuer in queue {
                if running >= configuration.concurrentFetches {
                    await group.next()
                    running -= 1
                }
                running += 1
                group.addTask { await self.load(issuer) }
            }
        }
        close()
    }

    private func close() {
        let waiters = state.withLock { state in
            state.isClosed = true
            defer { state.pending = [:] }
            return state.pending.values.flatMap { $0 }
        }
        enqueue.finish()
        for waiter in waiters { waiter.resume() }
    }

    private func load(_ issuer: String) async {
        fetches?.increment()
        state.withLock { _ = $0.running.insert(issuer) }
        let result: Result<(KeySet, SHA256Digest), JWKSFetchError>
        do throws(JWKSFetchError) {
            let bytes = try await fetch(issuer)
            if let keys = try? JWKSet.parse(bytes), !keys.isEmpty {
                result = .success((keys, SHA256.hash(bytes)))
            } else {
                result = .failure(.failed)
            }
        } catch { result = .failure(error) }
        // That there is no such issuer is an answer.
        if case .failure(let error) = result, error != .notFound { failures?.increment() }
        for waiter in settle(issuer, result) { waiter.resume() }
    }

    private func settle(
        _ issuer: String, _ result: Result<(KeySet, SHA256Digest), JWKSFetchError>
    ) -> [CheckedContinuation<Void, Never>] {
        let time = now()
        return state.withLock { state in
            state.running.remove(issuer)
            state.awayUntil = .min
            switch result {
            case .success(let (keys, digest)):
                state.failedUntil.remove(issuer)
                state.unknown.remove(issuer)
                state.epoch += 1
                let freshUntil = time + configuration.refreshAfter
                if let held = state.issuers.value(for: issuer) {
                    held.replace(keys: keys, digest: digest, epoch: state.epoch, now: time, freshUntil: freshUntil)
                } else {
                    state.issuers.insert(
                        IssuerKeys(issuer: issuer, keys: keys, digest: digest, epoch: state.epoch, fetchedAt: time, freshUntil: freshUntil),
                        for: issuer)
                }
            case .failure(.notFound):
                // Not even what is held is good any more: the issuer is gone.
                state.issuers.remove(issuer)?.retire(epoch: state.epoch &+ 1)
                state.epoch += 1
                state.unknown.insert(time + configuration.unknownIssuerFor, for: issuer)
            case .failure(.failed):
                state.failedUntil.insert(time + configuration.retryAfter, for: issuer)
            case .failure(.away):
                state.failedUntil.insert(time + configuration.retryAfter, for: issuer)
                state.awayUntil = time + configuration.awayFor
                // What is queued stays asked for, but waiting for it would only take longer.
                var waiters = state.pending.removeValue(forKey: issuer) ?? []
                for other in state.pending.keys where !state.running.contains(other) {
                    waiters += state.pending.updateValue([], forKey: other) ?? []
                }
                return waiters
            }
            return state.pending.removeValue(forKey: issuer) ?? []
        }
    }
}
