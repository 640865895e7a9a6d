import CSQLite

/// The linked SQLite.
public enum SQLiteLibrary {
    /// Runs once, before the first connection: without memory statistics, allocations take no global lock.
    static let isReady: Bool = {
        let configured = strongroom_sqlite_configure() == SQLITE_OK
        return sqlite3_initialize() == SQLITE_OK && configured
    }()

    /// Such as "3.40.1".
    public static var version: String { unsafe String(cString: sqlite3_libversion()) }

    /// Whether this build can lose commits when one connection checkpoints while another writes (fixed in 3.51.3, 3.50.7 and
    /// 3.44.6). Our rule of one writing and checkpointing connection for each file keeps clear of it.
    public static var hasWriteAheadLogResetDefect: Bool {
        let number = sqlite3_libversion_number()
        return number < 3_051_003 && !(3_050_007..<3_051_000).contains(number) && !(3_044_006..<3_045_000).contains(number)
    }
}
