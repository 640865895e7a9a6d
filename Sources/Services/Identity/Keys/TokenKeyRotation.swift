import Bootstrap
import Crypto
import Encodings
import Observability
import Processes

/// Rotates the token keys of pools: publishes new ones when it is asked to, and lets each move on when its time has come.
///
/// Every move is one commit of the pool's file. The index, by which a pool is found from a key's id, knows the ids of new keys before and of old ones
/// after it, so an interrupted rotation goes on where it was.
actor TokenKeyRotation: BackgroundService {
    nonisolated let name = "token-keys"
    private let index: IdentityIndex
    private let files: PoolFiles
    private let secrets: SecretSealer
    private let makeKey: @Sendable () throws(CryptoError) -> RSAPrivateKey
    private let makers: ComputePool
    private let timetable: TokenKeyTimetable
    private let clock: WallClock
    private let log: Logger
    /// When to look at a pool again; one that isn't here is looked at next.
    private var due: [String: Timestamp] = [:]
    // Where a rotation can be interrupted.
    private static let indexed = FailPoint("identity.keys-indexed")
    private static let published = FailPoint("identity.keys-published")
    private static let moved = FailPoint("identity.keys-moved")

    init(api: IdentityAPI, lead: Int64, clock: WallClock, log: Logger) {
        index = api.index
        files = api.files
        secrets = api.secrets
        makeKey = api.makeKey
        makers = api.keyMakers
        timetable = TokenKeyTimetable(lead: lead, servingSince: clock.now())
        self.clock = clock
        self.log = log
    }

    /// What became of a request to rotate.
    struct Begun: Equatable, Sendable {
        let pool: String
        /// Whether new keys were made; else some were on their way already.
        let isNew: Bool
        /// When the new keys sign.
        let signing: Timestamp
    }

    enum Refusal: Error, Equatable {
        case noSuchPool(String)
        /// Too many keys still stand for tokens that they have signed; the first leaves then.
        case tooManyKeys(until: Timestamp)
        /// Too many keys are being made.
        case busy
    }

    /// Publishes new keys of one pool, for id and for access tokens.
    func begin(_ pool: String) async throws -> Begun {
        guard try await index.pool(pool) != nil else { throw Refusal.noSuchPool(pool) }
        let states = try await files.keys(of: pool).states
        if let next = states.first(where: { $0.stage == .next }) {
            _ = try await unlessDeleted(pool) { try await enter(states, of: pool) }
            return begun(pool, next, isNew: false)
        }
        if states.filter({ $0.stage == .former && $0.use == .id }).count >= TokenKeyTimetable.maximumFormer, let first = timetable.nextStep(states) {
            throw Refusal.tooManyKeys(until: first)
        }
        let (secrets, makeKey, now) = (secrets, makeKey, clock.now())
        let made: [PoolKeys.Sealed]
        do {
            made = try await makers.run { try PoolKeys.tokenKeys(for: pool, .next, at: now, under: secrets, makeKey) }
        } catch is ComputePool.Full {
            throw Refusal.busy
        }
        let published = try await unlessDeleted(pool) {
            try await index.setKeyIDs(states.map(\.keyID) + made.map(\.state.keyID), of: pool)
            Self.indexed.pass()
            return try await enter(try await files.publish(made, in: pool), of: pool)
        }
        Self.published.pass()
        due[pool] = nil
        // Somebody else may have been faster.
        guard let next = published.first(where: { $0.stage == .next }) else { throw Refusal.busy }
        let isNew = made.contains { $0.state.keyID == next.keyID }
        if isNew { log.info("New token keys are published", .tenant(pool)) }
        return begun(pool, next, isNew: isNew)
    }

    /// What fails because the pool was deleted meanwhile, as while its keys were made, is told so.
    private func unlessDeleted(_ pool: String, _ change: () async throws -> [TokenKeyState]) async throws -> [TokenKeyState] {
        do { return try await change() } catch {
            guard try await index.pool(pool) != nil else { throw Refusal.noSuchPool(pool) }
            throw error
        }
    }

    /// The pool after this one in the order of ids; nil after the last.
    func pool(after id: String) async throws -> String? { try await index.pools(after: id, limit: 1).first?.id }

    /// Takes the steps that are due in every pool.
    func advance() async throws {
        let pools = try await index.poolsInRotation()
        due = due.filter { pools.contains($0.key) }
        for pool in pools where (due[pool] ?? .epoch) <= clock.now() {
            do {
                try await advance(pool)
            } catch {
                // What could not be stored is tried again: until then the pool's keys are what they were. A pool that was deleted isn't here next time.
                guard try await index.pool(pool) != nil else { continue }
                log.error("Token keys could not move on", .tenant(pool), .error(error))
                due[pool] = clock.now().adding(seconds: 30)
            }
        }
    }

    private func advance(_ pool: String) async throws {
        let (steps, states) = try await files.advance(pool, timetable, at: clock.now())
        if !steps.isEmpty { Self.moved.pass() }
        for step in steps { report(step, pool, states) }
        // Also where nothing was due: a rotation that was interrupted may have left an id that is no key's.
        due[pool] = timetable.nextStep(try await enter(states, of: pool))
    }

    /// Enters the ids of a pool's keys in the index. Who rotates and who moves keys on may meet in one pool: whoever enters what isn't so any more enters what is.
    private func enter(_ states: [TokenKeyState], of pool: String) async throws -> [TokenKeyState] {
        var states = states
        while true {
            try await index.setKeyIDs(states.map(\.keyID), of: pool)
            let present = try await files.keys(of: pool).states
            if present.map(\.keyID) == states.map(\.keyID) { return present }
            states = present
        }
    }

    func run() async {
        while !Task.isCancelled {
            do {
                try await advance()
                // Ends early, by throwing, when the task is cancelled; then the loop ends too.
                try? await Task.sleep(for: .milliseconds(500))
            } catch {
                log.error("Token keys could not be looked at", .error(error))
                try? await Task.sleep(for: .seconds(30))
            }
        }
    }

    private func begun(_ pool: String, _ next: TokenKeyState, isNew: Bool) -> Begun {
        Begun(pool: pool, isNew: isNew, signing: timetable.signing(publishedAt: next.since))
    }

    private func report(_ step: TokenKeyTimetable.Step, _ pool: String, _ states: [TokenKeyState]) {
        switch step {
        case .succeed(let use):
            guard let current = states.first(where: { $0.use == use && $0.stage == .current }) else { return }
            log.info("A new token key signs", .tenant(pool), .keyID(current.keyID))
        case .drop(let keyID): log.info("A former token key has left the key set", .tenant(pool), .keyID(keyID))
        }
    }
}
