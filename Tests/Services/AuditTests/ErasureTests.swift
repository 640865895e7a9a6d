import Contracts
import Encodings
import EventLog
import Files
import JSON
import SQLite
import ServiceFixture
import Shards
import Testing

@testable import Audit

/// What a log keeps of who was erased.
struct ErasureTests {
    private static let administrator = "arn:aws:iam::000000000000:root"

    private static func erasing(_ user: String?, by principal: String = administrator) -> Erasure {
        Erasure(number: 1, tenant: EventStream.tenant, user: user, principal: principal, requestID: "r", time: EventStream.time(9))
    }

    /// All that proofs rest on: each leaf's place and commitment.
    private static func leaves(_ log: TestLog) async throws -> [String] {
        let shard = try #require(try await log.log.shard(of: TestLog.tenant))
        return try await log.log.shards.inspect(shard) { writer in
            try writer.connection.rows(
                "SELECT leaf, stream, seq, hex(commitment) FROM event WHERE stream IN (SELECT id FROM stream WHERE source = 'notes') ORDER BY leaf"
            ) {
                "\($0.int(0)) \($0.int(1)) \($0.int(2)) \($0.text(3))"
            }
        } ?? []
    }

    @Test func `an erased user's events are leaves without bodies, and the erasure is an event that says by whom`() async throws {
        try await TestLog.run { (log: TestLog) async throws in
            var stream = EventStream()
            _ = try await log.store([try stream.next(user: "ada"), try stream.next(user: "grace"), try stream.next(user: "ada")])
            let before = try await Self.leaves(log)
            _ = try await log.all(EventQuery(EventFilter(), order: .oldest, limit: 10))
            for _ in 0..<2 { try await log.log.erase(Self.erasing("ada")) }
            #expect(try await Self.leaves(log) == before)
            let events = try await log.all(EventQuery(EventFilter(), order: .oldest, limit: 10))
            #expect(events.map { $0["erased"]?.bool ?? false } == [true, false, true, false])
            #expect(events[0]["username"] == nil && events[0]["action"] == "note.create" && events[0]["position"] != nil)
            #expect(events[1]["username"] == "grace@example.com")
            #expect(events[3]["action"] == "user.erase" && events[3]["principal"]?.string == Self.administrator)
            #expect(events[3]["resource"] == ["type": "user", "id": "ada"] && events[3]["requestId"] == "r")
            #expect(try await log.all(EventQuery(EventFilter(user: "ada"), order: .oldest, limit: 10)).count == 2)
        }
    }

    @Test(arguments: ["ada", nil]) func `nobody finds where an erased user's events came from, those that arrive later included`(user: String?)
        async throws
    {
        try await TestLog.run { (log: TestLog) async throws in
            var stream = EventStream()
            let early = try (0..<2_500).map { _ in try stream.next(user: "ada", source: "192.0.2.9") }
            _ = try await log.store(early)
            let query = EventQuery(EventFilter(sourceAddress: "192.0.2.9"), order: .oldest, limit: 10)
            #expect(try await log.all(query).count == 2_500)
            try await log.log.erase(Self.erasing(user))
            _ = try await log.store([try stream.next(user: "ada", source: "192.0.2.9")])
            #expect(try await log.all(query).isEmpty)
            let shard = try #require(try await log.log.shard(of: TestLog.tenant))
            let left = try await log.log.shards.inspect(shard) {
                try $0.connection.first("SELECT count(*) FROM event WHERE address <> 0") { $0.int(0) }
            }
            #expect(left == 0)
        }
    }

    @Test func `nothing of the key is left in the file, and what was sealed with it opens no more`() async throws {
        try await TestLog.run { (log: TestLog) async throws in
            var stream = EventStream()
            _ = try await log.store([try stream.next(user: "ada")])
            let shard = try #require(try await log.log.shard(of: TestLog.tenant))
            let key = try #require(
                try await log.log.shards.inspect(shard) {
                    try $0.connection.first("SELECT wrapped_key FROM subject WHERE name = 'ada'") { $0.bytes(0) }
                } ?? nil)
            try await log.log.erase(Self.erasing("ada"))
            let folder = "\(log.folder)/\(EventStream.tenant)"
            for name in try Directory.list(folder) where !name.hasSuffix("-shm") {
                #expect(try File.read("\(folder)/\(name)", limit: 1 << 26).firstRange(of: key) == nil, "\(name)")
            }
        }
    }

    @Test func `what arrives of an erased user later keeps its place in the log and has no body; what arrives twice is still a duplicate`()
        async throws
    {
        try await TestLog.run { (log: TestLog) async throws in
            var stream = EventStream()
            let early = [try stream.next(user: "ada"), try stream.next(user: "grace")]
            _ = try await log.store(early)
            try await log.log.erase(Self.erasing("ada"))
            let late = [try stream.next(user: "ada"), try stream.next(user: "grace")]
            let report = try await log.store(early + late)
            #expect(report.duplicates == 2 && report.stored == 2 && report.conflicts == 0)
            let log = try await log.reopened()
            let again = try await log.store(late)
            #expect(again.duplicates == 2 && again.conflicts == 0)
            let events = try await log.all(EventQuery(EventFilter(), order: .oldest, limit: 10))
            #expect(events.map { $0["erased"]?.bool ?? false } == [true, false, false, true, false])
            await log.close()
        }
    }

    @Test func `a user erased before their first event, and one who erased themself, leave no name`() async throws {
        try await TestLog.run { (log: TestLog) async throws in
            try await log.log.erase(Self.erasing("ada", by: ""))
            var stream = EventStream()
            _ = try await log.store([try stream.next(user: "ada")])
            let events = try await log.all(EventQuery(EventFilter(), order: .oldest, limit: 10))
            #expect(events[0]["action"] == "user.erase" && events[0]["principal"] == nil && events[0]["resource"]?["id"] == "ada")
            #expect(events[1]["erased"] == true)
        }
    }

    @Test func `a failed transaction erases nobody`() async throws {
        struct Failure: Error {}
        try await TestLog.run { (log: TestLog) async throws in
            var stream = EventStream()
            _ = try await log.store([try stream.next(user: "ada")])
            let shard = try await log.log.makeShard(of: TestLog.tenant)
            let event = try EventStream.verifier.verify(try stream.next(user: "ada"))
            await #expect(throws: Failure.self) {
                try await log.log.shards.write(shard) { writer in
                    try writer.erase(Self.erasing("ada"))
                    _ = try writer.ingest([event])
                    throw Failure()
                }
            }
            _ = try await log.log.ingest([event], of: TestLog.tenant)
            let events = try await log.all(EventQuery(EventFilter(), order: .oldest, limit: 10))
            #expect(events.count == 2 && events.allSatisfy { $0["username"] == "ada@example.com" })
        }
    }

    @Test func `a deleted tenant's log keeps its leaves and who deleted it, and is not waited for`() async throws {
        try await TestLog.run { (log: TestLog) async throws in
            var stream = EventStream()
            let export = EventActor.tool("export").principal
            _ = try await log.store([
                try stream.next(user: "ada"), try stream.next(user: "grace"),
                try stream.next(user: "", note: nil, action: EventAction.exportTenant, type: EventType.export, data: [], principal: export),
            ])
            _ = try stream.next(user: "ada")
            let beyondTheGap = try stream.next(user: "ada")
            _ = try await log.store([beyondTheGap])
            let before = try await Self.leaves(log)
            for _ in 0..<2 { try await log.log.erase(Self.erasing(nil)) }
            #expect(try await Self.leaves(log) == before)
            #expect(try await log.log.write(TestLog.tenant) { $0.isDelivered })
            var late = EventStream(shard: 1, epoch: 2)
            _ = try await log.store([try late.next(user: "new")])
            let events = try await log.all(EventQuery(EventFilter(), order: .oldest, limit: 10))
            #expect(events.map { $0["erased"]?.bool ?? false } == [true, true, false, false, true])
            // Who took all notes out, and who deleted them, is known for good.
            #expect(events[2]["action"] == "tenant.export" && events[2]["principal"]?.string == export)
            #expect(events[3]["action"] == "tenant.delete" && events[3]["principal"]?.string == Self.administrator)
        }
    }

    @Test func `a log of before there were erasures is brought up to date when it is opened, with all it had`() async throws {
        try await TestLog.run { (log: TestLog) async throws in
            var stream = EventStream()
            _ = try await log.store([try stream.next(user: "ada")])
            await log.close()
            do {
                let file = try Connection(path: "\(log.folder)/\(EventStream.tenant)/0.sqlite", role: .writer)
                try file.transaction {
                    try file.execute("ALTER TABLE log DROP COLUMN deleted")
                    try file.setUserVersion(1)
                }
            }
            let opened = try TestLog(log.folder)
            try await opened.log.erase(Self.erasing(nil))
            let events = try await opened.all(EventQuery(EventFilter(), order: .oldest, limit: 10))
            #expect(events.map { $0["erased"]?.bool ?? false } == [true, false])
            await opened.close()
        }
    }

    @Test func `an event that was erased when its address's number stayed is not found by it`() async throws {
        try await TestLog.run { (log: TestLog) async throws in
            var stream = EventStream()
            _ = try await log.store([try stream.next(user: "ada"), try stream.next(user: "grace")])
            try await log.log.erase(Self.erasing("ada"))
            let shard = try #require(try await log.log.shard(of: TestLog.tenant))
            _ = try await log.log.shards.write(shard) { writer in
                try writer.connection.run("UPDATE event SET address = (SELECT address FROM event WHERE leaf = 1) WHERE leaf = 0")
            }
            let found = try await log.all(EventQuery(EventFilter(sourceAddress: "192.0.2.7"), order: .oldest, limit: 10))
            #expect(found.map { $0["username"] } == ["grace@example.com"])
        }
    }

    @Test(arguments: ["seq = -1", "leaf = 9223372036854775807", "leaf = -5"])
    func `numbers that somebody wrote into a log's file are told, and end nothing`(numbers: String) async throws {
        try await TestLog.run { (log: TestLog) async throws in
            var stream = EventStream()
            _ = try await log.store([try stream.next(user: "ada")])
            try await log.log.erase(Self.erasing("ada"))
            await log.close()
            do {
                let file = try Connection(path: "\(log.folder)/\(EventStream.tenant)/0.sqlite", role: .writer)
                try file.execute("DELETE FROM event WHERE leaf > 0; UPDATE event SET \(numbers)")
            }
            let opened = try TestLog(log.folder)
            // What can be told of it, and no more.
            await #expect(throws: (any Error).self) {
                let events = try await opened.all(EventQuery(EventFilter(from: .epoch), order: .oldest, limit: 10))
                if events.isEmpty { throw AuditError.failed("nothing") }
            }
            await opened.close()
        }
    }

    @Test func `an erased user's token sees nothing, not even as an auditor`() async throws {
        try await AuditServer.run { server in
            var stream = try server.stream()
            try await server.store([try stream.next(user: "ada")])
            let ada = AuditServer.user("ada", groups: ["auditors"])
            #expect(try await server.get("/audit/events", as: ada).status == 200)
            #expect(try await server.get("/audit/completeness", as: ada).status == 200)
            try await server.service.intake.log.erase(Self.erasing("ada"))
            for path in ["/audit/events", "/audit/completeness"] {
                let answer = try await server.get(path, as: ada)
                #expect(answer.status == 401 && answer.error == "Unauthorized", "\(path)")
            }
        }
    }

    @Test func `nobody of a deleted tenant sees anything, whether they had an event or not`() async throws {
        try await AuditServer.run { server in
            var stream = try server.stream()
            try await server.store([try stream.next(user: "ada")])
            try await server.service.intake.log.erase(Self.erasing(nil))
            for user in ["ada", "grace"] {
                for path in ["/audit/completeness", "/audit/events"] {
                    #expect(try await server.get(path, as: AuditServer.user(user)).status == 401, "\(user) \(path)")
                }
            }
        }
    }
}
