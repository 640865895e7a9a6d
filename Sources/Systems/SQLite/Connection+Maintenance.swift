import CSQLite

extension Connection {
    /// The number of the schema in the file; 0 in a new one.
    public func userVersion() throws(SQLiteError) -> Int {
        let statement = try statement("PRAGMA user_version")
        defer { statement.reset() }
        return try statement.step() ? statement.int(0) : 0
    }

    public func setUserVersion(_ version: Int) throws(SQLiteError) {
        try execute("PRAGMA user_version = \(version)")
    }

    public enum Checkpoint: Sendable {
        /// As much as readers allow; waits for nobody.
        case passive
        /// All of it, and the log file is cut to nothing; waits for readers up to the busy timeout.
        case truncate
    }

    /// Moves the write-ahead log into the file. Only the writer may.
    /// - Returns: whether all of the log was moved.
    @discardableResult
    public func checkpoint(_ mode: Checkpoint) throws(SQLiteError) -> Bool {
        precondition(role == .writer, "a reader never checkpoints")
        var frames: Int32 = 0
        var moved: Int32 = 0
        let code = unsafe sqlite3_wal_checkpoint_v2(
            database.handle, nil, mode == .passive ? SQLITE_CHECKPOINT_PASSIVE : SQLITE_CHECKPOINT_TRUNCATE, &frames, &moved)
        let isBusy = code & 0xff == SQLITE_BUSY
        if code == SQLITE_OK, mode == .truncate { database.forgetLogFrames() }
        checkpointedFrames = database.logFrames
        if !isBusy { try database.check(code) }
        return !isBusy && frames == moved
    }

    /// Pages in the write-ahead log, as of the latest commit of a writer that checkpoints by hand.
    public var logPages: Int { database.logFrames }

    /// Of these, how many were written since the latest checkpoint.
    public var pagesSinceCheckpoint: Int {
        // A log that got shorter began anew.
        logPages < checkpointedFrames ? logPages : logPages - checkpointedFrames
    }

    /// Gives the page cache back to the system, as far as it holds nothing unwritten.
    public func releaseMemory() {
        unsafe sqlite3_db_release_memory(database.handle)
    }

    /// Limits the file to `pages` pages of 4096 bytes: beyond it writes fail as on a full disk.
    public func limit(pages: Int) throws(SQLiteError) {
        try execute("PRAGMA max_page_count = \(pages)")
    }

    /// SQLite's own check of the whole file: empty when it is sound.
    public func integrityErrors() throws -> [String] {
        try rows("PRAGMA integrity_check(100)") { $0.text(0) }.filter { $0 != "ok" }
    }
}
