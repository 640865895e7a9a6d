public import Contracts
internal import Encodings
internal import SQLite
internal import Shards
public import Threads

/// What a service has read of the cluster's list of erasures and carried out: a copy of the list, as far as it got, in a file beside the data.
///
/// It goes into the service's backups first, so that what it names as done is done in what is copied after it; and what a restored identity service lacks
/// is given back from here.
public actor ErasureLedger: OnThread {
    public nonisolated let thread: WorkerThread
    private let connection: Connection
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
        """)

    /// How far the service got.
    struct State: Equatable, Sendable {
        /// Nil before the first answer.
        var list: UUID?
        /// The number of the newest line; 0 while there is none.
        var head: UInt64
    }

    /// Opens the file, or makes it. Blocks: at start-up only.
    /// - Parameter data: the service's data folder, which is there.
    public init(data: String) throws {
        thread = try WorkerThread(name: "erasures")
        path = "\(data)/\(Self.fileName)"
        connection = try Connection(path: path, role: .writer)
        try Self.schema.apply(to: connection)
    }

    private static let fileName = "erasures.sqlite"

    /// Whether the file, and what SQLite keeps beside it, is still where the next process looks for it.
    public var isInPlace: Bool { !connection.hasMoved }

    func state() throws -> State {
        let list = try connection.first("SELECT name FROM list") { $0.withBytes(0) { UUID(bytes: $0) } } ?? nil
        let head = try connection.first("SELECT max(number) FROM erasure") { $0.optionalInteger(0) } ?? nil
        return State(list: list, head: UInt64(head ?? 0))
    }

    /// Another list has taken the place of the one that was read, as after the loss of all of identity's data.
    func begin(_ list: UUID) throws {
        try connection.transaction {
            try connection.run("DELETE FROM erasure")
            try connection.run("INSERT INTO list VALUES(1, ?1) ON CONFLICT(id) DO UPDATE SET name = ?1", .blob(list.bytes))
        }
    }

    /// The next line has been carried out.
    func append(_ erasure: Erasure) throws {
        try connection.run(
            "INSERT INTO erasure(number, line, tenant) VALUES(?, ?, ?)", .integer(Int64(erasure.number)), .blob(erasure.encoded),
            .text(erasure.tenant))
    }

    /// What was carried out in a tenant, for a caller that may block: a file of its that is opened may be older than that.
    public nonisolated func erasures(in tenant: String) throws -> [Erasure] {
        try Connection(path: path, role: .reader).rows("SELECT line FROM erasure WHERE tenant = ?", .text(tenant)) { row in
            try row.withBytes(0) { try Erasure($0) }
        }
    }

    func erasures(after number: UInt64, limit: Int) throws -> [Erasure] {
        try connection.rows("SELECT line FROM erasure WHERE number > ? ORDER BY number LIMIT ?", .integer(Int64(number)), .int(limit)) { row in
            try row.withBytes(0) { try Erasure($0) }
        }
    }

    /// Copies the file into a backup's folder.
    public func copy(into folder: String) throws {
        try connection.copy(to: "\(folder)/\(Self.fileName)").checkpoint(.truncate)
    }
}
