public import Contracts
internal import Encodings
internal import SQLite
internal import Shards
internal import Synchronization
public import Threads

/// Every erasure that a service has carried out, in a file beside the data, and how far it has read the cluster's list.
///
/// What could not be carried out, in a file that is damaged, is entered all the same and marked as owed, so that nobody else's erasure waits for it.
///
/// It goes into the service's backups first, so that what it names as done is done in what is copied after it. What was carried out is kept whatever
/// becomes of the list: an identity service that was restored, or has lost its data, is given back from here what it lacks.
public actor ErasureLedger: OnThread {
    public nonisolated let thread: WorkerThread
    private let connection: Connection
    private nonisolated let owedCount: Atomic<Int>
    private nonisolated let path: String

    private static let schema = Schema(
        """
        CREATE TABLE list(id INTEGER PRIMARY KEY CHECK(id = 1), name BLOB NOT NULL) STRICT;
        CREATE TABLE erasure(number INTEGER PRIMARY KEY, line BLOB NOT NULL) STRICT;
        """,
        """
        ALTER TABLE erasure ADD COLUMN tenant TEXT;
        UPDATE erasure SET tenant = json_extract(CAST(line AS TEXT), '$.tenant');
        CREATE INDEX erasure_tenant ON erasure(tenant);
        """,
        // All of it counts as not read yet, since it may have parted from identity's list without anybody noticing. No user's id is empty.
        """
        CREATE TABLE done(id INTEGER PRIMARY KEY, tenant TEXT NOT NULL, user TEXT NOT NULL, line BLOB NOT NULL, number INTEGER UNIQUE,
            UNIQUE(tenant, user)) STRICT;
        INSERT INTO done(tenant, user, line)
            SELECT tenant, ifnull(json_extract(CAST(line AS TEXT), '$.user'), ''), line FROM erasure WHERE true ORDER BY number
            ON CONFLICT(tenant, user) DO NOTHING;
        DROP TABLE erasure;
        DELETE FROM list;
        """,
        """
        ALTER TABLE done ADD COLUMN owed INTEGER NOT NULL DEFAULT 0;
        CREATE INDEX done_owed ON done(id) WHERE owed;
        """)

    /// How far the service has read the list.
    struct State: Equatable, Sendable {
        /// Nil before the first answer.
        var list: UUID?
        /// The number of the newest line that was read; 0 while there is none.
        var head: UInt64
        /// That line's code.
        var code: [UInt8]
    }

    /// Opens the file, or makes it. Blocks: at start-up only.
    /// - Parameter data: the service's data folder, which is there.
    public init(data: String) throws {
        thread = try WorkerThread(name: "erasures")
        path = "\(data)/\(Self.fileName)"
        connection = try Connection(path: path, role: .writer)
        try Self.schema.apply(to: connection)
        owedCount = Atomic(try Self.countOwed(in: connection))
    }

    private static let fileName = "erasures.sqlite"

    /// Whether the file, and what SQLite keeps beside it, is still where the next process looks for it.
    public var isInPlace: Bool { !connection.hasMoved }

    func state() throws -> State {
        let list = try connection.first("SELECT name FROM list") { $0.withBytes(0) { UUID(bytes: $0) } } ?? nil
        let newest = try connection.first(
            "SELECT line FROM done WHERE number IS NOT NULL ORDER BY number DESC LIMIT 1", row: Self.line)
        return State(list: list, head: newest?.number ?? 0, code: newest?.code ?? [])
    }

    /// Another list has taken the place of the one that was read: nothing of it has been read, and what was carried out stays so.
    func begin(_ list: UUID) throws {
        try connection.transaction {
            try connection.run("UPDATE done SET number = NULL WHERE number IS NOT NULL")
            try connection.run("INSERT INTO list VALUES(1, ?1) ON CONFLICT(id) DO UPDATE SET name = ?1", .blob(list.bytes))
        }
    }

    /// Whether it was carried out before, whichever list it was read from.
    func isDone(_ erasure: Erasure) throws -> Bool {
        try connection.first(
            "SELECT 1 FROM done WHERE tenant = ? AND user = ? AND NOT owed", .text(erasure.tenant), .text(erasure.user ?? ""), row: { _ in true })
            ?? false
    }

    /// The list's next line has been carried out, or is owed from now on.
    func append(_ erasure: Erasure, isOwed: Bool = false) throws {
        try connection.run(
            """
            INSERT INTO done(tenant, user, line, number, owed) VALUES(?1, ?2, ?3, ?4, ?5)
                ON CONFLICT(tenant, user) DO UPDATE SET line = ?3, number = ?4, owed = ?5
            """, .text(erasure.tenant), .text(erasure.user ?? ""), .blob(erasure.encoded), .integer(Int64(erasure.number)), .int(isOwed ? 1 : 0))
        owedCount.store(try Self.countOwed(in: connection), ordering: .relaxed)
    }

    // MARK: Owed

    /// How many were read, and could not be carried out yet.
    public nonisolated var owed: Int { owedCount.load(ordering: .relaxed) }

    /// Some of what is owed, oldest first.
    func owedErasures(after place: Int64, limit: Int) throws -> Page {
        try page("SELECT line, id FROM done WHERE owed AND id > ? ORDER BY id LIMIT ?", after: place, limit: limit)
    }

    /// Whether something of the tenant's is owed.
    func owes(_ tenant: String) throws -> Bool {
        try connection.first("SELECT 1 FROM done WHERE tenant = ? AND owed LIMIT 1", .text(tenant), row: { _ in true }) ?? false
    }

    /// It has been carried out after all.
    func settle(_ erasure: Erasure) throws {
        try connection.run("UPDATE done SET owed = 0 WHERE tenant = ? AND user = ?", .text(erasure.tenant), .text(erasure.user ?? ""))
        owedCount.store(try Self.countOwed(in: connection), ordering: .relaxed)
    }

    private static func countOwed(in connection: Connection) throws -> Int {
        try connection.first("SELECT count(*) FROM done WHERE owed") { $0.int(0) } ?? 0
    }

    /// Of what was carried out in a tenant, or is owed, that which a file of its lacks, since it may be older. For a caller that may block.
    /// - Parameter isLacking: of a user, or, without one, of the tenant itself: there may be very many, of whom a file lacks hardly any.
    public nonisolated func erasures(
        in tenant: String, where isLacking: (_ user: String?) throws -> Bool
    ) throws -> [(erasure: Erasure, isOwed: Bool)] {
        let reader = try Connection(path: path, role: .reader)
        // By an index that has no more of a row than this.
        let users = try reader.rows("SELECT user FROM done WHERE tenant = ?", .text(tenant)) { $0.text(0) }
        return try users.filter { try isLacking($0.isEmpty ? nil : $0) }.flatMap { user in
            try reader.rows("SELECT line, owed FROM done WHERE tenant = ? AND user = ?", .text(tenant), .text(user)) {
                (erasure: try Self.line($0), isOwed: $0.bool(1))
            }
        }
    }

    struct Page: Sendable {
        var erasures: [Erasure] = []
        /// Where the next ones begin.
        var end: Int64
    }

    /// Some of what was carried out, or is owed, and has not been read in the present list.
    func unread(after place: Int64, limit: Int) throws -> Page {
        try page("SELECT line, id FROM done WHERE number IS NULL AND id > ? ORDER BY id LIMIT ?", after: place, limit: limit)
    }

    private func page(_ select: StaticString, after place: Int64, limit: Int) throws -> Page {
        let rows = try connection.rows(select, .integer(place), .int(limit)) { (try Self.line($0), $0.integer(1)) }
        return Page(erasures: rows.map(\.0), end: rows.last?.1 ?? place)
    }

    private static func line(_ row: Statement) throws -> Erasure {
        try row.withBytes(0) { try Erasure($0) }
    }

    /// Copies the file into a backup's folder.
    public func copy(into folder: String) throws {
        try connection.copy(to: "\(folder)/\(Self.fileName)").checkpoint(.truncate)
    }
}
