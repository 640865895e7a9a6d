import Backups
import Crypto
import Encodings
import Files
import SQLite
import Shards
import Threads

/// The open pools: one SQLite file each, at most so many at once, all on one thread.
actor PoolFiles: OnThread {
    nonisolated let thread: WorkerThread
    private let folder: String
    private let secrets: SecretSealer
    private let capacity: Int
    private var open: [String: OpenPool] = [:]
    private var clock: UInt64 = 0
    /// Deleted by this process: who looked a pool up a moment before finds no file, and no damage.
    private var removed: Set<String> = []
    /// Who was erased in a pool, and of which pools that was held against the file by this process.
    private let erased: @Sendable (String) throws -> [UUID]
    private var compared: Set<String> = []

    private struct OpenPool {
        let store: UserPoolStore
        var keys: PoolKeys
        var usedAt: UInt64
    }

    /// - Parameters:
    ///   - capacity: files kept open.
    ///   - erased: the users who were erased in a pool.
    init(
        folder: String, secrets: SecretSealer, thread: WorkerThread, capacity: Int = 64, erased: @escaping @Sendable (String) throws -> [UUID]
    ) {
        self.folder = folder
        self.secrets = secrets
        self.thread = thread
        self.capacity = capacity
        self.erased = erased
    }

    /// The files of all pools.
    static func all(in folder: String) throws(FileError) -> [String] {
        try Directory.list(folder).filter { $0.hasSuffix(".sqlite") }.map { "\(folder)/\($0)" }
    }

    /// Makes a new pool's file with its keys. It is durable when this returns, and nobody's until the index names it.
    func create(_ pool: String, keys: [PoolKeys.Sealed]) throws {
        let store = try UserPoolStore(path: path(of: pool))
        do { try store.insert(keys) } catch {
            // The error that led here is the one to report; what stays has no keys, by which it is known.
            try? remove(pool)
            throw error
        }
        try Directory.sync(folder)
        keep(OpenPool(store: store, keys: try PoolKeys(keys, of: pool, under: secrets), usedAt: clock), for: pool)
    }

    /// Runs one piece of work on a pool's file.
    func with<R: Sendable>(_ pool: String, _ body: @Sendable (UserPoolStore) throws -> R) throws -> R {
        try body(get(pool).store)
    }

    func keys(of pool: String) throws -> PoolKeys {
        try get(pool).keys
    }

    // MARK: Token keys

    /// The keys to sign tokens of this validity with: they will be kept for as long as such a token lives.
    func keys(of pool: String, signing validity: TokenValidity) throws -> PoolKeys {
        let found = try get(pool)
        if found.keys.cover(validity) { return found.keys }
        try found.store.note(validity)
        return try reload(pool)
    }

    /// Publishes new keys, unless others are already on their way to sign.
    /// - Returns: how the pool's token keys stand then.
    func publish(_ keys: [PoolKeys.Sealed], in pool: String) throws -> [TokenKeyState] {
        let found = try get(pool)
        guard !found.keys.states.contains(where: { $0.stage == .next }) else { return found.keys.states }
        try found.store.insert(keys)
        return try reload(pool).states
    }

    /// Takes the steps that are due.
    /// - Returns: the steps, and how the pool's token keys stand then.
    func advance(
        _ pool: String, _ timetable: TokenKeyTimetable, at now: Timestamp
    ) throws -> (steps: [TokenKeyTimetable.Step], states: [TokenKeyState]) {
        let found = try get(pool)
        let steps = timetable.steps(found.keys.states, at: now)
        guard !steps.isEmpty else { return ([], found.keys.states) }
        let formers = try found.keys.states.filter { $0.stage == .current && steps.contains(.succeed($0.use)) }.map {
            try found.keys.former($0, since: now, of: pool, under: secrets)
        }
        try found.store.take(steps, formers: formers, at: now)
        return (steps, try reload(pool).states)
    }

    /// Reads the keys again after a change.
    private func reload(_ pool: String) throws -> PoolKeys {
        var found = try get(pool)
        found.keys = try PoolKeys(try found.store.keys(), of: pool, under: secrets)
        open[pool] = found
        return found.keys
    }

    // MARK: Files

    /// Deletes a user, whom another name may take then, and leaves nothing of them in the file's log.
    func erase(_ user: UUID, of pool: String) throws {
        let store = try get(pool).store
        try store.delete(user)
        try store.connection.checkpoint(.truncate)
    }

    /// Deletes a pool's file, its keys with it. Durable when it returns.
    func remove(_ pool: String) throws {
        removed.insert(pool)
        open[pool] = nil
        for suffix in ["", "-wal", "-shm"] { try File.remove(path(of: pool) + suffix) }
        try Directory.sync(folder)
    }

    /// Whether every open file is still where the next process looks for it; to one that isn't, changes are refused.
    var isInPlace: Bool { open.values.allSatisfy { !$0.store.connection.hasMoved } }

    /// Copies the files that are not in the backup yet, a file at a time, with other work between them.
    func copy(to target: BackupTarget) async throws {
        let folder = "\(target.folder)/pools"
        try Directory.create(folder)
        let pools = try Directory.list(self.folder).filter { $0.hasSuffix(".sqlite") && !File.exists("\(folder)/\($0)") }
        try await target.each(pools.map { String($0.dropLast(".sqlite".count)) }) { pool in
            // Deleted while others were copied.
            guard !removed.contains(pool) else { return }
            let found: OpenPool
            do { found = try get(pool) } catch StoreError.unfinished { return }
            try found.store.connection.copy(to: "\(folder)/\(pool).sqlite").checkpoint(.truncate)
            await Task.yield()
        }
    }

    /// Closes every file, which moves the logs into them.
    func close() {
        open.removeAll()
    }

    private func get(_ pool: String) throws -> OpenPool {
        clock += 1
        if var found = open[pool] {
            found.usedAt = clock
            open[pool] = found
            return found
        }
        guard !removed.contains(pool) else { throw IdentityError.noSuchPool(pool) }
        let path = path(of: pool)
        guard File.exists(path) else {
            // What is put in its place is another.
            compared.remove(pool)
            throw StoreError.missing(pool: pool)
        }
        let store = try UserPoolStore(path: path)
        let keys = try store.keys()
        guard !keys.isEmpty else { throw StoreError.unfinished(pool: pool) }
        if !compared.contains(pool) { try eraseAgain(in: store, of: pool) }
        let opened = OpenPool(store: store, keys: try PoolKeys(keys, of: pool, under: secrets), usedAt: clock)
        keep(opened, for: pool)
        return opened
    }

    /// A file that was put in place of another may be of before an erasure.
    private func eraseAgain(in store: UserPoolStore, of pool: String) throws {
        let back = try erased(pool).filter { try store.user(subject: $0) != nil }
        for user in back { try store.delete(user) }
        if !back.isEmpty { try store.connection.checkpoint(.truncate) }
        compared.insert(pool)
    }

    private func keep(_ pool: OpenPool, for id: String) {
        if open.count >= capacity, let oldest = open.min(by: { $0.value.usedAt < $1.value.usedAt }) { open[oldest.key] = nil }
        open[id] = pool
    }

    /// Only ids that the index holds or that were just made come here: letters, digits, `-` and `_`.
    private func path(of pool: String) -> String { "\(folder)/\(pool).sqlite" }
}
