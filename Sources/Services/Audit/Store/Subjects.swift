internal import Encodings
internal import SQLite
internal import Shards

/// The subjects of one tenant's events: their small numbers and their keys, unwrapped once and kept, up to a limit.
///
/// An event's subject is its actor: the user, or the principal where there is no user.
final class Subjects {
    struct Subject {
        let row: Int64
        /// Nil once the subject is erased.
        let key: DataKey?
    }

    private static let limit = 8192
    private let connection: Connection
    private let keyring: TenantKeyring
    private var known: [String: Subject] = [:]
    private var keys: [Int64: Subject] = [:]
    /// Subjects added by the transaction that is open; forgotten again when it, or their savepoint, is rolled back.
    private(set) var added: [String] = []

    init(_ connection: Connection, _ keyring: TenantKeyring) {
        self.connection = connection
        self.keyring = keyring
    }

    func find(_ name: String) throws -> Subject? {
        if let subject = known[name] { return subject }
        let select = try connection.statement("SELECT id, name, key_id, wrapped_by, wrapped_key FROM subject WHERE name = ?")
        defer { select.reset() }
        try select.bind(1, name)
        return try select.step() ? try read(select) : nil
    }

    func find(row: Int64) throws -> Subject? {
        if let subject = keys[row] { return subject }
        let select = try connection.statement("SELECT id, name, key_id, wrapped_by, wrapped_key FROM subject WHERE id = ?")
        defer { select.reset() }
        try select.bind(1, row)
        return try select.step() ? try read(select) : nil
    }

    /// The subject, with a fresh key if this is their first event.
    func findOrAdd(_ name: String, makeID: () -> UUID) throws -> Subject {
        if let subject = try find(name) { return subject }
        let (key, wrapped) = try keyring.makeDataKey(for: name, id: makeID())
        let insert = try connection.statement("INSERT INTO subject(name, key_id, wrapped_by, wrapped_key) VALUES(?, ?, ?, ?)")
        try insert.bind(1, name)
        try insert.bind(2, wrapped.id.bytes)
        try insert.bind(3, wrapped.wrappedBy)
        try insert.bind(4, wrapped.sealed)
        try insert.run()
        let new = Subject(row: connection.lastInsertedRow, key: key)
        remember(new, as: name)
        added.append(name)
        return new
    }

    func rollBack(to count: Int) {
        for name in added[count...] {
            if let subject = known.removeValue(forKey: name) { keys[subject.row] = nil }
        }
        added.removeSubrange(count...)
    }

    func didCommit() { added.removeAll(keepingCapacity: true) }

    private func read(_ row: Statement) throws -> Subject {
        guard let id = row.withBytes(2, { UUID(bytes: $0) }) else { throw SealError.notAuthentic }
        let wrapped = WrappedKey(id: id, wrappedBy: row.bytes(3), sealed: row.bytes(4))
        let name = row.text(1)
        let found = Subject(row: row.integer(0), key: wrapped.sealed.isEmpty ? nil : try keyring.unwrap(wrapped, of: name))
        remember(found, as: name)
        return found
    }

    private func remember(_ subject: Subject, as name: String) {
        if known.count >= Self.limit {
            known.removeAll(keepingCapacity: true)
            keys.removeAll(keepingCapacity: true)
        }
        known[name] = subject
        keys[subject.row] = subject
    }
}
