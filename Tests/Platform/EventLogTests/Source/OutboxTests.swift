import Contracts
import Crypto
import Encodings
import EventLog
import Files
import SQLite
import Testing

@Suite struct OutboxTests {
    let key = [UInt8](repeating: 5, count: 32)
    var signer: EventSigner { EventSigner(source: .notes, keyID: "k", key: key) }
    var verifier: EventVerifier { EventVerifier(keys: [(.notes, "k", key)]) }

    static func epoch(_ n: UInt64) -> UUID { UUID.v7(at: Timestamp(seconds: 1_000 + Int64(n)), random: (n, n)) }

    func database() throws -> Connection {
        let connection = try Connection.inMemory()
        try connection.execute(OutboxSchema.sql)
        return connection
    }

    func open(_ connection: Connection, epoch: UInt64 = 1, limit: UInt64 = 1_000, witness: OutboxWitness? = nil) throws -> Outbox {
        try Outbox(connection: connection, tenant: "t", shard: 2, signer: signer, limit: limit, witness: witness) { Self.epoch(epoch) }
    }

    func occurrence(_ n: Int) -> Occurrence {
        Occurrence(
            id: UUID.v7(at: Timestamp(seconds: 5), random: (UInt64(n), 1)), time: Timestamp(seconds: Int64(n)), type: EventType.noteWrite,
            actor: EventActor(userID: "u"), action: EventAction.createNote, outcome: .accepted, requestID: "r\(n)", sourceAddress: "127.0.0.1")
    }

    @discardableResult
    func write(_ count: Int, to outbox: Outbox, on connection: Connection) throws -> [CommittedEvent] {
        try connection.transaction {
            for n in 0..<count { _ = try outbox.append(occurrence(n)) }
            try outbox.prepareCommit()
        }
        return outbox.didCommit()
    }

    @Test func `events are numbered from one and chained by their digests`() throws {
        let connection = try database()
        let outbox = try open(connection)
        let events = try write(3, to: outbox, on: connection) + write(2, to: outbox, on: connection)
        #expect(events.map(\.position.seq) == [1, 2, 3, 4, 5])
        var previous: SHA256Digest?
        for event in events {
            let verified = try verifier.verify(event.envelope)
            #expect(verified.previous == previous)
            #expect(try verified.stream() == outbox.stream)
            previous = verified.digest
        }
        #expect(outbox.heads == [StreamHead(stream: outbox.stream, head: 5, digest: previous)])
    }

    @Test func `a file that is opened again goes on where it was`() throws {
        let connection = try database()
        let first = try open(connection)
        try write(3, to: first, on: connection)
        let second = try open(connection, epoch: 9)
        #expect(second.heads == first.heads)
        #expect(try write(1, to: second, on: connection).map(\.position) == [StreamPosition(stream: first.stream, seq: 4)])
    }

    @Test func `a savepoint that is rolled back leaves no number unused`() throws {
        let connection = try database()
        let outbox = try open(connection)
        struct Refused: Error {}
        try connection.transaction {
            for n in 0..<6 {
                let savepoint = outbox.savepoint
                do {
                    try connection.savepoint {
                        _ = try outbox.append(occurrence(n))
                        if n % 2 == 1 { throw Refused() }
                    }
                } catch is Refused { outbox.rollBack(to: savepoint) }
            }
            try outbox.prepareCommit()
        }
        #expect(outbox.didCommit().map(\.position.seq) == [1, 2, 3])
        #expect(try outbox.events(epoch: outbox.stream.epoch, from: 1, to: 9, count: 9, bytes: 100_000).count == 3)
        #expect(try open(connection).heads == outbox.heads)
    }

    @Test func `a transaction that is rolled back never was`() throws {
        let connection = try database()
        let outbox = try open(connection)
        let before = try write(2, to: outbox, on: connection)
        struct Refused: Error {}
        #expect(throws: Refused.self) {
            try connection.transaction {
                _ = try outbox.append(occurrence(1))
                try outbox.prepareCommit()
                throw Refused()
            }
        }
        outbox.didRollBack()
        #expect(outbox.didCommit().isEmpty)
        let after = try write(1, to: outbox, on: connection)
        #expect(after[0].position.seq == 3)
        #expect(try verifier.verify(after[0].envelope).previous == verifier.verify(before[1].envelope).digest)
    }

    @Test func `a full outbox refuses, and takes events again once audit has caught up`() throws {
        let connection = try database()
        let outbox = try open(connection, limit: 2)
        try write(2, to: outbox, on: connection)
        #expect(throws: OutboxError.full) { try outbox.append(occurrence(3)) }
        outbox.confirm(epoch: outbox.stream.epoch, mark: 1)
        #expect(outbox.backlog == 1)
        #expect(try write(1, to: outbox, on: connection).map(\.position.seq) == [3])
    }

    @Test func `a restored backup begins another epoch and still delivers the old one`() throws {
        let connection = try database()
        let old = try open(connection)
        try write(3, to: old, on: connection)
        try Outbox.stampBackup(connection)
        let restored = try open(connection, epoch: 2)
        #expect(restored.stream.epoch == Self.epoch(2))
        let event = try write(1, to: restored, on: connection)[0]
        #expect(event.position.seq == 1)
        #expect(try verifier.verify(event.envelope).previous == nil)
        #expect(try restored.events(epoch: old.stream.epoch, from: 2, to: 9, count: 9, bytes: 100_000).map(\.position.seq) == [2, 3])
        #expect(try restored.events(epoch: Self.epoch(2), from: 1, to: 9, count: 9, bytes: 100_000) == [event])
        #expect(try open(connection, epoch: 3).stream == restored.stream)
    }

    /// A witness opened anew, as by the next process.
    func withWitness(_ body: (() throws -> OutboxWitness) throws -> Void) throws {
        let folder = try Directory.temporary(prefix: "witness-")
        let result = Result { try body { try OutboxWitnesses(in: folder).witness(tenant: "t", shard: 2) } }
        try Directory.removeTree(folder)
        try result.get()
    }

    @Test func `a file that was set back begins another epoch before it gives a place a second time`() throws {
        try withWitness { witness in
            let (old, newer) = (try database(), try database())
            let first = try open(old, witness: try witness())
            #expect(!first.wasSetBack)
            try write(3, to: first, on: old)
            // What is in `newer` after this is not in `old`.
            let copy = try open(newer, witness: nil)
            try write(3, to: copy, on: newer)
            try write(2, to: try open(newer, witness: try witness()), on: newer)
            let setBack = try open(old, epoch: 2, witness: try witness())
            #expect(setBack.wasSetBack)
            #expect(setBack.stream.epoch == Self.epoch(2))
            #expect(try write(1, to: setBack, on: old).map(\.position.seq) == [1])
            #expect(try setBack.events(epoch: Self.epoch(1), from: 1, to: 9, count: 9, bytes: 100_000).count == 3)
            // Once, and no more.
            let next = try open(old, epoch: 3, witness: try witness())
            #expect(!next.wasSetBack && next.stream == setBack.stream)
            // The other one is older by an epoch now.
            #expect(try open(newer, epoch: 4, witness: try witness()).wasSetBack)
        }
    }

    @Test func `a file that has more than its witness knows goes on where it was`() throws {
        try withWitness { witness in
            let connection = try database()
            let first = try open(connection, witness: try witness())
            try write(2, to: first, on: connection)
            // Killed between a commit and its witness.
            try write(1, to: try open(connection), on: connection)
            let second = try open(connection, epoch: 9, witness: try witness())
            #expect(!second.wasSetBack)
            #expect(try write(1, to: second, on: connection).map(\.position) == [StreamPosition(stream: first.stream, seq: 4)])
        }
    }

    @Test func `a file without a witness begins another epoch and is not said to have been set back`() throws {
        try withWitness { witness in
            let connection = try database()
            try write(2, to: try open(connection), on: connection)
            let second = try open(connection, epoch: 2, witness: try witness())
            #expect(!second.wasSetBack && second.stream.epoch == Self.epoch(2))
            #expect(try open(connection, epoch: 3, witness: try witness()).stream == second.stream)
        }
    }

    @Test func `a file in whose place an empty one stands was set back`() throws {
        try withWitness { witness in
            let (first, second) = (try database(), try database())
            try write(1, to: try open(first, witness: try witness()), on: first)
            // What it had is known from then on, by the next process as well.
            for _ in 0..<2 {
                let outbox = try open(second, epoch: 2, witness: try witness())
                #expect(outbox.headsEver.map(\.head) == [1, 0] && outbox.headsEver.first?.digest != nil)
                #expect(outbox.headsEver.map(\.stream.epoch) == [Self.epoch(1), Self.epoch(2)] && outbox.heads.count == 1)
            }
        }
    }

    @Test func `rows go seven days of running time after audit has them, and no sooner`() throws {
        let connection = try database()
        let outbox = try open(connection)
        try write(5, to: outbox, on: connection)
        func kept() throws -> [UInt64] {
            try outbox.events(epoch: outbox.stream.epoch, from: 1, to: 9, count: 9, bytes: 100_000).map(\.position.seq)
        }
        func pass(days: UInt64) throws {
            try connection.transaction {
                try outbox.trim(seconds: days * 86_400)
                try outbox.prepareCommit()
            }
            _ = outbox.didCommit()
        }
        try pass(days: 30)
        #expect(try kept() == [1, 2, 3, 4, 5])
        outbox.confirm(epoch: outbox.stream.epoch, mark: 3)
        try pass(days: 0)
        try pass(days: 6)
        #expect(try kept() == [1, 2, 3, 4, 5])
        try pass(days: 1)
        #expect(outbox.wantsRecheck())
        outbox.confirm(epoch: outbox.stream.epoch, mark: 3)
        try pass(days: 0)
        #expect(try kept() == [4, 5])
        #expect(try open(connection).heads == outbox.heads)
    }

    @Test func `rows go some thousand at a time, which is told, so that the next can go at once`() throws {
        let connection = try database()
        let outbox = try open(connection, limit: 10_000)
        let count = Outbox.trimmedAtOnce + 5
        try write(count, to: outbox, on: connection)
        outbox.confirm(epoch: outbox.stream.epoch, mark: UInt64(count), backedUp: UInt64(count))
        let gone = try connection.transaction {
            let gone = try (0..<3).map { _ in try outbox.trim(seconds: 1) }
            try outbox.prepareCommit()
            return gone
        }
        _ = outbox.didCommit()
        #expect(gone == [Outbox.trimmedAtOnce, 5, 0])
    }

    @Test func `rows are kept when audit was restored before they went`() throws {
        let connection = try database()
        let outbox = try open(connection)
        try write(5, to: outbox, on: connection)
        try connection.transaction {
            outbox.confirm(epoch: outbox.stream.epoch, mark: 5)
            try outbox.trim(seconds: 0)
            try outbox.trim(seconds: 30 * 86_400)
            outbox.confirm(epoch: outbox.stream.epoch, mark: 2)
            try outbox.trim(seconds: 0)
            try outbox.prepareCommit()
        }
        _ = outbox.didCommit()
        #expect(try outbox.events(epoch: outbox.stream.epoch, from: 1, to: 9, count: 9, bytes: 100_000).count == 5)
    }

    @Test func `rows go as soon as audit's backup holds them`() throws {
        let connection = try database()
        let outbox = try open(connection)
        try write(5, to: outbox, on: connection)
        try connection.transaction {
            outbox.confirm(epoch: outbox.stream.epoch, mark: 4, backedUp: 2)
            try outbox.trim(seconds: 1)
            try outbox.prepareCommit()
        }
        _ = outbox.didCommit()
        #expect(try outbox.events(epoch: outbox.stream.epoch, from: 1, to: 9, count: 9, bytes: 100_000).map(\.position.seq) == [3, 4, 5])
    }

    @Test func `a page of events keeps to its limits but is never empty`() throws {
        let connection = try database()
        let outbox = try open(connection)
        try write(5, to: outbox, on: connection)
        #expect(try outbox.events(epoch: outbox.stream.epoch, from: 1, to: 5, count: 2, bytes: 100_000).count == 2)
        #expect(try outbox.events(epoch: outbox.stream.epoch, from: 1, to: 5, count: 5, bytes: 1).count == 1)
        #expect(try outbox.events(epoch: Self.epoch(7), from: 1, to: 5, count: 5, bytes: 1).isEmpty)
    }

    @Test(arguments: [
        "UPDATE stream SET digest = NULL", "UPDATE stream SET head = -1", "UPDATE stream SET mark = -1", "UPDATE stream SET base = -1",
        "UPDATE outbox_state SET trimmed = -1", "UPDATE outbox_state SET age = -1", "INSERT INTO confirmation VALUES(-1, 1)",
        "INSERT INTO confirmation VALUES(1, -1)", "DELETE FROM stream",
    ])
    func `a file that says nonsense is not opened`(damage: String) throws {
        let connection = try database()
        try write(2, to: open(connection), on: connection)
        try connection.execute(damage)
        #expect(throws: OutboxError.damaged) { try open(connection) }
    }
}
