internal import Crypto
internal import Encodings
internal import SQLite

/// Reads and writes a ``SourceMachine`` in the tables of ``OutboxSchema``. SQL and nothing else.
enum OutboxState {
    /// - Parameter witness: nil for an outbox that has none, such as one in memory.
    static func open(_ connection: Connection, witness: OutboxWitness?, makeEpoch: () -> UUID) throws(OutboxError) -> SourceMachine {
        do {
            if connection.isInTransaction { return try openInTransaction(connection, witness, makeEpoch) }
            return try connection.transaction { try openInTransaction(connection, witness, makeEpoch) }
        } catch let error as OutboxError {
            throw error
        } catch let error as SQLiteError {
            throw .storage(error)
        } catch {
            throw .damaged
        }
    }

    static func stamp(_ connection: Connection) throws(SQLiteError) {
        try connection.run("UPDATE outbox_state SET restored = 1")
    }

    private static func openInTransaction(
        _ connection: Connection, _ witness: OutboxWitness?, _ makeEpoch: () -> UUID
    ) throws -> SourceMachine {
        guard let state = try connection.first("SELECT trimmed, age, restored FROM outbox_state", row: { ($0.integer(0), $0.integer(1), $0.bool(2)) })
        else {
            let machine = SourceMachine(epoch: makeEpoch())
            try connection.run("INSERT INTO outbox_state (id, trimmed, age, restored) VALUES (1, 0, 0, 0)")
            try saveStreams(machine, on: connection)
            return machine
        }
        let streams = try connection.rows("SELECT base, epoch, head, digest, mark FROM stream ORDER BY number") { try stream($0) }
        let confirmations = try connection.rows("SELECT position, age FROM confirmation ORDER BY position") {
            SourceMachine.Confirmation(position: try count($0.integer(0)), age: try count($0.integer(1)))
        }
        guard !streams.isEmpty else { throw OutboxError.damaged }
        var machine = SourceMachine(streams: streams, trimmed: try count(state.0), age: try count(state.1), confirmations: confirmations)
        if state.2 || witness.map({ $0.word.map(machine.reaches) != true }) ?? false {
            machine.beginEpoch(makeEpoch())
            try saveStreams(machine, on: connection)
            try connection.run("UPDATE outbox_state SET restored = 0")
        }
        return machine
    }

    private static func stream(_ row: Statement) throws(OutboxError) -> SourceStream {
        let digest = row.bytes(3)
        let head = try count(row.integer(2))
        guard let epoch = UUID(bytes: row.bytes(1).span), digest.isEmpty == (head == 0), digest.isEmpty || digest.count == SHA256Digest.byteCount
        else { throw .damaged }
        return SourceStream(
            base: try count(row.integer(0)), epoch: epoch, head: head, digest: SHA256Digest(digest.span), mark: try count(row.integer(4)))
    }

    private static func count(_ stored: Int64) throws(OutboxError) -> UInt64 {
        guard let count = UInt64(exactly: stored) else { throw .damaged }
        return count
    }

    static func save(_ machine: SourceMachine, replacing old: SourceMachine, on connection: Connection) throws(SQLiteError) {
        if machine.streams != old.streams { try saveStreams(machine, on: connection) }
        if machine.trimmed != old.trimmed || machine.age != old.age {
            try connection.run("UPDATE outbox_state SET trimmed = ?, age = ?", .integer(Int64(machine.trimmed)), .integer(Int64(machine.age)))
        }
        if machine.confirmations != old.confirmations {
            try connection.run("DELETE FROM confirmation")
            for confirmation in machine.confirmations {
                try connection.run(
                    "INSERT INTO confirmation (position, age) VALUES (?, ?)", .integer(Int64(confirmation.position)),
                    .integer(Int64(confirmation.age)))
            }
        }
    }

    private static func saveStreams(_ machine: SourceMachine, on connection: Connection) throws(SQLiteError) {
        for (number, stream) in machine.streams.enumerated() {
            let upsert = try connection.statement(
                """
                INSERT INTO stream (number, base, epoch, head, digest, mark) VALUES (?, ?, ?, ?, ?, ?)
                ON CONFLICT (number) DO UPDATE SET head = excluded.head, digest = excluded.digest, mark = excluded.mark
                """)
            try upsert.bind(1, number)
            try upsert.bind(2, Int64(stream.base))
            try upsert.bind(3, stream.epoch.bytes)
            try upsert.bind(4, Int64(stream.head))
            if let digest = stream.digest { try upsert.bind(5, digest.bytes) } else { try upsert.bindNull(5) }
            try upsert.bind(6, Int64(stream.mark))
            try upsert.run()
        }
    }
}
