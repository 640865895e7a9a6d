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
    /// Whether the transaction that is open has destroyed keys: rolled back, it has not, whatever was read meanwhile.
    private var hasErased = false

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

    /// The subject, with a fresh key if this is their first event. After the tenant is deleted users get none: what still arrives of them is erased.
    func findOrAdd(_ name: String, makeID: () -> UUID) throws -> Subject {
        if let subject = try find(name) { return subject }
        if !Self.isPrincipal(name), try isTenantDeleted() { return try addErased(name, makeID: makeID) }
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

    // MARK: Erasing

    /// A principal of the account, or one of the product's tools (``EventActor/tool(_:)``): no user of the tenant.
    private static func isPrincipal(_ name: String) -> Bool { name.hasPrefix("arn:") || name.hasPrefix("strongroom ") }

    /// Whether it is a user who was erased, alone or with the tenant; who never had an event may be one, too.
    func isErased(_ name: String) throws -> Bool {
        if let subject = try find(name) { return subject.key == nil }
        return try !Self.isPrincipal(name) && isTenantDeleted()
    }

    /// The same by the file alone, whether or not the key that is there opens.
    func isRecordedAsErased(_ name: String) throws -> Bool {
        try connection.first("SELECT wrapped_key = x'' FROM subject WHERE name = ?", .text(name)) { $0.bool(0) }
            ?? (!Self.isPrincipal(name) && isTenantDeleted())
    }

    func isTenantDeleted() throws -> Bool { try connection.first("SELECT deleted FROM log") { $0.bool(0) } ?? false }

    /// Destroys the subject's key, and with it what events say of them. The row stays, so that what still arrives gets no new key.
    /// - Returns: whether there was anything to do.
    func erase(_ name: String, makeID: () -> UUID) throws -> Bool {
        forget(name)
        hasErased = true
        // Without a look at the key: it may be one that opens no more.
        try connection.run("UPDATE subject SET wrapped_key = x'' WHERE name = ? AND wrapped_key <> x''", .text(name))
        if connection.changes > 0 { return true }
        guard try connection.first("SELECT 1 FROM subject WHERE name = ?", .text(name), row: { _ in true }) == nil else { return false }
        _ = try addErased(name, makeID: makeID)
        return true
    }

    /// Destroys the keys of all users of the tenant, also of those to come.
    /// - Returns: whether that had not been done.
    func eraseTenant() throws -> Bool {
        guard try !isTenantDeleted() else { return false }
        hasErased = true
        try connection.run("UPDATE log SET deleted = 1")
        // As `isPrincipal` has it.
        try connection.run("UPDATE subject SET wrapped_key = x'' WHERE substr(name, 1, 4) <> 'arn:' AND substr(name, 1, 11) <> 'strongroom '")
        forgetAll()
        return true
    }

    private func addErased(_ name: String, makeID: () -> UUID) throws -> Subject {
        hasErased = true
        try connection.run(
            "INSERT INTO subject(name, key_id, wrapped_by, wrapped_key) VALUES(?, ?, x'', x'')", .text(name), .blob(makeID().bytes))
        return Subject(row: connection.lastInsertedRow, key: nil)
    }

    /// Lets go of a key that this or another connection has destroyed.
    func forget(_ name: String) {
        if let subject = known.removeValue(forKey: name) { keys[subject.row] = nil }
    }

    func forgetAll() {
        known.removeAll()
        keys.removeAll()
    }

    func rollBack(to count: Int) {
        for name in added[count...] {
            if let subject = known.removeValue(forKey: name) { keys[subject.row] = nil }
        }
        added.removeSubrange(count...)
        if hasErased { forgetAll() }
        hasErased = false
    }

    func didCommit() {
        added.removeAll(keepingCapacity: true)
        hasErased = false
    }

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
