import CSQLite

extension Connection {
    /// Copies the whole file at once, for one that is small.
    /// - Returns: a connection to the copy.
    public func copy(to path: String) throws(SQLiteError) -> Connection {
        let backup = try Backup(of: self, to: path)
        while try backup.step(pages: 1024) > 0 {}
        return try Connection(path: path, role: .writer)
    }
}

/// A copy of a live file, made in steps by the connection that writes it, so that no second writer ever touches the file.
///
/// `@safe`: the handle comes from `sqlite3_backup_init` and is finished once, in `deinit`, while both connections it names are
/// still held here.
@safe public final class Backup {
    private let handle: OpaquePointer
    private let source: Connection
    private let target: Database

    /// Starts a copy of `source` to a new file at `path`.
    public init(of source: Connection, to path: String) throws(SQLiteError) {
        target = try Database(path: path, flags: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE)
        guard let handle = unsafe sqlite3_backup_init(target.handle, "main", source.database.handle, "main") else {
            throw unsafe target.error(sqlite3_errcode(target.handle))
        }
        unsafe self.handle = handle
        self.source = source
    }

    deinit {
        unsafe sqlite3_backup_finish(handle)
    }

    /// Copies up to `pages` pages; what the source writes in between is carried over.
    /// - Returns: how many pages are left; 0 when the copy is complete and on the disk.
    public func step(pages: Int) throws(SQLiteError) -> Int {
        let code = unsafe sqlite3_backup_step(handle, Int32(pages))
        guard code == SQLITE_OK || code == SQLITE_DONE else { throw target.error(code) }
        return code == SQLITE_DONE ? 0 : unsafe max(1, Int(sqlite3_backup_remaining(handle)))
    }
}
