import CSQLite

/// What SQLite refused, and why.
public struct SQLiteError: Error, Equatable, Sendable {
    public enum Kind: Equatable, Sendable {
        /// Another connection holds a lock that did not go away in time.
        case busy
        /// The disk, the quota or the file's page limit is used up. Nothing of the transaction remains.
        case full
        /// The file or its folder may not be written, or the connection is a reader.
        case readOnly
        /// The file is damaged, or is no database at all.
        case corrupt
        case constraint(Constraint)
        /// The file could not be opened.
        case cannotOpen
        /// The operating system failed a read, a write or a sync. Nothing of the transaction remains.
        case inputOutput
        /// The file, or what SQLite keeps beside it, was moved, removed or replaced while it was open: what is written to it, nobody would find. Nothing of the transaction remains.
        case moved
        case outOfMemory
        /// A value or a statement beyond SQLite's limits.
        case tooLarge
        /// The file's schema is not what the statement expects, or the statement is wrong: a defect, or a foreign file.
        case schema
        /// A full or failing disk ended the transaction this savepoint was part of.
        case transactionLost
        case other
    }

    public enum Constraint: Equatable, Sendable {
        case unique, primaryKey, foreignKey, notNull, check, dataType, other
    }

    public let kind: Kind
    /// SQLite's extended result code; 1 (SQLITE_ERROR) where the error is ours.
    public let code: Int32
    /// SQLite's own words; they may quote names of tables and columns, never values.
    public let message: String

    public init(kind: Kind, code: Int32 = 1, message: String) {
        self.kind = kind
        self.code = code
        self.message = message
    }

    init(code: Int32, database: OpaquePointer?) {
        // sqlite3_errmsg's string stays until the connection's next call; it is copied at once.
        let message = if let database = unsafe database { unsafe sqlite3_errmsg(database) } else { unsafe sqlite3_errstr(code) }
        self.init(kind: Kind(code: code), code: code, message: unsafe message.map { unsafe String(cString: $0) } ?? "")
    }

    /// Whether nothing was stored because of the disk, which is full, failing, read-only or not the one that was opened: retrying later may succeed.
    public var isStorageExhausted: Bool {
        switch kind {
        case .full, .inputOutput, .transactionLost, .readOnly, .cannotOpen, .moved: true
        case .busy, .corrupt, .constraint, .outOfMemory, .tooLarge, .schema, .other: false
        }
    }
}

extension SQLiteError.Kind {
    init(code: Int32) {
        self =
            switch code & 0xff {
            case SQLITE_BUSY, SQLITE_LOCKED: .busy
            case SQLITE_FULL: .full
            case SQLITE_READONLY, SQLITE_PERM: .readOnly
            case SQLITE_CORRUPT, SQLITE_NOTADB: .corrupt
            case SQLITE_CONSTRAINT: .constraint(SQLiteError.Constraint(code: code))
            case SQLITE_CANTOPEN: .cannotOpen
            case SQLITE_IOERR: code == SQLITE_IOERR | (12 << 8) ? .outOfMemory : .inputOutput
            case SQLITE_NOMEM: .outOfMemory
            case SQLITE_TOOBIG: .tooLarge
            case SQLITE_ERROR, SQLITE_SCHEMA, SQLITE_MISMATCH, SQLITE_RANGE: .schema
            default: .other
            }
    }
}

extension SQLiteError.Constraint {
    // The extended codes are SQLITE_CONSTRAINT | n << 8, macros Swift does not import.
    init(code: Int32) {
        self =
            switch code >> 8 {
            case 8: .unique
            case 6, 10: .primaryKey
            case 3: .foreignKey
            case 5: .notNull
            case 1: .check
            case 12: .dataType
            default: .other
            }
    }
}

extension SQLiteError: CustomStringConvertible {
    public var description: String { "\(message) (SQLite code \(code))" }
}
