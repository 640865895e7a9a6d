import CSQLite

/// One connection to one file, confined to the thread that uses it.
///
/// A file has exactly one writer for its whole open life; it alone commits and checkpoints. Readers see each commit of the
/// writer from their next statement (or read transaction) on. Opened with SQLite's defences on: no extension loading, no
/// writable schema, no double-quoted strings, no memory map, untrusted schema.
public final class Connection {
    public enum Role: Sendable {
        /// Creates the file when it is missing. WAL, `synchronous = FULL`: a commit that returned survives a power cut. What is deleted is
        /// overwritten in the file; older pages of it stay in the log until ``Connection/checkpoint(_:)`` cuts that.
        case writer
        /// Read-only; never checkpoints. The writer must have opened the file before.
        case reader
        /// Read-only, for a file that nobody writes: no log is looked for, no file is made beside it.
        case archive
    }

    public enum Checkpoints: Sendable {
        case automatic
        /// The owner looks at ``pagesSinceCheckpoint`` and calls ``checkpoint(_:)``, when nobody waits for it.
        case manual
    }

    let database: Database
    public let role: Role
    public let path: String
    private var kept: [UInt: Statement] = [:]
    /// Nil for who doesn't write.
    private var beside: FilesBeside?
    var checkpointedFrames = 0

    /// - Parameters:
    ///   - pageCache: kibibytes of the file kept in memory by this connection.
    ///   - busyTimeout: milliseconds to wait for another connection's lock.
    ///   - checkpoints: whether a writer checkpoints by itself, inside the commit that makes the log long.
    public init(
        path: String, role: Role, pageCache: Int = 2048, busyTimeout: Int = 5000, checkpoints: Checkpoints = .automatic
    ) throws(SQLiteError) {
        database =
            switch role {
            case .writer: try Database(path: path, flags: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE)
            case .reader: try Database(path: path, flags: SQLITE_OPEN_READONLY)
            case .archive: try Database(path: Self.archiveURI(path), flags: SQLITE_OPEN_READONLY | SQLITE_OPEN_URI)
            }
        self.role = role
        self.path = path
        unsafe sqlite3_busy_timeout(database.handle, Int32(busyTimeout))
        try database.set(SQLITE_DBCONFIG_DEFENSIVE, true)
        try database.set(SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)
        try database.set(SQLITE_DBCONFIG_DQS_DML, false)
        try database.set(SQLITE_DBCONFIG_DQS_DDL, false)
        try database.set(SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, false)
        try database.set(SQLITE_DBCONFIG_ENABLE_FKEY, true)
        try database.execute("PRAGMA mmap_size = 0; PRAGMA cell_size_check = ON; PRAGMA cache_size = -\(pageCache)")
        switch role {
        case .writer:
            try database.execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 1000; PRAGMA secure_delete = ON")
            if checkpoints == .manual { database.countLogFrames() }
            // SQLite opens the log with the first page that is read.
            try database.execute("PRAGMA user_version")
            beside = FilesBeside(path)
        case .reader:
            try database.set(SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)
            try database.execute("PRAGMA wal_autocheckpoint = 0; PRAGMA query_only = ON")
        case .archive: try database.execute("PRAGMA query_only = ON")
        }
    }

    /// The three characters that mean something in a URI's path to SQLite are escaped.
    private static func archiveURI(_ path: String) -> String {
        var uri = "file:"
        for character in path {
            switch character {
            case "%": uri += "%25"
            case "?": uri += "%3f"
            case "#": uri += "%23"
            default: uri.append(character)
            }
        }
        return uri + "?immutable=1"
    }

    /// A database in memory, gone with the connection: for simulations and tests.
    public static func inMemory() throws(SQLiteError) -> Connection { try Connection(path: ":memory:", role: .writer) }

    // MARK: Statements

    /// The statement for this literal, prepared once and kept. It comes reset; reset it after use, or `run()` it.
    public func statement(_ sql: StaticString) throws(SQLiteError) -> Statement {
        // A literal's bytes stay at one address for the life of the process, so the address names the text.
        let key = UInt(bitPattern: unsafe sql.utf8Start)
        if let statement = kept[key] { return statement }
        let statement = try Statement(sql.description, on: database)
        kept[key] = statement
        return statement
    }

    /// Runs SQL text without parameters: schemas and migrations.
    public func execute(_ sql: String) throws(SQLiteError) { try database.execute(sql) }

    /// Runs one statement with its values.
    public func run(_ sql: StaticString, _ values: Value...) throws(SQLiteError) {
        let statement = try statement(sql)
        defer { statement.reset() }
        for (index, value) in values.enumerated() { try statement.bind(index + 1, value) }
        if role == .writer, !isInTransaction { try requirePlace() }
        while try statement.step() {}
    }

    /// The rows of one query, each turned into a value.
    public func rows<R>(_ sql: StaticString, _ values: Value..., row: (Statement) throws -> R) throws -> [R] {
        let statement = try statement(sql)
        defer { statement.reset() }
        for (index, value) in values.enumerated() { try statement.bind(index + 1, value) }
        var rows: [R] = []
        while try statement.step() { rows.append(try row(statement)) }
        return rows
    }

    /// The first row of one query, or nil.
    public func first<R>(_ sql: StaticString, _ values: Value..., row: (Statement) throws -> R) throws -> R? {
        let statement = try statement(sql)
        defer { statement.reset() }
        for (index, value) in values.enumerated() { try statement.bind(index + 1, value) }
        return try statement.step() ? try row(statement) : nil
    }

    public var lastInsertedRow: Int64 { unsafe sqlite3_last_insert_rowid(database.handle) }

    /// How many rows the last INSERT, UPDATE or DELETE changed.
    public var changes: Int { unsafe Int(sqlite3_changes64(database.handle)) }

    public var isInTransaction: Bool { unsafe sqlite3_get_autocommit(database.handle) == 0 }

    // MARK: Transactions

    /// `BEGIN IMMEDIATE`, `body`, `COMMIT`. Any error (also of the commit) rolls everything back and is thrown on.
    public func transaction<R>(_ body: () throws -> R) throws -> R {
        try transaction(begin: "BEGIN IMMEDIATE", body)
    }

    /// One unchanging view of the file for all statements of `body`.
    public func snapshot<R>(_ body: () throws -> R) throws -> R {
        try transaction(begin: "BEGIN DEFERRED", body)
    }

    private func transaction<R>(begin: StaticString, _ body: () throws -> R) throws -> R {
        try statement(begin).run()
        do {
            let result = try body()
            guard isInTransaction else { throw transactionLost }
            if role == .writer { try requirePlace() }
            try statement("COMMIT").run()
            return result
        } catch {
            // A full disk may have rolled back already; if ROLLBACK itself fails, the transaction is over all the same.
            if isInTransaction { try? statement("ROLLBACK").run() }
            throw error
        }
    }

    /// Runs `body` so that its error undoes its own changes and nothing else of the transaction.
    ///
    /// When the disk is full SQLite may end the whole transaction: then this throws ``SQLiteError/Kind/transactionLost``.
    public func savepoint<R>(_ body: () throws -> R) throws -> R {
        try statement("SAVEPOINT s").run()
        do {
            let result = try body()
            guard isInTransaction else { throw transactionLost }
            try statement("RELEASE s").run()
            return result
        } catch {
            guard isInTransaction else { throw transactionLost }
            try statement("ROLLBACK TO s").run()
            try statement("RELEASE s").run()
            throw error
        }
    }

    /// Whether the path of the file, of its write-ahead log or of that one's index leads to another file now than the one that is open, or to none.
    ///
    /// Three calls of `stat`, two microseconds together. What is in a log that was removed is moved into the file when the connection is closed.
    public var hasMoved: Bool { database.hasMoved || beside.map { $0 != FilesBeside(path) } ?? false }

    /// Before each change becomes durable: what is acknowledged has to be where the next process looks for it.
    private func requirePlace() throws(SQLiteError) {
        if hasMoved {
            throw SQLiteError(
                kind: .moved, code: SQLITE_IOERR, message: "\(path), its -wal or its -shm was moved, removed or replaced while it was open")
        }
    }

    private var transactionLost: SQLiteError {
        SQLiteError(kind: .transactionLost, code: SQLITE_FULL, message: "the transaction was rolled back by a full or failing disk")
    }
}
