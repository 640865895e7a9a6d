import Crypto
import Encodings
import JSON
import SQLite
import Shards
import Threads

/// The index of all pools, their clients and their public keys' ids: one file, one thread.
///
/// A pool exists once it is in here; its own file is made before, so that a crash in between leaves nothing but an unused file.
actor IdentityIndex: OnThread {
    nonisolated let thread: WorkerThread
    let connection: Connection
    nonisolated let path: String
    private let secrets: SecretSealer

    static let maximumPools: Int64 = 1000

    private static let schema = Schema(
        """
        CREATE TABLE pool(id TEXT PRIMARY KEY, name TEXT NOT NULL, settings TEXT NOT NULL, created INTEGER NOT NULL, modified INTEGER NOT NULL) STRICT;
        CREATE TABLE client(id TEXT PRIMARY KEY, pool TEXT NOT NULL REFERENCES pool(id), name TEXT NOT NULL, secret BLOB, settings TEXT NOT NULL,
            created INTEGER NOT NULL, modified INTEGER NOT NULL) STRICT;
        CREATE INDEX client_by_pool ON client(pool, id);
        CREATE TABLE token_key(kid TEXT PRIMARY KEY, pool TEXT NOT NULL REFERENCES pool(id)) STRICT;
        """, erasureTables)

    /// Opens the file, or makes it. Blocks: at start-up only.
    /// - Parameter isRestored: whether it is a backup's, and the users who were erased since are still in it.
    init(path: String, secrets: SecretSealer, isRestored: Bool, thread: WorkerThread) throws {
        let connection = try Connection(path: path, role: .writer)
        try Self.schema.apply(to: connection)
        try Self.nameList(connection, isRestored: isRestored)
        self.connection = connection
        self.path = path
        self.thread = thread
        self.secrets = secrets
    }

    /// Whether the file is still where the next process looks for it; to one that isn't, changes are refused.
    var isInPlace: Bool { !connection.hasMoved }

    /// Copies the file, between two changes.
    func copy(to path: String) throws {
        let copy = try connection.copy(to: path)
        // Pools were copied before: users who were erased since are still in their copies.
        try copy.run("UPDATE erasure SET is_pending = 1")
        try copy.checkpoint(.truncate)
    }

    // MARK: Pools

    /// Throws where there are as many pools as there may be.
    func requireRoom() throws {
        let count = try connection.first("SELECT count(*) FROM pool") { $0.integer(0) } ?? 0
        guard count < Self.maximumPools else { throw IdentityError(.limitExceeded, "Cannot have more than \(Self.maximumPools) user pools.") }
    }

    /// - Parameter keyIDs: of the pool's token keys.
    func insert(_ pool: UserPool, keyIDs: [String]) throws {
        try connection.transaction {
            try requireRoom()
            try connection.run(
                "INSERT INTO pool VALUES(?, ?, ?, ?, ?)", .text(pool.id), .text(pool.name), .text(Self.text(pool.settings)),
                .integer(pool.createdAt.microseconds), .integer(pool.modifiedAt.microseconds))
            for keyID in keyIDs { try connection.run("INSERT INTO token_key VALUES(?, ?)", .text(keyID), .text(pool.id)) }
        }
    }

    /// Replaces the ids of a pool's token keys.
    func setKeyIDs(_ keyIDs: [String], of pool: String) throws {
        try connection.transaction {
            try connection.run("DELETE FROM token_key WHERE pool = ?", .text(pool))
            for keyID in keyIDs { try connection.run("INSERT INTO token_key VALUES(?, ?)", .text(keyID), .text(pool)) }
        }
    }

    /// The pools that have more token keys than sign, or may have: their rotation is under way.
    func poolsInRotation() throws -> [String] {
        try connection.rows("SELECT pool FROM token_key GROUP BY pool HAVING count(*) > 2 ORDER BY pool") { $0.text(0) }
    }

    /// Replaces a pool by what `change` makes of it as it is now.
    /// - Returns: whether there was one.
    func update(_ id: String, _ change: @Sendable (UserPool) throws -> UserPool) throws -> Bool {
        try connection.transaction {
            guard let pool = try pool(id).map(change) else { return false }
            try connection.run(
                "UPDATE pool SET name = ?, settings = ?, modified = ? WHERE id = ?", .text(pool.name), .text(Self.text(pool.settings)),
                .integer(pool.modifiedAt.microseconds), .text(id))
            return true
        }
    }

    func pool(_ id: String) throws -> UserPool? {
        try connection.first("SELECT id, name, settings, created, modified FROM pool WHERE id = ?", .text(id), row: Self.pool)
    }

    func pools(after id: String, limit: Int) throws -> [UserPool] {
        try connection.rows(
            "SELECT id, name, settings, created, modified FROM pool WHERE id > ? ORDER BY id LIMIT ?", .text(id), .int(limit), row: Self.pool)
    }

    /// The pool whose key has this id.
    func pool(withKey keyID: String) throws -> UserPool? {
        try connection.first(
            "SELECT id, name, settings, created, modified FROM pool WHERE id = (SELECT pool FROM token_key WHERE kid = ?)", .text(keyID),
            row: Self.pool)
    }

    // MARK: Clients

    func insert(_ client: UserPoolClient) throws {
        let secret = client.secret.map { secrets.seal(Array($0.utf8), as: .clientSecret, place: client.id) }
        try connection.transaction {
            guard try pool(client.poolID) != nil else { throw IdentityError.noSuchPool(client.poolID) }
            let count = try connection.first("SELECT count(*) FROM client WHERE pool = ?", .text(client.poolID)) { $0.int(0) } ?? 0
            guard count < UserPoolClient.maximumPerPool else {
                throw IdentityError(.limitExceeded, "Cannot have more than \(UserPoolClient.maximumPerPool) clients in a user pool.")
            }
            try connection.run(
                "INSERT INTO client VALUES(?, ?, ?, ?, ?, ?, ?)", .text(client.id), .text(client.poolID), .text(client.name), .optional(secret),
                .text(Self.text(client.settings)), .integer(client.createdAt.microseconds), .integer(client.modifiedAt.microseconds))
        }
    }

    /// The client and the pool it belongs to.
    func client(_ id: String) throws -> (client: UserPoolClient, pool: UserPool)? {
        let client = try connection.first(
            "SELECT id, pool, name, secret, settings, created, modified FROM client WHERE id = ?", .text(id), row: client)
        guard let client, let pool = try pool(client.poolID) else { return nil }
        return (client, pool)
    }

    func clients(of pool: String, after id: String, limit: Int) throws -> [UserPoolClient] {
        try connection.rows(
            "SELECT id, pool, name, secret, settings, created, modified FROM client WHERE pool = ? AND id > ? ORDER BY id LIMIT ?", .text(pool),
            .text(id), .int(limit), row: client)
    }

    /// - Returns: whether there was one.
    func deleteClient(_ id: String, of pool: String) throws -> Bool {
        try connection.run("DELETE FROM client WHERE id = ? AND pool = ?", .text(id), .text(pool))
        return connection.changes > 0
    }

    // MARK: Rows

    private static func text(_ settings: JSONObject) -> String { String(decoding: JSON.encode(.object(settings)), as: UTF8.self) }

    private static func input(_ settings: String) throws -> Input {
        guard let object = try JSON.parse(settings).object else { throw StoreError.damaged("settings") }
        return Input(object)
    }

    private static func pool(_ row: Statement) throws -> UserPool {
        var input = try input(row.text(2))
        return try UserPool(
            id: row.text(0), name: row.text(1), createdAt: Timestamp(microseconds: row.integer(3)),
            modifiedAt: Timestamp(microseconds: row.integer(4)), from: .storage, reading: &input)
    }

    private func client(_ row: Statement) throws -> UserPoolClient {
        var input = try Self.input(row.text(4))
        let id = row.text(0)
        let secret = row.isNull(3) ? nil : String(decoding: try secrets.open(row.bytes(3), as: .clientSecret, place: id), as: UTF8.self)
        return try UserPoolClient(
            id: id, poolID: row.text(1), name: row.text(2), secret: secret, createdAt: Timestamp(microseconds: row.integer(5)),
            modifiedAt: Timestamp(microseconds: row.integer(6)), reading: &input)
    }
}
