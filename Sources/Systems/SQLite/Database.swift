import CSQLite

/// The connection's handle, shared by the connection and its statements so that it closes after the last of them.
///
/// `@safe`: the handle comes from `sqlite3_open_v2` and is closed once, in `deinit`. It is opened with SQLITE_OPEN_NOMUTEX,
/// whose promise (one thread at a time) holds because nothing that reaches it is `Sendable`. The counter that the log hook writes
/// outlives the handle.
@safe final class Database {
    let handle: OpaquePointer
    /// Frames in the write-ahead log after the latest commit; SQLite's hook writes it, on this connection's thread.
    private let frames: UnsafeMutablePointer<Int32>

    init(path: String, flags: Int32) throws(SQLiteError) {
        guard SQLiteLibrary.isReady else { throw SQLiteError(kind: .other, message: "SQLite could not be set up") }
        if flags & SQLITE_OPEN_CREATE != 0, path != ":memory:" { unsafe strongroom_sqlite_make_private(path) }
        var handle: OpaquePointer?
        let code = unsafe sqlite3_open_v2(path, &handle, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nil)
        guard code == SQLITE_OK, let handle = unsafe handle else {
            let error = unsafe SQLiteError(code: code, database: handle)
            unsafe sqlite3_close_v2(handle)
            throw error
        }
        unsafe self.handle = handle
        unsafe frames = .allocate(capacity: 1)
        unsafe frames.initialize(to: 0)
    }

    deinit {
        unsafe sqlite3_close_v2(handle)
        unsafe frames.deallocate()
    }

    var logFrames: Int { unsafe Int(frames.pointee) }

    func forgetLogFrames() { unsafe frames.pointee = 0 }

    /// From now on ``logFrames`` is kept, and SQLite starts no checkpoint by itself: the one takes the place of the other.
    func countLogFrames() {
        _ = unsafe sqlite3_wal_hook(
            handle,
            { frames, _, _, count in
                unsafe frames?.assumingMemoryBound(to: Int32.self).pointee = count
                return SQLITE_OK
            }, frames)
    }

    /// Whether the file's path leads to another file now, or to none; never of a database in memory.
    var hasMoved: Bool {
        var moved: Int32 = 0
        let code = unsafe sqlite3_file_control(handle, nil, SQLITE_FCNTL_HAS_MOVED, &moved)
        return moved != 0 || code != SQLITE_OK && code != SQLITE_NOTFOUND
    }

    func error(_ code: Int32) -> SQLiteError { unsafe SQLiteError(code: code, database: handle) }

    func check(_ code: Int32) throws(SQLiteError) {
        guard code == SQLITE_OK else { throw error(code) }
    }

    /// Runs SQL text without parameters.
    func execute(_ sql: String) throws(SQLiteError) {
        try check(unsafe sqlite3_exec(handle, sql, nil, nil, nil))
    }

    func set(_ option: Int32, _ on: Bool) throws(SQLiteError) {
        try check(unsafe strongroom_sqlite_db_config(handle, option, on ? 1 : 0))
    }
}
