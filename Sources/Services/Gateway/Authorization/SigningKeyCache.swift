import Observability
import Synchronization
import Trust

/// Signing keys of callers, which the authorizer derives: the gateway never holds a secret access key.
final class SigningKeyCache: Sendable {
    private struct Kept: Sendable {
        let answer: AuthorizerPort.KeyAnswer?
        let epoch: UInt64
        let fetchedAt: Int64
    }

    private struct State {
        var keys: BoundedMap<AuthorizerPort.KeyQuery, Kept>
        /// Access keys that nobody has, apart, so that made-up ones push out none that somebody has.
        var unknown: BoundedMap<AuthorizerPort.KeyQuery, Kept>
        /// Access keys that somebody had, on whatever day.
        var known: BoundedMap<[UInt8], Bool>
    }

    /// A key is kept for so long, in milliseconds; an access key that nobody has, for a moment only.
    private static let keptFor: Int64 = 300_000
    private static let unknownFor: Int64 = 1_000
    /// Questions at once about access keys of which nothing is known: anybody can make them up, and what the authorizer is asked besides must not wait for them.
    static let strangersAtOnce = 64

    private let port: AuthorizerPort
    private let generation: PolicyGeneration
    private let now: @Sendable () -> Int64
    private let state: Mutex<State>
    private let strangers = Atomic(0)
    private let flights = SingleFlight<Flight, AuthorizerPort.KeyAnswer?, AuthorizerPort.Failure>()

    init(port: AuthorizerPort, generation: PolicyGeneration, capacity: Int, now: @escaping @Sendable () -> Int64) {
        self.port = port
        self.generation = generation
        self.now = now
        state = Mutex(
            State(keys: BoundedMap(capacity: capacity), unknown: BoundedMap(capacity: capacity), known: BoundedMap(capacity: capacity)))
    }

    /// An answer from before a change must not count as one from after it.
    private struct Flight: Hashable, Sendable {
        let query: AuthorizerPort.KeyQuery
        let epoch: UInt64
    }

    /// - Returns: nil where nobody has the access key.
    func key(_ query: AuthorizerPort.KeyQuery, cause: RequestEvent?) async throws(GatewayError) -> AuthorizerPort.KeyAnswer? {
        let epoch = generation.epoch
        let time = now()
        let (held, isKnown) = state.withLock { state in
            (state.keys.value(for: query) ?? state.unknown.value(for: query), state.known.value(for: query.accessKeyID) != nil)
        }
        if let held, held.epoch == epoch {
            let lifetime = held.answer == nil ? Self.unknownFor : Self.keptFor
            let isConfirmed = time - max(held.fetchedAt, generation.confirmedAt) < PolicyCache.graceMilliseconds
            if time - held.fetchedAt < lifetime, isConfirmed { return held.answer }
        }
        do throws(AuthorizerPort.Failure) {
            let answer = try await flights.run(Flight(query: query, epoch: epoch)) { () async throws(AuthorizerPort.Failure) in
                isKnown ? try await port.signingKey(query, cause) : try await askOfStranger(query, cause)
            }
            let kept = Kept(answer: answer, epoch: epoch, fetchedAt: time)
            state.withLock { state in
                state.keys.remove(query)
                guard answer != nil else { return state.unknown.insert(kept, for: query) }
                state.keys.insert(kept, for: query)
                state.known.insert(true, for: query.accessKeyID)
            }
            return answer
        } catch {
            switch error {
            case .malformed: throw .authorizerConfiguration
            case .tooMany: throw .overloaded
            case .noCredentials, .refused, .unavailable: throw .authorizerFailure
            }
        }
    }

    private func askOfStranger(
        _ query: AuthorizerPort.KeyQuery, _ cause: RequestEvent?
    ) async throws(AuthorizerPort.Failure) -> AuthorizerPort.KeyAnswer? {
        defer { strangers.subtract(1, ordering: .relaxed) }
        guard strangers.add(1, ordering: .relaxed).newValue <= Self.strangersAtOnce else { throw .tooMany }
        return try await port.signingKey(query, cause)
    }
}
