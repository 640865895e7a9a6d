import Contracts
import Encodings
import EventLog
import Files
import Shards
import Testing

@testable import Notes

struct NoteStorageTests {
    @Test func aNoteIsReadAsItWasWritten() async throws {
        try await NotesFixture.run { fixture in
            let ada = try NoteOwner.user("ada")
            let note = try await fixture.storage.make("Grüße", "Hello world", by: ada)
            #expect(try await fixture.storage.note(note.id, of: ada) == note)
            #expect(note.version == 1)
            #expect(try await fixture.storage.notes(of: ada, after: nil, limit: 10).notes == [note])
        }
    }

    @Test func notesOutliveTheProcess() async throws {
        try await NotesFixture.run { fixture in
            let ada = try NoteOwner.user("ada")
            let note = try await fixture.storage.make("one", "text", by: ada)
            try await fixture.restart()
            #expect(try await fixture.storage.note(note.id, of: ada) == note)
        }
    }

    @Test func pagesAreWholeAndInOrder() async throws {
        try await NotesFixture.run { fixture in
            let ada = try NoteOwner.user("ada")
            var made: [Note] = []
            for number in 0..<25 { made.append(try await fixture.storage.make("note \(number)", by: ada)) }
            for size in [1, 2, 7, 24, 25, 26] {
                var read: [Note] = []
                var after: UUID?
                repeat {
                    let page = try await fixture.storage.notes(of: ada, after: after, limit: size)
                    read += page.notes
                    after = page.next
                    #expect(page.notes.count <= size)
                } while after != nil
                #expect(read == made, "pages of \(size)")
            }
        }
    }

    @Test func aPageOfLongNotesEndsEarlyAndLosesNone() async throws {
        try await NotesFixture.run { fixture in
            let ada = try NoteOwner.user("ada")
            let long = String(repeating: "x", count: 390_000)
            for number in 0..<13 { _ = try await fixture.storage.make("note \(number)", long, by: ada) }
            let first = try await fixture.storage.notes(of: ada, after: nil, limit: 1000)
            let next = try #require(first.next)
            let rest = try await fixture.storage.notes(of: ada, after: next, limit: 1000)
            #expect(first.notes.count < 13)
            #expect(first.notes.count + rest.notes.count == 13)
            #expect(rest.next == nil)
        }
    }

    @Test func aChangeMakesANewVersionAndAWrongConditionNone() async throws {
        try await NotesFixture.run { fixture in
            let ada = try NoteOwner.user("ada")
            let note = try await fixture.storage.make("one", by: ada)
            guard
                case .updated(let second, _) = try await fixture.storage.update(
                    note.id, to: NoteDraft("two"), if: Precondition(ifMatch: [Array("\"1\"".utf8)], ifNoneMatch: []), .by(ada))
            else { throw NotesError.failed("not updated") }
            #expect(second.version == 2)
            #expect(second.createdAt == note.createdAt)
            guard
                case .preconditionFailed = try await fixture.storage.update(
                    note.id, to: NoteDraft("three"), if: Precondition(ifMatch: [Array("\"1\"".utf8)], ifNoneMatch: []), .by(ada))
            else { throw NotesError.failed("not refused") }
            #expect(try await fixture.storage.note(note.id, of: ada) == second)
        }
    }

    @Test func theQuotaCountsNotesThatAreThere() async throws {
        var limits = NoteLimits()
        limits.notesPerUser = 2
        try await NotesFixture.run(limits: limits) { fixture in
            let ada = try NoteOwner.user("ada")
            let note = try await fixture.storage.make("one", by: ada)
            _ = try await fixture.storage.make("two", by: ada)
            guard case .quotaExceeded = try await fixture.storage.create(NoteDraft("three"), key: nil, body: [], .by(ada)) else {
                throw NotesError.failed("not refused")
            }
            _ = try await fixture.storage.delete(note.id, if: .none, .by(ada))
            _ = try await fixture.storage.make("three", by: ada)
        }
    }

    @Test func everyWriteAndEveryRefusalIsAnEvent() async throws {
        try await NotesFixture.run { fixture in
            let (ada, bob) = (try NoteOwner.user("ada"), try NoteOwner.user("bob"))
            let note = try await fixture.storage.make("one", by: ada)
            _ = try await fixture.storage.update(note.id, to: NoteDraft("two"), if: .none, .by(ada))
            _ = try await fixture.storage.update(
                note.id, to: NoteDraft("x"), if: Precondition(ifMatch: [Array("\"7\"".utf8)], ifNoneMatch: []), .by(ada))
            _ = try await fixture.storage.delete(note.id, if: .none, .by(bob))
            _ = try await fixture.storage.delete(note.id, if: Precondition(ifMatch: [Array("*".utf8)], ifNoneMatch: []), .by(bob))
            _ = try await fixture.storage.delete(note.id, if: .none, .by(ada))
            let events = try await fixture.events(of: "us-east-1_Alpha").map(\.occurrence).sorted { $0.time < $1.time }
            #expect(events.map(\.action) == ["note.create", "note.update", "note.update", "note.delete", "note.delete", "note.delete"])
            #expect(events.map(\.outcome) == [.accepted, .accepted, .refused, .refused, .refused, .accepted])
            #expect(events.map(\.reason) == ["", "", "precondition", "not-found", "precondition", ""])
            #expect(events.map(\.actor.userID) == ["ada", "ada", "ada", "bob", "bob", "ada"])
            #expect(events.allSatisfy { $0.resource?.id == note.id.description })
        }
    }

    @Test func aWriteThatCouldNotBeRecordedIsNotMade() async throws {
        var limits = NoteLimits()
        limits.outbox = 3
        try await NotesFixture.run(limits: limits) { fixture in
            let ada = try NoteOwner.user("ada")
            for number in 0..<3 { _ = try await fixture.storage.make("note \(number)", by: ada) }
            await #expect(throws: NotesError.backlog) { try await fixture.storage.make("one too many", by: ada) }
            #expect(try await fixture.storage.notes(of: ada, after: nil, limit: 10).notes.count == 3)
            let source = NotesSource(shards: fixture.storage.shards)
            let head = try #require(try await source.pendingStreams().streams.first)
            _ = await source.confirm([StreamMark(stream: head.stream, mark: 2)])
            _ = try await fixture.storage.make("now", by: ada)
        }
    }

    @Test func aRestoredShardBeginsANewStream() async throws {
        try await NotesFixture.run(settings: .oneShard) { fixture in
            let ada = try NoteOwner.user("ada")
            let kept = try await fixture.storage.make("in the backup", by: ada)
            let shard = try #require(try await fixture.storage.shards.shard(ofUser: "ada", in: ada.tenant))
            try await fixture.storage.shards.backUp(shard, to: "\(fixture.folder)/.backup/0.sqlite")
            let lost = try await fixture.storage.make("after the backup", by: ada)
            let before = try await fixture.events(of: ada.tenant.text)
            try await fixture.restart {
                try File.rename("\(fixture.folder)/.backup/0.sqlite", to: "\(fixture.folder)/\(shard)")
            }
            #expect(try await fixture.storage.notes(of: ada, after: nil, limit: 10).notes == [kept])
            #expect(try await fixture.storage.note(lost.id, of: ada) == nil)
            _ = try await fixture.storage.make("after the restore", by: ada)
            let after = try await fixture.events(of: ada.tenant.text)
            #expect(before.map(\.seq) == [1, 2])
            #expect(after.map(\.seq) == [1, 1])
            #expect(after.first == before.first)
            #expect(after[0].stream.epoch != after[1].stream.epoch)
        }
    }

    @Test func aShardThatWasSetBackByHandBeginsANewStreamAndIsTold() async throws {
        try await NotesFixture.run(settings: .oneShard) { fixture in
            let ada = try NoteOwner.user("ada")
            let kept = try await fixture.storage.make("in the copy", by: ada)
            let shard = try #require(try await fixture.storage.shards.shard(ofUser: "ada", in: ada.tenant))
            let (file, copy) = ("\(fixture.folder)/\(shard)", "\(fixture.folder)/.copy")
            try await fixture.restart { try File.copy(file, to: copy) }
            _ = try await fixture.storage.make("after the copy", by: ada)
            try await fixture.restart { try File.rename(copy, to: file) }
            #expect(try await fixture.storage.notes(of: ada, after: nil, limit: 10).notes == [kept])
            _ = try await fixture.storage.make("after that", by: ada)
            let events = try await fixture.events(of: ada.tenant.text)
            #expect(events.map(\.seq) == [1, 1])
            #expect(events[0].stream.epoch != events[1].stream.epoch)
            #expect(fixture.setBack.all == [shard])
            try await fixture.restart()
            _ = try await fixture.storage.make("and on", by: ada)
            #expect(try await fixture.events(of: ada.tenant.text).map(\.seq) == [1, 1, 2])
            #expect(fixture.setBack.all == [shard])
        }
    }

    @Test func aShardThatIsGoneIsNeitherTakenForEmptyNorMadeAnewUntilItsWitnessIsGoneToo() async throws {
        try await NotesFixture.run(settings: .oneShard) { fixture in
            let ada = try NoteOwner.user("ada")
            let note = try await fixture.storage.make("gone", by: ada)
            let other = try await fixture.storage.make("kept", by: try NoteOwner.user("ada", of: "us-east-1_Beta"))
            let shard = try #require(try await fixture.storage.shards.shard(ofUser: "ada", in: ada.tenant))
            let file = "\(fixture.folder)/\(shard)"
            let gone = NotesError.unavailable(.missing(path: file))
            try await fixture.restart { try File.remove(file) }
            #expect(fixture.missing.all == [shard] && fixture.storage.shards.missingShards == [shard])
            for number in 0..<2 {
                await #expect(throws: gone) { _ = try await fixture.storage.note(note.id, of: ada) }
                await #expect(throws: gone) { _ = try await fixture.storage.make("lost", by: ada) }
                await #expect(throws: ShardError.missing(path: file)) {
                    try await fixture.storage.shards.backUp(ada.tenant, below: "\(fixture.folder)/copy \(number)")
                }
                #expect(try await fixture.storage.shards.tenantsWithMissing() == [ada.tenant, TenantName("us-east-1_Beta")])
                await #expect(throws: ShardError.missing(path: file)) { _ = try await fixture.storage.shards.inspect(shard) { _ in } }
            }
            #expect(fixture.missing.all == [shard] && !File.exists(file))
            #expect(try await fixture.storage.note(other.id, of: try NoteOwner.user("ada", of: "us-east-1_Beta")) == other)
            // Others' streams are named, and that these are not all.
            let page = try await NotesSource(shards: fixture.storage.shards).streams(tenant: nil, after: nil, limit: 10)
            #expect(page.streams.map(\.stream.tenant) == ["us-east-1_Beta"] && page.unreadable == [ada.tenant.text])

            try File.remove("\(fixture.folder)/.witnesses/\(ada.tenant).0")
            #expect(fixture.storage.shards.missingShards.isEmpty)
            #expect(try await fixture.storage.notes(of: ada, after: nil, limit: 1).notes.isEmpty)
            _ = try await fixture.storage.make("anew", by: ada)
        }
    }

    @Test func whatOneDamagedShardOwesHidesNoOthersStreams() async throws {
        try await NotesFixture.run(settings: .oneShard) { fixture in
            let (ada, bea) = (try NoteOwner.user("ada"), try NoteOwner.user("bea", of: "us-east-1_Beta"))
            for owner in [ada, bea] { _ = try await fixture.storage.make("kept", by: owner) }
            let shard = try #require(try await fixture.storage.shards.shard(ofUser: "ada", in: ada.tenant))
            try await fixture.restart { try File.replace("\(fixture.folder)/\(shard)", with: [7] + [UInt8](repeating: 0, count: 8191)) }
            let source = NotesSource(shards: fixture.storage.shards)
            let page = try await source.streams(tenant: nil, after: nil, limit: 10)
            #expect(page.streams.map(\.stream.tenant) == [bea.tenant.text] && page.unreadable == [ada.tenant.text])
            let pending = try await source.pendingStreams()
            #expect(pending.streams.map(\.stream.tenant) == [bea.tenant.text] && pending.unreadable == 1)
            // Who asks for the one is not told that it has none.
            await #expect(throws: OutboxSourceError.unavailable) { _ = try await source.streams(tenant: ada.tenant.text, after: nil, limit: 10) }
        }
    }

    @Test func aFullDiskRefusesWritesKeepsReadsAndHeals() async throws {
        var settings = ShardSettings.oneShard
        settings.filePages = 200
        try await NotesFixture.run(settings: settings) { fixture in
            let ada = try NoteOwner.user("ada")
            var kept: [Note] = []
            var refused = 0
            let text = String(repeating: "x", count: 20_000)
            while refused < 3 {
                do {
                    kept.append(try await fixture.storage.make("note \(kept.count)", text, by: ada))
                } catch NotesError.unavailable(.storageExhausted) {
                    refused += 1
                }
            }
            #expect(try await fixture.storage.notes(of: ada, after: nil, limit: 1000).notes == kept)
            for note in kept.prefix(5) { _ = try await fixture.storage.delete(note.id, if: .none, .by(ada)) }
            _ = try await fixture.storage.make("again", text, by: ada)
            let events = try await fixture.events(of: "us-east-1_Alpha")
            #expect(events.count == kept.count + 6)
            #expect(events.map(\.seq) == (1...UInt64(kept.count + 6)).map { $0 })
        }
    }
}
