import Files
import SQLite
import Testing

struct FileTests {
    @Test func aReaderSeesCommitsAndCannotWrite() throws {
        try withTemporaryFolder { folder in
            let path = "\(folder)/a.sqlite"
            let writer = try Connection(path: path, role: .writer)
            try writer.execute("CREATE TABLE t(a INTEGER PRIMARY KEY) STRICT")
            let reader = try Connection(path: path, role: .reader)
            try writer.run("INSERT INTO t VALUES(1)")
            #expect(try reader.first("SELECT count(*) FROM t") { $0.int(0) } == 1)
            #expect(kind { try reader.run("INSERT INTO t VALUES(2)") } == .readOnly)
            #expect(try reader.first("PRAGMA wal_autocheckpoint") { $0.int(0) } == 0)
        }
    }

    @Test func nothingIsCommittedIntoAFileThatIsSomewhereElse() throws {
        try withTemporaryFolder { folder in
            let path = "\(folder)/a.sqlite"
            let writer = try Connection(path: path, role: .writer)
            try writer.execute("CREATE TABLE t(a INTEGER PRIMARY KEY) STRICT")
            func refused() -> Bool {
                kind { try writer.run("INSERT INTO t VALUES(1)") } == .moved
                    && kind { try writer.transaction { try writer.run("INSERT INTO t VALUES(1)") } } == .moved
            }
            try File.rename(path, to: "\(path)-away")
            #expect(refused())
            try File.create(path, with: [])
            #expect(refused())
            try File.rename("\(path)-away", to: path)
            try writer.run("INSERT INTO t VALUES(1)")
            #expect(try writer.first("SELECT count(*) FROM t") { $0.int(0) } == 1)
        }
    }

    @Test(arguments: ["-wal", "-shm"]) func nothingIsCommittedOnceItsLogIsSomewhereElse(suffix: String) throws {
        try withTemporaryFolder { folder in
            let path = "\(folder)/a.sqlite"
            var writer: Connection? = try Connection(path: path, role: .writer)
            try writer?.execute("CREATE TABLE t(a INTEGER PRIMARY KEY) STRICT")
            try writer?.run("INSERT INTO t VALUES(1)")
            #expect(writer?.hasMoved == false)
            func refused() -> Bool {
                kind { try writer?.run("INSERT INTO t VALUES(2)") } == .moved
                    && kind { try writer?.transaction { try writer?.run("INSERT INTO t VALUES(2)") } } == .moved
            }
            try File.rename(path + suffix, to: "\(path)-away")
            #expect(refused() && writer?.hasMoved == true)
            try File.create(path + suffix, with: [])
            #expect(refused())
            try File.rename("\(path)-away", to: path + suffix)
            try writer?.run("INSERT INTO t VALUES(3)")
            try File.remove(path + suffix)
            #expect(refused())
            // What was committed before is still in the log that is open, and goes into the file when that is closed.
            writer = nil
            let next = try Connection(path: path, role: .writer)
            #expect(try next.rows("SELECT a FROM t") { $0.int(0) } == [1, 3])
        }
    }

    @Test func aSnapshotDoesNotMoveUnderItsReader() throws {
        try withTemporaryFolder { folder in
            let path = "\(folder)/a.sqlite"
            let writer = try Connection(path: path, role: .writer)
            try writer.execute("CREATE TABLE t(a INTEGER PRIMARY KEY) STRICT")
            let reader = try Connection(path: path, role: .reader)
            let counts = try reader.snapshot {
                let before = try reader.first("SELECT count(*) FROM t") { $0.int(0) }
                try writer.run("INSERT INTO t VALUES(1)")
                return [before, try reader.first("SELECT count(*) FROM t") { $0.int(0) }]
            }
            #expect(counts == [0, 0])
            #expect(try reader.first("SELECT count(*) FROM t") { $0.int(0) } == 1)
        }
    }

    @Test func aReaderThatClosesLastNeverCheckpoints() throws {
        try withTemporaryFolder { folder in
            let path = "\(folder)/a.sqlite"
            var writer: Connection? = try Connection(path: path, role: .writer)
            try writer?.execute("CREATE TABLE t(a INTEGER PRIMARY KEY) STRICT")
            var reader: Connection? = try Connection(path: path, role: .reader)
            try writer?.run("INSERT INTO t VALUES(1)")
            writer = nil
            let log = try File.size("\(path)-wal")
            #expect(try reader?.first("SELECT count(*) FROM t") { $0.int(0) } == 1)
            reader = nil
            #expect(try File.size("\(path)-wal") == log)
        }
    }

    @Test func aFullFileRefusesWritesAndRecovers() throws {
        try withTemporaryFolder { folder in
            let db = try Connection(path: "\(folder)/a.sqlite", role: .writer)
            try db.execute("CREATE TABLE t(a INTEGER PRIMARY KEY, b BLOB) STRICT")
            try db.run("INSERT INTO t VALUES(1, x'00')")
            try db.limit(pages: 10)
            let large = Value.blob([UInt8](repeating: 1, count: 100_000))
            let error = #expect(throws: SQLiteError.self) {
                try db.transaction { try db.savepoint { try db.run("INSERT INTO t VALUES(2, ?)", large) } }
            }
            #expect(error?.isStorageExhausted == true)
            #expect(!db.isInTransaction)
            #expect(try db.first("SELECT count(*) FROM t") { $0.int(0) } == 1)
            try db.limit(pages: 1000)
            try db.transaction { try db.run("INSERT INTO t VALUES(2, ?)", large) }
            #expect(try db.integrityErrors() == [])
        }
    }

    @Test func aBackupTakesInWhatIsWrittenMeanwhile() throws {
        try withTemporaryFolder { folder in
            let db = try Connection(path: "\(folder)/a.sqlite", role: .writer)
            try db.execute("CREATE TABLE t(a INTEGER PRIMARY KEY, b BLOB) STRICT")
            for row in 1...50 { try db.run("INSERT INTO t VALUES(?, zeroblob(4000))", .int(row)) }
            do {
                let backup = try Backup(of: db, to: "\(folder)/b.sqlite")
                #expect(try backup.step(pages: 5) > 0)
                try db.run("INSERT INTO t VALUES(51, NULL)")
                while try backup.step(pages: 5) > 0 {}
            }
            let copy = try Connection(path: "\(folder)/b.sqlite", role: .writer)
            #expect(try copy.first("SELECT count(*) FROM t") { $0.int(0) } == 51)
            #expect(try copy.integrityErrors() == [])
        }
    }

    @Test func aFileThatIsNoDatabaseIsCalledCorrupt() throws {
        try withTemporaryFolder { folder in
            let path = "\(folder)/a.sqlite"
            try File.replace(path, with: [UInt8](repeating: 0x41, count: 8192))
            #expect(kind { _ = try Connection(path: path, role: .writer) } == .corrupt)
            #expect(kind { _ = try Connection(path: "\(folder)/none/a.sqlite", role: .writer) } == .cannotOpen)
        }
    }

    @Test func theLogIsCutByTheWritersCheckpoint() throws {
        try withTemporaryFolder { folder in
            let path = "\(folder)/a.sqlite"
            let db = try Connection(path: path, role: .writer)
            try db.execute("CREATE TABLE t(a INTEGER PRIMARY KEY) STRICT")
            #expect(try File.size("\(path)-wal") > 0)
            #expect(try File.mode(path) == 0o600)
            #expect(try File.mode("\(path)-wal") == 0o600)
            #expect(try db.checkpoint(.truncate))
            #expect(try File.size("\(path)-wal") == 0)
            try db.setUserVersion(7)
            #expect(try db.userVersion() == 7)
        }
    }
}
