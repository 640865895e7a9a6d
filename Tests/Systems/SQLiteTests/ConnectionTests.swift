import SQLite
import Testing

struct ConnectionTests {
    @Test func valuesComeBackAsTheyWentIn() throws {
        let db = try Connection.inMemory()
        try db.execute("CREATE TABLE t(a ANY, b ANY, c ANY, d ANY) STRICT")
        try db.run("INSERT INTO t VALUES(?, ?, ?, ?)", .integer(.min), .text("gr\u{FC}n\0x"), .blob([0, 255]), .null)
        let row = try db.first("SELECT a, b, c, d FROM t") { ($0.integer(0), $0.text(1), $0.bytes(2), $0.isNull(3)) }
        #expect(row?.0 == .min)
        #expect(row?.1 == "gr\u{FC}n\0x")
        #expect(row?.2 == [0, 255])
        #expect(row?.3 == true)
    }

    @Test func anEmptyBlobAndAnEmptyTextAreNotNull() throws {
        let db = try Connection.inMemory()
        try db.execute("CREATE TABLE t(a BLOB NOT NULL, b TEXT NOT NULL) STRICT")
        let insert = try db.statement("INSERT INTO t VALUES(?, ?)")
        try insert.bind(1, [])
        try insert.bind(2, "")
        try insert.run()
        #expect(try db.first("SELECT typeof(a), typeof(b) FROM t") { [$0.text(0), $0.text(1)] } == ["blob", "text"])
    }

    @Test func aFailedTransactionLeavesNothing() throws {
        let db = try Connection.inMemory()
        try db.execute("CREATE TABLE t(a INTEGER PRIMARY KEY) STRICT")
        #expect(throws: Refused.self) {
            try db.transaction {
                try db.run("INSERT INTO t VALUES(1)")
                throw Refused()
            }
        }
        #expect(!db.isInTransaction)
        #expect(try count(db) == 0)
    }

    @Test func aFailedSavepointSparesItsNeighbours() throws {
        var refused: [Int] = []
        let db = try Connection.inMemory()
        try db.execute("CREATE TABLE t(a INTEGER PRIMARY KEY) STRICT")
        try db.transaction {
            for value in 1...3 {
                let insert = {
                    try db.run("INSERT INTO t VALUES(?)", .int(value))
                    if value == 2 { throw Refused() }
                }
                do { try db.savepoint(insert) } catch is Refused { refused.append(value) }
            }
        }
        #expect(refused == [2])
        #expect(try db.rows("SELECT a FROM t ORDER BY a") { $0.int(0) } == [1, 3])
    }

    @Test func errorsSayWhichConstraintWasBroken() throws {
        let db = try Connection.inMemory()
        try db.execute("CREATE TABLE t(a INTEGER PRIMARY KEY, b TEXT NOT NULL UNIQUE CHECK(b != 'no')) STRICT")
        try db.run("INSERT INTO t VALUES(1, 'one')")
        #expect(kind { try db.run("INSERT INTO t VALUES(1, 'two')") } == .constraint(.primaryKey))
        #expect(kind { try db.run("INSERT INTO t VALUES(2, 'one')") } == .constraint(.unique))
        #expect(kind { try db.run("INSERT INTO t VALUES(2, NULL)") } == .constraint(.notNull))
        #expect(kind { try db.run("INSERT INTO t VALUES(2, 'no')") } == .constraint(.check))
        #expect(kind { try db.run("SELECT nothing FROM nowhere") } == .schema)
    }

    @Test func aStatementIsUsableAfterAnError() throws {
        let db = try Connection.inMemory()
        try db.execute("CREATE TABLE t(a INTEGER PRIMARY KEY) STRICT")
        for value in [1, 1, 2] { _ = kind { try db.run("INSERT INTO t VALUES(?)", .int(value)) } }
        #expect(try count(db) == 2)
    }

    @Test func theDefencesAreOn() throws {
        try withTemporaryFolder { folder in
            let db = try Connection(path: "\(folder)/a.sqlite", role: .writer)
            #expect(try db.first("PRAGMA journal_mode") { $0.text(0) } == "wal")
            #expect(try db.first("PRAGMA synchronous") { $0.int(0) } == 2)
            #expect(try db.first("PRAGMA mmap_size") { $0.int(0) } == 0)
            #expect(try db.first("PRAGMA trusted_schema") { $0.int(0) } == 0)
            #expect(kind { try db.execute("SELECT load_extension('x')") } == .schema)
            #expect(kind { try db.execute("SELECT \"no such column\"") } == .schema)
            // Defensive mode makes this pragma do nothing, so the statement after it is refused.
            try db.execute("CREATE TABLE t(a) ; PRAGMA writable_schema = ON")
            #expect(kind { try db.execute("DELETE FROM sqlite_schema") } != nil)
        }
    }

    private func count(_ db: Connection) throws -> Int { try db.first("SELECT count(*) FROM t") { $0.int(0) } ?? 0 }
}

private struct Refused: Error {}

/// What kind of refusal `body` meets; nil when it succeeds.
func kind(_ body: () throws -> Void) -> SQLiteError.Kind? {
    do {
        try body()
        return nil
    } catch {
        return (error as? SQLiteError)?.kind
    }
}
