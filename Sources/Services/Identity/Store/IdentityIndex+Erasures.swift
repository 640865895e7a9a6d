import Contracts
import Encodings
import SQLite

/// The cluster's list of erasures, kept for good: what was restored from before one needs it.
extension IdentityIndex {
    static let erasureTables = """
        CREATE TABLE erasure_list(id INTEGER PRIMARY KEY CHECK(id = 1), name BLOB NOT NULL) STRICT;
        CREATE TABLE erasure(number INTEGER PRIMARY KEY, tenant TEXT NOT NULL, user TEXT, line BLOB NOT NULL, is_pending INTEGER NOT NULL) STRICT;
        CREATE UNIQUE INDEX erasure_of_user ON erasure(tenant, user) WHERE user IS NOT NULL;
        CREATE UNIQUE INDEX erasure_of_tenant ON erasure(tenant) WHERE user IS NULL;
        CREATE INDEX erasure_pending ON erasure(number) WHERE is_pending = 1;
        """

    /// The list's own name, by which readers notice one that isn't what they have read. What was restored has a new one: its lines may part from those that
    /// were under the former.
    static func nameList(_ connection: Connection, isRestored: Bool) throws {
        try connection.run(
            isRestored
                ? "INSERT INTO erasure_list VALUES(1, ?1) ON CONFLICT(id) DO UPDATE SET name = ?1"
                : "INSERT OR IGNORE INTO erasure_list VALUES(1, ?)",
            .blob(Identifiers.uuid().bytes))
    }

    func listName() throws -> UUID {
        guard let name = try connection.first("SELECT name FROM erasure_list", row: { $0.withBytes(0) { UUID(bytes: $0) } }) ?? nil else {
            throw StoreError.damaged("erasure_list")
        }
        return name
    }

    /// The number of the newest line; 0 while there is none.
    func head() throws -> UInt64 {
        UInt64(try connection.first("SELECT max(number) FROM erasure") { $0.optionalInteger(0) ?? 0 } ?? 0)
    }

    /// The code of the line with this number: none for 0, nil where there is no such line.
    func code(ofLine number: UInt64) throws -> [UInt8]? {
        if number == 0 { return [] }
        return try connection.first("SELECT line FROM erasure WHERE number = ?", .integer(Int64(clamping: number)), row: Self.line)?.code
    }

    /// Enters an erasure, unless its user or tenant is on the list already. A tenant is no pool any more in the same transaction; one that is protected stays.
    /// - Parameter make: the line with this number.
    /// - Returns: the line that is on the list.
    func enter(tenant: String, user: String?, _ make: (_ number: UInt64) -> Erasure) throws -> Erasure {
        try connection.transaction {
            if let known = try line(of: tenant, user) { return known }
            if user == nil, try pool(tenant)?.isProtected == true { throw IdentityError.poolProtected }
            let erasure = make(try head() + 1)
            try insert(erasure)
            return erasure
        }
    }

    /// Takes back erasures that this file lacks, since it came from a backup or was begun anew: as lines of its own, behind those that it has.
    /// - Parameter make: the line with this number.
    func restore(_ erasures: [Erasure], _ make: (_ erasure: Erasure, _ number: UInt64) -> Erasure) throws {
        try connection.transaction {
            for erasure in erasures where try line(of: erasure.tenant, erasure.user) == nil { try insert(make(erasure, try head() + 1)) }
        }
    }

    private func line(of tenant: String, _ user: String?) throws -> Erasure? {
        try connection.first("SELECT line FROM erasure WHERE tenant = ? AND user IS ?", .text(tenant), .optional(user), row: Self.line)
    }

    private func insert(_ erasure: Erasure) throws {
        if erasure.user == nil {
            try connection.run("DELETE FROM client WHERE pool = ?", .text(erasure.tenant))
            try connection.run("DELETE FROM token_key WHERE pool = ?", .text(erasure.tenant))
            try connection.run("DELETE FROM pool WHERE id = ?", .text(erasure.tenant))
        }
        try connection.run(
            "INSERT INTO erasure VALUES(?, ?, ?, ?, 1)", .integer(Int64(erasure.number)), .text(erasure.tenant), .optional(erasure.user),
            .blob(erasure.encoded))
    }

    func erasures(after number: UInt64, limit: Int) throws -> [Erasure] {
        try connection.rows(
            "SELECT line FROM erasure WHERE number > ? ORDER BY number LIMIT ?", .integer(Int64(clamping: number)), .int(limit), row: Self.line)
    }

    /// Those this service has not carried out itself yet.
    func pendingErasures(after number: UInt64, limit: Int) throws -> [Erasure] {
        try connection.rows(
            "SELECT line FROM erasure WHERE is_pending = 1 AND number > ? ORDER BY number LIMIT ?", .integer(Int64(clamping: number)), .int(limit),
            row: Self.line)
    }

    /// The users who were erased in a pool, for a caller that may block.
    nonisolated func erasedUsers(of pool: String) throws -> [UUID] {
        try Connection(path: path, role: .reader).rows("SELECT user FROM erasure WHERE tenant = ? AND user IS NOT NULL", .text(pool)) {
            UUID($0.text(0))
        }.compactMap { $0 }
    }

    func isDone(_ erasure: Erasure) throws {
        try connection.run("UPDATE erasure SET is_pending = 0 WHERE number = ?", .integer(Int64(erasure.number)))
    }

    /// Nothing that was deleted lives on in the file's log.
    func scrub() throws { try connection.checkpoint(.truncate) }

    private static func line(_ row: Statement) throws -> Erasure {
        try row.withBytes(0) { try Erasure($0) }
    }
}
