import Contracts
import Crypto
import Encodings
import EventLog
import Files
import JSON
import Kafka
import Observability
import SQLite
import Shards
import Synchronization
import Testing
import Transport

@testable import Notes

/// What is left of a user, or of a tenant, that was erased.
struct ErasureTests {
    private static func erasing(_ user: String?, of tenant: String = "us-east-1_Alpha") -> Erasure {
        Erasure(number: 1, tenant: tenant, user: user, principal: "", requestID: "", time: .epoch)
    }

    private struct NoMarks: MarksClient {
        func marks(_ request: MarksRequest) async throws -> MarksResponse { MarksResponse(marks: []) }
    }

    /// Carries an erasure out, as the service does; its relay never runs.
    private static func carryOut(_ erasure: Erasure, _ fixture: NotesFixture) async throws {
        let loops = LoopGroup.start(count: 1)
        defer { loops.stop() }
        let relay = EventRelay(
            source: NotesSource(shards: fixture.storage.shards), marks: NoMarks(),
            configuration: RelayConfiguration(
                producer: ProducerConfiguration(brokers: "127.0.0.1:1", clientID: "test"), topic: EventTopic.notes,
                limits: RelayLimits(windowBytes: 1)),
            loop: loops.current, log: Logger(service: "notes", buffer: LogBuffer { _ in }, now: { .epoch }), metrics: RelayMetrics(MetricsRegistry()))
        try await NoteErasure(shards: fixture.storage.shards, relay: relay).carryOut(erasure)
    }

    private static func files(_ fixture: NotesFixture) throws -> [[UInt8]] {
        let tenant = "\(fixture.folder)/us-east-1_Alpha"
        return try Directory.list(tenant).filter { !$0.hasSuffix("-shm") }.map { try File.read("\(tenant)/\($0)", limit: 1 << 26) }
    }

    @Test func `nothing of the user's key or notes is left in the files, and others keep theirs`() async throws {
        try await NotesFixture.run { fixture in
            let (ada, grace) = (try NoteOwner.user("ada"), try NoteOwner.user("grace"))
            for number in 0..<50 { _ = try await fixture.storage.make("ada \(number)", String(repeating: "x", count: 900), by: ada) }
            let kept = try await fixture.storage.make("kept", by: grace)
            _ = try await fixture.storage.notes(of: ada, after: nil, limit: 10)
            // What is in the files of the user: the wrapped key, and sealed notes.
            let shard = try #require(try await fixture.storage.shards.shard(ofUser: "ada", in: ada.tenant))
            let sealed = try #require(
                try await fixture.storage.shards.inspect(shard) { writer in
                    try writer.connection.rows("SELECT wrapped_key FROM user WHERE user_id = 'ada'") { $0.bytes(0) }
                        + writer.connection.rows("SELECT content FROM note WHERE user = (SELECT id FROM user WHERE user_id = 'ada')") { $0.bytes(0) }
                })
            #expect(sealed.count == 51 && sealed[0].count == 60)
            #expect(try Self.files(fixture).contains { $0.contains(sealed[0]) })

            try await Self.carryOut(Self.erasing("ada"), fixture)
            for file in try Self.files(fixture) { for piece in sealed { #expect(!file.contains(piece)) } }
            #expect(try await fixture.storage.note(kept.id, of: grace) == kept)
            await #expect(throws: NotesError.erased(position: nil)) { _ = try await fixture.storage.notes(of: ada, after: nil, limit: 10) }
            await #expect(throws: NotesError.erased(position: nil)) { _ = try await fixture.storage.note(kept.id, of: ada) }
        }
    }

    @Test func `a token that is still alive brings nothing back, also of a user who never wrote, and each attempt is recorded without a name`()
        async throws
    {
        try await NotesFixture.run { fixture in
            for name in ["ada", "nobody"] {
                let owner = try NoteOwner.user(name)
                if name == "ada" { _ = try await fixture.storage.make("a note", by: owner) }
                try await Self.carryOut(Self.erasing(name), fixture)
                try await fixture.restart()
                let id = UUID(high: 1, low: 2)
                let storage = fixture.storage
                let outcomes = [
                    try await storage.create(NoteDraft("back"), key: nil, body: [], .by(owner)),
                    try await storage.update(id, to: NoteDraft("back"), if: .none, .by(owner)),
                    try await storage.delete(id, if: .none, .by(owner)), try await storage.delete(nil, if: .none, .by(owner)),
                ]
                #expect(outcomes.map(\.name) == Array(repeating: "erased", count: 4))
                let refused = try await fixture.events(of: "us-east-1_Alpha").filter { $0.occurrence.reason == EventReason.erased }
                let own = refused.filter { $0.occurrence.actor.userID == name }
                #expect(own.count == 4)
                #expect(own.allSatisfy { $0.occurrence.actor.username.isEmpty && $0.occurrence.sourceAddress.isEmpty })
            }
        }
    }

    @Test func `erasing twice is as erasing once, and a user of another tenant with the same id is another`() async throws {
        try await NotesFixture.run { fixture in
            let (here, there) = (try NoteOwner.user("ada"), try NoteOwner.user("ada", of: "us-east-1_Beta"))
            _ = try await fixture.storage.make("here", by: here)
            let kept = try await fixture.storage.make("there", by: there)
            for _ in 0..<2 { try await Self.carryOut(Self.erasing("ada"), fixture) }
            #expect(try await fixture.storage.note(kept.id, of: there) == kept)
        }
    }

    @Test func `more notes than fit one transaction go, too, with what is kept for repeated requests`() async throws {
        try await NotesFixture.run { fixture in
            let ada = try NoteOwner.user("ada")
            let key = try #require(try IdempotencyKey("again"))
            _ = try await fixture.storage.create(NoteDraft("first"), key: key, body: [1], .by(ada))
            try await withThrowingTaskGroup { group in
                for number in 0..<2100 { group.addTask { _ = try await fixture.storage.make("\(number)", by: ada) } }
                try await group.waitForAll()
            }
            try await Self.carryOut(Self.erasing("ada"), fixture)
            let shard = try await fixture.storage.shards.makeShard(ofUser: "ada", in: ada.tenant)
            let left = try await fixture.storage.shards.inspect(shard) { writer in
                try writer.connection.first("SELECT (SELECT count(*) FROM note) + (SELECT count(*) FROM idempotency)") { $0.int(0) }
            }
            #expect(left == 0)
        }
    }

    @Test func `a deleted tenant leaves a manifest without keys, no folder is made for it again, and it is so after a restart`() async throws {
        try await NotesFixture.run { fixture in
            let ada = try NoteOwner.user("ada")
            let other = try await fixture.storage.make("kept", by: try NoteOwner.user("ada", of: "us-east-1_Beta"))
            _ = try await fixture.storage.make("gone", by: ada)
            for tenant in ["us-east-1_Alpha", "us-east-1_NeverSeen"] {
                for _ in 0..<2 { try await Self.carryOut(Self.erasing(nil, of: tenant), fixture) }
                for round in 0..<2 {
                    let owner = try NoteOwner.user("ada", of: tenant)
                    #expect(try Directory.list("\(fixture.folder)/\(tenant)") == ["manifest.json"])
                    await #expect(throws: NotesError.erased(position: nil)) { _ = try await fixture.storage.make("back", by: owner) }
                    await #expect(throws: NotesError.erased(position: nil)) { _ = try await fixture.storage.notes(of: owner, after: nil, limit: 1) }
                    // A user of it who is erased later is gone already.
                    try await Self.carryOut(Self.erasing("ada", of: tenant), fixture)
                    if round == 0 { try await fixture.restart() }
                }
            }
            #expect(try fixture.store.witnesses.all().allSatisfy { $0.tenant == "us-east-1_Beta" } && fixture.missing.all.isEmpty)
            #expect(try fixture.storage.shards.undeliveredShards().allSatisfy { $0.tenant.text == "us-east-1_Beta" })
            #expect(try await fixture.storage.note(other.id, of: try NoteOwner.user("ada", of: "us-east-1_Beta")) == other)
        }
    }

    // MARK: In files that are older

    @Test func `in a file of before it is erased again before anybody is served, whoever comes first, and that is told once`() async throws {
        for reads in [true, false] {
            try await NotesFixture.run(settings: .oneShard) { fixture in
                let (ada, grace) = (try NoteOwner.user("ada"), try NoteOwner.user("grace"))
                let note = try await fixture.storage.make("gone", by: ada)
                let kept = try await fixture.storage.make("kept", by: grace)
                let shard = try #require(try await fixture.storage.shards.shard(ofUser: "ada", in: ada.tenant))
                let (file, copy) = ("\(fixture.folder)/\(shard)", "\(fixture.folder)/.copy")
                try await fixture.restart { try File.copy(file, to: copy) }
                for user in ["ada", "never wrote"] {
                    try await Self.carryOut(Self.erasing(user), fixture)
                    fixture.erased.add(Self.erasing(user))
                }
                fixture.erased.add(Self.erasing("grace", of: "us-east-1_Beta"))
                try await fixture.restart { try File.rename(copy, to: file) }
                for owner in [ada, try NoteOwner.user("never wrote")] where reads {
                    await #expect(throws: NotesError.erased(position: nil)) { _ = try await fixture.storage.note(note.id, of: owner) }
                }
                guard case .erased = try await fixture.storage.create(NoteDraft("back"), key: nil, body: [], .by(ada)) else {
                    Issue.record("taken for somebody")
                    return
                }
                #expect(try await fixture.storage.note(kept.id, of: grace) == kept)
                #expect(try await fixture.storage.shards.inspect(shard) { try $0.connection.first("SELECT count(*) FROM note") { $0.int(0) } } == 1)
                try await fixture.restart()
                #expect(try await fixture.storage.note(kept.id, of: grace) == kept)
                #expect(fixture.setBack.all == [shard])
            }
        }
    }

    @Test func `a deleted tenant's folder that is put back is shown to nobody`() async throws {
        try await NotesFixture.run { fixture in
            let ada = try NoteOwner.user("ada")
            let note = try await fixture.storage.make("gone", by: ada)
            let (folder, away) = ("\(fixture.folder)/\(ada.tenant)", "\(fixture.folder)/.away")
            fixture.erased.add(Self.erasing(nil))
            try await fixture.restart { try File.rename(folder, to: away) }
            try await Self.carryOut(Self.erasing(nil), fixture)
            try await fixture.restart {
                try Directory.removeTree(folder)
                try File.rename(away, to: folder)
            }
            await #expect(throws: NotesError.erased(position: nil)) { _ = try await fixture.storage.note(note.id, of: ada) }
            await #expect(throws: NotesError.erased(position: nil)) { _ = try await fixture.storage.make("back", by: ada) }
        }
    }

    @Test func `in a file that is gone it is done when the file is back, and keeps no other waiting`() async throws {
        try await NotesFixture.run(settings: .oneShard) { fixture in
            let ada = try NoteOwner.user("ada")
            let note = try await fixture.storage.make("gone", by: ada)
            let shard = try #require(try await fixture.storage.shards.shard(ofUser: "ada", in: ada.tenant))
            let (file, away) = ("\(fixture.folder)/\(shard)", "\(fixture.folder)/.away")
            try await fixture.restart { try File.rename(file, to: away) }
            try await Self.carryOut(Self.erasing("ada"), fixture)
            fixture.erased.add(Self.erasing("ada"))
            try File.rename(away, to: file)
            await #expect(throws: NotesError.erased(position: nil)) { _ = try await fixture.storage.note(note.id, of: ada) }
        }
    }

    // MARK: While notes are exported

    /// Exports a tenant, and has `erasing` carried out once the first of several pieces is out: two users' notes in one file, ada's among the last.
    /// - Returns: how many notes went out by the export's own word, and their titles.
    private static func export(
        _ fixture: NotesFixture, pause: Duration = .seconds(5), erasing: @escaping @Sendable (_ ada: String) -> Erasure
    ) async throws -> (count: Int, titles: [String]) {
        let (shards, grace) = (fixture.storage.shards, try NoteOwner.user("grace"))
        let shard = try await shards.makeShard(ofUser: "grace", in: grace.tenant)
        let manifest = try #require(try await shards.manifest(of: grace.tenant))
        var number = 0
        while try await shards.makeShard(ofUser: "ada \(number)", in: grace.tenant) != shard { number += 1 }
        let ada = "ada \(number)"
        for title in ["first", "second", "third"] { _ = try await fixture.storage.make(title, String(repeating: "x", count: 100_000), by: grace) }
        _ = try await fixture.storage.make("ada's", by: try NoteOwner.user(ada))
        _ = try await fixture.storage.make("last", by: grace)
        let sent = Mutex<[UInt8]>([])
        var export = try TenantExport(
            shards: shards, store: fixture.store, data: fixture.folder, log: Logger(service: "notes", buffer: LogBuffer { _ in }, now: { .epoch }))
        export.pause = pause
        let count = try await export.send(grace.tenant, manifest) { piece in
            let isFirst = sent.withLock { sent in
                defer { sent += piece }
                return piece.count > 1 && sent.allSatisfy { $0 == UInt8(ascii: "\n") }
            }
            if isFirst { try await Self.carryOut(erasing(ada), fixture) }
        }
        #expect(try Directory.list("\(fixture.folder)/.export").isEmpty)
        #expect(sent.withLock { $0.first == UInt8(ascii: "\n") } == (pause == .zero))
        let lines = sent.withLock { $0.split(separator: UInt8(ascii: "\n")) }
        return (count, try lines.map { try #require(try JSON.parse(Array($0))["title"]?.string) })
    }

    @Test func `an export has no note of a user who was erased before it came to them, and doesn't count them`() async throws {
        try await NotesFixture.run { fixture in
            let exported = try await Self.export(fixture) { Self.erasing($0) }
            #expect(exported.titles == ["first", "second", "third", "last"])
            #expect(exported.count == 4)
        }
    }

    @Test func `an export that goes slowly shows signs of life, which are no lines`() async throws {
        try await NotesFixture.run { fixture in
            let exported = try await Self.export(fixture, pause: .zero) { Self.erasing($0) }
            #expect(exported.titles == ["first", "second", "third", "last"] && exported.count == 4)
        }
        let text = Array("\n\n{}\n\n[\n{}\n\n".utf8)
        for size in 1...text.count {
            var lines = ExportedLines()
            var kept: [UInt8] = []
            for start in stride(from: 0, to: text.count, by: size) { kept += lines.take(Array(text[start..<min(start + size, text.count)])) }
            #expect(kept == Array("{}\n[\n{}\n".utf8) && lines.count == 3)
        }
    }

    @Test func `an export of a tenant that is deleted meanwhile ends with an error`() async throws {
        try await NotesFixture.run { fixture in
            await #expect(throws: ShardError.tenantDeleted) { _ = try await Self.export(fixture) { _ in Self.erasing(nil) } }
        }
    }
}

extension [UInt8] {
    fileprivate func contains(_ piece: [UInt8]) -> Bool { firstRange(of: piece) != nil }
}
