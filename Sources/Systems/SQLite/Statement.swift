import CSQLite

/// A prepared statement. Bind by position from 1, read columns by position from 0.
///
/// It belongs to its connection's thread. `@safe`: the handle comes from `sqlite3_prepare_v3`, never leaves this class and is
/// finalised once, before the connection closes (which it keeps alive); column pointers are copied or lent to a closure
/// before the next step, as SQLite asks.
@safe public final class Statement {
    private let handle: OpaquePointer
    private let database: Database

    init(_ sql: String, on database: Database) throws(SQLiteError) {
        var handle: OpaquePointer?
        let code = unsafe sqlite3_prepare_v3(database.handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &handle, nil)
        guard code == SQLITE_OK else { throw database.error(code) }
        guard let handle = unsafe handle else { throw SQLiteError(kind: .schema, message: "the statement is empty") }
        unsafe self.handle = handle
        self.database = database
    }

    deinit {
        unsafe sqlite3_finalize(handle)
    }

    // MARK: Binding

    public func bind(_ index: Int, _ value: Int64) throws(SQLiteError) {
        try check(unsafe sqlite3_bind_int64(handle, Int32(index), value))
    }

    public func bind(_ index: Int, _ value: Int) throws(SQLiteError) { try bind(index, Int64(value)) }

    /// Binds a blob; the bytes are copied.
    public func bind(_ index: Int, _ bytes: Span<UInt8>) throws(SQLiteError) {
        try check(
            unsafe bytes.withUnsafeBytes {
                unsafe strongroom_sqlite_bind_blob(handle, Int32(index), $0.baseAddress, UInt64($0.count))
            })
    }

    public func bind(_ index: Int, _ bytes: [UInt8]) throws(SQLiteError) { try bind(index, bytes.span) }

    /// Binds text that is UTF-8 already; the bytes are copied.
    public func bind(_ index: Int, utf8 bytes: Span<UInt8>) throws(SQLiteError) {
        try check(
            unsafe bytes.withUnsafeBytes {
                unsafe strongroom_sqlite_bind_text(
                    handle, Int32(index), $0.baseAddress?.assumingMemoryBound(to: CChar.self), UInt64($0.count))
            })
    }

    public func bind(_ index: Int, _ text: String) throws(SQLiteError) {
        var text = text
        let code = text.withUTF8 { utf8 in
            unsafe utf8.withMemoryRebound(to: CChar.self) {
                unsafe strongroom_sqlite_bind_text(handle, Int32(index), $0.baseAddress, UInt64($0.count))
            }
        }
        try check(code)
    }

    public func bindNull(_ index: Int) throws(SQLiteError) {
        try check(unsafe sqlite3_bind_null(handle, Int32(index)))
    }

    public func bind(_ index: Int, _ value: Value) throws(SQLiteError) {
        switch value {
        case .null: try bindNull(index)
        case .integer(let value): try bind(index, value)
        case .text(let value): try bind(index, value)
        case .blob(let value): try bind(index, value)
        }
    }

    // MARK: Running

    /// Runs to the next row: true with a row, false at the end. After an error or the last row, ``reset()`` it.
    public func step() throws(SQLiteError) -> Bool {
        switch unsafe sqlite3_step(handle) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        case let code: throw database.error(code)
        }
    }

    /// Makes the statement ready to be bound and run again; bound values are forgotten. Never fails: what a failed step had
    /// to say, it said by throwing.
    public func reset() {
        unsafe sqlite3_reset(handle)
        unsafe sqlite3_clear_bindings(handle)
    }

    /// Runs a statement that yields no rows, and resets it.
    public func run() throws(SQLiteError) {
        defer { reset() }
        while try step() {}
    }

    // MARK: Columns of the current row

    public func isNull(_ column: Int) -> Bool { unsafe sqlite3_column_type(handle, Int32(column)) == SQLITE_NULL }

    public func integer(_ column: Int) -> Int64 { unsafe sqlite3_column_int64(handle, Int32(column)) }

    public func int(_ column: Int) -> Int { Int(truncatingIfNeeded: integer(column)) }

    public func bool(_ column: Int) -> Bool { integer(column) != 0 }

    /// The text (or blob) as a string; bytes that are no UTF-8 are replaced. NULL is "".
    public func text(_ column: Int) -> String {
        withBytes(column) { bytes in
            unsafe bytes.withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) }
        }
    }

    public func optionalText(_ column: Int) -> String? { isNull(column) ? nil : text(column) }

    /// A copy of the blob (or text). NULL is empty.
    public func bytes(_ column: Int) -> [UInt8] {
        withBytes(column) { bytes in
            unsafe bytes.withUnsafeBytes { unsafe Array($0) }
        }
    }

    public func optionalInteger(_ column: Int) -> Int64? { isNull(column) ? nil : integer(column) }

    /// Lends the blob's (or text's) bytes without a copy.
    public func withBytes<R, E: Error>(_ column: Int, _ body: (Span<UInt8>) throws(E) -> R) throws(E) -> R {
        let pointer = unsafe sqlite3_column_blob(handle, Int32(column))
        let count = unsafe Int(sqlite3_column_bytes(handle, Int32(column)))
        let buffer = unsafe UnsafeBufferPointer(
            start: pointer?.assumingMemoryBound(to: UInt8.self), count: pointer == nil ? 0 : count)
        return try unsafe body(buffer.span)
    }

    private func check(_ code: Int32) throws(SQLiteError) {
        guard code == SQLITE_OK else { throw database.error(code) }
    }
}
