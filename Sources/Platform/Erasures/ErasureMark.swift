public import Contracts
public import SQLite

/// Up to where in a service's ledger of erasures a file of users' data has been held against it. The file says so itself: one that is put in its place, of before
/// some of them, says another, and nothing is looked at twice in one that stays.
public struct ErasureMark: Equatable, Sendable {
    /// Which ledger: after a restore others may stand at the same places.
    let ledger: [UInt8]
    let place: Int64

    /// The file's table of it.
    public static let sql =
        "CREATE TABLE erasure_mark(id INTEGER PRIMARY KEY CHECK(id = 1), ledger BLOB NOT NULL, place INTEGER NOT NULL) STRICT;"

    /// What was carried out in a tenant, or is owed, beyond a mark.
    public struct Beyond: Sendable {
        public let erasures: [(erasure: Erasure, isOwed: Bool)]
        /// Of a file that has been held against them; nil where there are none.
        let mark: ErasureMark?

        init(_ erasures: [(erasure: Erasure, isOwed: Bool)], _ mark: ErasureMark?) {
            self.erasures = erasures
            self.mark = mark
        }

        /// Without a mark: to be held against at every opening.
        public init(_ erasures: [Erasure]) { self.init(erasures.map { ($0, false) }, nil) }
    }

    /// Holds a file that is opened against what was erased since it last was. To be called on its writing thread.
    /// - Parameters:
    ///   - beyond: reads the ledger.
    ///   - carryOut: does what the file lacks; where it throws, the file is held against all of it again.
    public static func hold(
        _ connection: Connection, against beyond: (ErasureMark?) throws -> Beyond, _ carryOut: ([(erasure: Erasure, isOwed: Bool)]) throws -> Void
    ) throws {
        let known = try connection.first("SELECT ledger, place FROM erasure_mark") { ErasureMark(ledger: $0.bytes(0), place: $0.integer(1)) }
        let beyond = try beyond(known)
        guard !beyond.erasures.isEmpty else { return }
        try carryOut(beyond.erasures)
        guard let mark = beyond.mark else { return }
        do throws(SQLiteError) {
            try connection.run("INSERT OR REPLACE INTO erasure_mark VALUES(1, ?, ?)", .blob(mark.ledger), .integer(mark.place))
        } catch  where error.isStorageExhausted {
            // What is stored can be read all the same, and is held against them again next time.
        }
    }
}
