import Contracts
import Crypto
import Encodings
import EventLog
import Files
import JSON
import SQLite
import Shards
import Testing

@testable import Audit

/// What enters the log, and what does not.
struct IngestTests {
    @Test func `events are stored once and in their order`() async throws {
        try await TestLog.run { (log: TestLog) async throws in
            var stream = EventStream()
            let events = try (0..<5).map { try stream.next(note: $0) }
            #expect(try await log.store(Array(events[..<3])).stored == 3)
            let report = try await log.store(events)
            #expect((report.stored, report.duplicates) == (2, 3))
            #expect(try await log.mark(of: stream.stream) == 5)
            let all = try await log.all(EventQuery(order: .oldest))
            #expect(all.map { $0["position"]?.string } == (1...5).map { StreamPosition(stream: stream.stream, seq: $0).headerValue })
            #expect(all.map { $0["leaf"]?.int } == [0, 1, 2, 3, 4])
        }
    }

    @Test func `nothing past a gap is stored until the gap is filled`() async throws {
        try await TestLog.run { (log: TestLog) async throws in
            var stream = EventStream()
            let events = try (0..<4).map { try stream.next(note: $0) }
            let report = try await log.store([events[0], events[2], events[3]])
            #expect((report.stored, report.gaps) == (1, 2))
            #expect(try await log.log.streams(of: TestLog.tenant)[stream.stream]?.known == 4)
            #expect(try await log.store(Array(events[1...])).stored == 3)
            #expect(try await log.all(EventQuery(order: .oldest)).count == 4)
        }
    }

    @Test func `another event for a place that is taken is a conflict`() async throws {
        try await TestLog.run { (log: TestLog) async throws in
            var stream = EventStream()
            var rewritten = stream
            let events = try (0..<3).map { try stream.next(note: $0) }
            _ = try await log.store(events)
            _ = try rewritten.next(note: 0)
            let other = try rewritten.next(note: 77)
            let report = try await log.store([other, events[1]])
            #expect((report.conflicts, report.duplicates) == (1, 1))
            #expect(report.positions == [StreamPosition(stream: stream.stream, seq: 2)])
            #expect(try await log.log.streams(of: TestLog.tenant)[stream.stream]?.conflicts == 1)
            #expect(try log.withFile { try $0.first("SELECT count(*) FROM conflict") { $0.int(0) } } == 1)
            #expect(try await log.all(EventQuery(order: .oldest)).count == 3)
        }
    }

    @Test func `a successor of another event than the last is a conflict`() async throws {
        try await TestLog.run { (log: TestLog) async throws in
            var stream = EventStream()
            var fork = EventStream()
            _ = try await log.store([try stream.next(note: 1)])
            _ = try fork.next(note: 2)
            #expect(try await log.store([try fork.next(note: 3)]).conflicts == 1)
            #expect(try await log.mark(of: stream.stream) == 1)
        }
    }

    @Test func `a second stream of the same epoch is not believed`() async throws {
        try await TestLog.run { (log: TestLog) async throws in
            var stream = EventStream(shard: 0)
            var stray = EventStream(shard: 1)
            #expect(try await log.store([try stream.next(), try stray.next()]).strays == 1)
            #expect(try await log.log.streams(of: TestLog.tenant).count == 1)
        }
    }

    @Test func `an unknown type is kept as opaque bytes`() async throws {
        try await TestLog.run { (log: TestLog) async throws in
            var stream = EventStream()
            _ = try await log.store([try stream.next(note: nil, action: "vault.open", type: "strongroom.vault.v9", data: [0, 255, 7])])
            let event = try #require(try await log.all(EventQuery(order: .oldest)).first)
            #expect(event["dataBase64"]?.string == "AP8H")
            #expect(event["type"]?.string == "strongroom.vault.v9")
            #expect(event["action"]?.string == "vault.open")
        }
    }

    @Test func `data that is not what its type says does not spoil a page`() async throws {
        try await TestLog.run { (log: TestLog) async throws in
            var stream = EventStream()
            _ = try await log.store([try stream.next(data: [0xff, 0xff]), try stream.next()])
            let events = try await log.all(EventQuery(order: .oldest))
            #expect(events.map { $0["dataBase64"]?.string } == ["//8=", nil])
        }
    }

    @Test func `every leaf commits to its event under a salt of its own`() async throws {
        try await TestLog.run { (log: TestLog) async throws in
            var stream = EventStream()
            let events = try (0..<3).map { _ in try stream.next() }
            _ = try await log.store(events)
            let commitments = try log.withFile { try $0.rows("SELECT commitment FROM event ORDER BY leaf") { $0.bytes(0) } }
            #expect(Set(commitments).count == 3)
            for (index, commitment) in commitments.enumerated() {
                let leaf = Leaf(commitment: try #require(SHA256Digest(commitment)))
                #expect(leaf.hash == SHA256.hash([0] + commitment))
                let event = try EventStream.verifier.verify(events[index]).event
                let salt = [UInt8](repeating: 5, count: Leaf.saltCount)
                let made = Leaf(salt: salt.span, event: SHA256.hash(event))
                #expect(made.commitment == SHA256.hash(salt + SHA256.hash(event).bytes))
                #expect(LeafBody.event(salt + event, of: made) == event)
                #expect(LeafBody.event(salt + event, of: leaf) == nil)
            }
        }
    }

    @Test func `no name and no address is in the file`() async throws {
        try await TestLog.run { (log: TestLog) async throws in
            var stream = EventStream()
            _ = try await log.store([try stream.next(user: "ada", source: "198.51.100.99")])
            await log.close()
            let bytes = try File.read("\(log.folder)/\(EventStream.tenant)/0.sqlite", limit: 1 << 24)
            let text = String(decoding: bytes, as: UTF8.self)
            #expect(!text.contains("ada@example.com") && !text.contains("198.51.100.99"))
        }
    }

    @Test func `a log goes on where it was after a restart`() async throws {
        let folder = try Directory.temporary(prefix: "audit-")
        var stream = EventStream()
        var log = try TestLog(folder)
        _ = try await log.store([try stream.next(), try stream.next()])
        let query = try await log.log.record(Self.query, in: TestLog.tenant)
        log = try await log.reopened()
        #expect(try await log.store([try stream.next()]).stored == 1)
        let next = try await log.log.record(Self.query, in: TestLog.tenant)
        #expect(next.stream == query.stream && next.seq == 2)
        #expect(try await log.all(EventQuery(order: .oldest)).map { $0["leaf"]?.int } == [0, 1, 2, 3, 4])
        await log.close()
        try Directory.removeTree(folder)
    }

    static let query = Occurrence(
        id: UUID(high: 0x0190_0000_0000_7000, low: 0x8000_0000_0000_0001), time: EventStream.time(1), type: EventType.auditQuery,
        actor: EventActor(userID: "ada"), action: EventAction.queryAudit, outcome: .accepted, requestID: "q", sourceAddress: "192.0.2.1",
        data: AuditQuery(filters: ["user"], returned: 3).encoded())

    @Test func `a failed write leaves nothing behind, and what shares its transaction stays`() async throws {
        try await TestLog.run { (log: TestLog) async throws in
            var stream = EventStream()
            let events = try (0..<3).map { try EventStream.verifier.verify(try stream.next(user: "user-\($0)")) }
            _ = try await log.log.ingest([events[0]], of: TestLog.tenant)
            struct Failure: Error {}
            let shard = try await log.log.makeShard(of: TestLog.tenant)
            async let good = log.log.ingest([events[1]], of: TestLog.tenant)
            await #expect(throws: Failure.self) {
                try await log.log.shards.write(shard) { writer in
                    _ = try writer.record(Self.query)
                    throw Failure()
                }
            }
            #expect(try await good.stored == 1)
            #expect(try await log.log.ingest([events[2]], of: TestLog.tenant).stored == 1)
            #expect(try await log.log.record(Self.query, in: TestLog.tenant).seq == 1)
            #expect(try await log.all(EventQuery(order: .oldest)).map { $0["leaf"]?.int } == [0, 1, 2, 3])
        }
    }

    @Test func `a restored log counts its own events in a new stream`() async throws {
        try await TestLog.run { (log: TestLog) async throws in
            let before = try await log.log.record(Self.query, in: TestLog.tenant)
            let shard = try await log.log.makeShard(of: TestLog.tenant)
            let backup = "\(log.folder)/backup.sqlite"
            try await log.log.shards.backUp(shard, to: backup)
            await log.close()
            let file = "\(log.folder)/\(EventStream.tenant)/0.sqlite"
            for suffix in ["", "-wal", "-shm"] { try File.remove(file + suffix) }
            try File.rename(backup, to: file)
            let restored = try TestLog(log.folder)
            let after = try await restored.log.record(Self.query, in: TestLog.tenant)
            #expect(after.seq == 1 && after.stream.epoch != before.stream.epoch)
            #expect(try await restored.all(EventQuery(order: .oldest)).count == 2)
            await restored.close()
        }
    }
}
