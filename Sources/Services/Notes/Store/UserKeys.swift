internal import Encodings
internal import SQLite
internal import Shards

/// The users of one file: their small numbers, their keys, unwrapped once, and how many notes they have. Kept up to a limit.
///
/// The number of notes is counted once, over the index, and then followed in memory: a column for it would write one more page,
/// somewhere in the file, with every note.
final class UserKeys {
    final class User {
        let row: Int64
        let key: DataKey
        fileprivate var notes: Int?
        /// Idempotency keys remembered: never too few, as what is forgotten for its age isn't followed.
        fileprivate var keys: Int?

        fileprivate init(row: Int64, key: DataKey, notes: Int?) {
            self.row = row
            self.key = key
            self.notes = notes
        }
    }

    private enum Change {
        case added(name: String)
        case counted(User, by: Int)
        case foundKeys
        case countedKeys(by: Int)
    }

    private static let limit = 4096
    private let connection: Connection
    private let keyring: TenantKeyring
    private var known: [String: User] = [:]
    /// Idempotency keys remembered of everybody, counted once and then followed.
    private var allKeys: Int?
    /// What the open transaction changed here, to be undone with it or with a part of it.
    private var changes: [Change] = []

    init(_ connection: Connection, _ keyring: TenantKeyring) {
        self.connection = connection
        self.keyring = keyring
    }

    /// Nil for a user who never wrote a note. Throws ``SealError/erased`` for one whose key was destroyed.
    func find(_ user: String) throws -> User? {
        if let user = known[user] { return user }
        let select = try connection.statement("SELECT id, key_id, wrapped_by, wrapped_key FROM user WHERE user_id = ?")
        defer { select.reset() }
        try select.bind(1, user)
        guard try select.step() else { return nil }
        guard let id = select.withBytes(1, { UUID(bytes: $0) }) else { throw SealError.notAuthentic }
        let wrapped = WrappedKey(id: id, wrappedBy: select.bytes(2), sealed: select.bytes(3))
        let found = User(row: select.integer(0), key: try keyring.unwrap(wrapped, of: user), notes: nil)
        remember(found, as: user)
        return found
    }

    /// The user, with a fresh key if this is their first note.
    func findOrAdd(_ user: String, makeID: () -> UUID) throws -> User {
        if let user = try find(user) { return user }
        let (key, wrapped) = try keyring.makeDataKey(for: user, id: makeID())
        let insert = try connection.statement("INSERT INTO user(user_id, key_id, wrapped_by, wrapped_key) VALUES(?, ?, ?, ?)")
        try insert.bind(1, user)
        try insert.bind(2, wrapped.id.bytes)
        try insert.bind(3, wrapped.wrappedBy)
        try insert.bind(4, wrapped.sealed)
        try insert.run()
        let new = User(row: connection.lastInsertedRow, key: key, notes: 0)
        remember(new, as: user)
        changes.append(.added(name: user))
        return new
    }

    func isErased(_ user: String) throws -> Bool {
        do {
            _ = try find(user)
            return false
        } catch SealError.erased {
            return true
        }
    }

    /// Those of the users who have a key: asked of the file, since what a reader keeps in memory may be older than an erasure.
    func living(among users: Set<String>) throws -> Set<String> {
        let select = try connection.statement("SELECT 1 FROM user WHERE user_id = ? AND wrapped_key <> x''")
        return try users.filter { user in
            defer { select.reset() }
            try select.bind(1, user)
            return try select.step()
        }
    }

    /// Destroys the user's key. What stays is a row without one, also of a user who never wrote: tokens outlive their user, and must not bring anything
    /// back.
    func erase(_ user: String, makeID: () -> UUID) throws {
        known[user] = nil
        try connection.run("UPDATE user SET wrapped_key = x'' WHERE user_id = ?", .text(user))
        guard connection.changes == 0 else { return }
        try connection.run(
            "INSERT INTO user(user_id, key_id, wrapped_by, wrapped_key) VALUES(?, ?, x'', x'')", .text(user), .blob(makeID().bytes))
    }

    /// Lets go of the user's key, which another connection has destroyed.
    func forget(_ user: String) { known[user] = nil }

    /// How many notes the user has, this transaction's included.
    func notes(of user: User) throws -> Int {
        if let notes = user.notes { return notes }
        let count = try connection.statement("SELECT count(*) FROM note WHERE user = ?")
        defer { count.reset() }
        try count.bind(1, user.row)
        let notes = try count.step() ? count.int(0) : 0
        user.notes = notes
        return notes
    }

    /// A note was added (1) or removed (-1).
    func count(_ user: User, by change: Int) {
        guard let notes = user.notes else { return }
        user.notes = notes + change
        changes.append(.counted(user, by: change))
    }

    /// One more idempotency key was inserted: how many there are at most.
    func countKey(of user: User) throws -> Int {
        guard let keys = user.keys else {
            let count = try connection.first("SELECT count(*) FROM idempotency WHERE user = ?", .integer(user.row)) { $0.int(0) } ?? 0
            user.keys = count
            return count
        }
        user.keys = keys + 1
        return keys + 1
    }

    func recountKeys(of user: User) { user.keys = nil }

    /// How many idempotency keys the file has, this transaction's included.
    func keys() throws -> Int {
        if let allKeys { return allKeys }
        let count = try connection.first("SELECT count(*) FROM idempotency") { $0.int(0) } ?? 0
        allKeys = count
        changes.append(.foundKeys)
        return count
    }

    /// One more idempotency key was inserted, whoever's it is.
    func rememberedKey() { countKeys(by: 1) }

    /// So many idempotency keys were deleted.
    func forgotKeys(_ count: Int) { countKeys(by: -count) }

    private func countKeys(by change: Int) {
        guard let allKeys, change != 0 else { return }
        self.allKeys = allKeys + change
        changes.append(.countedKeys(by: change))
    }

    // MARK: Transactions

    /// How far back ``rollBack(to:)`` can go.
    var savepoint: Int { changes.count }

    func rollBack(to savepoint: Int) {
        for change in changes[savepoint...].reversed() {
            switch change {
            case .added(let name): known[name] = nil
            case .counted(let user, let change): user.notes = user.notes.map { $0 - change }
            // What else this part did to the rows is in that number.
            case .foundKeys: allKeys = nil
            case .countedKeys(let change): allKeys = allKeys.map { $0 - change }
            }
        }
        changes.removeSubrange(savepoint...)
    }

    /// The whole transaction is undone: what was loaded during it may tell of it.
    func didRollBack() {
        changes.removeAll()
        known.removeAll()
        allKeys = nil
    }

    func didCommit() { changes.removeAll(keepingCapacity: true) }

    private func remember(_ user: User, as name: String) {
        if known.count >= Self.limit { known.removeAll(keepingCapacity: true) }
        known[name] = user
    }
}
