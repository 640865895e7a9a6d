internal import Encodings
internal import SQLite
internal import Shards

/// The users of one file: their small numbers and their keys, unwrapped once and kept, up to a limit.
final class UserKeys {
    struct User {
        let row: Int64
        let key: DataKey
    }

    private static let limit = 4096
    private let connection: Connection
    private let keyring: TenantKeyring
    private var known: [String: User] = [:]
    /// Users added by the transaction that is open; forgotten again when it, or their savepoint, is rolled back.
    private(set) var added: [String] = []

    init(_ connection: Connection, _ keyring: TenantKeyring) {
        self.connection = connection
        self.keyring = keyring
    }

    /// Nil for a user who never wrote a note.
    func find(_ user: String) throws -> User? {
        if let user = known[user] { return user }
        let select = try connection.statement("SELECT id, key_id, wrapped_by, wrapped_key FROM user WHERE user_id = ?")
        defer { select.reset() }
        try select.bind(1, user)
        guard try select.step() else { return nil }
        guard let id = select.withBytes(1, { UUID(bytes: $0) }) else { throw SealError.notAuthentic }
        let wrapped = WrappedKey(id: id, wrappedBy: select.bytes(2), sealed: select.bytes(3))
        let found = User(row: select.integer(0), key: try keyring.unwrap(wrapped, of: user))
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
        let new = User(row: connection.lastInsertedRow, key: key)
        remember(new, as: user)
        added.append(user)
        return new
    }

    func rollBack(to count: Int) {
        for user in added[count...] { known[user] = nil }
        added.removeSubrange(count...)
    }

    func didCommit() { added.removeAll(keepingCapacity: true) }

    private func remember(_ user: User, as name: String) {
        if known.count >= Self.limit { known.removeAll(keepingCapacity: true) }
        known[name] = user
    }
}
