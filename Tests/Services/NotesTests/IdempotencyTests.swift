import Contracts
import Files
import SQLite
import Shards
import Testing

@testable import Notes

struct IdempotencyTests {
    @Test func theSameRequestGetsTheSameAnswerAlsoAfterARestart() async throws {
        try await NotesFixture.run { fixture in
            let ada = try NoteOwner.user("ada")
            let made = try await create(fixture, "key-1", "body", by: ada)
            guard case .created(let note, let position) = made else { throw NotesError.failed("not created") }
            try await fixture.restart()
            guard case .repeated(let again, let samePosition) = try await create(fixture, "key-1", "body", by: ada) else {
                throw NotesError.failed("not repeated")
            }
            #expect(again == note)
            #expect(samePosition == position)
            #expect(try await fixture.storage.notes(of: ada, after: nil, limit: 10).notes.count == 1)
        }
    }

    @Test func theAnswerStaysWhenTheNoteIsChangedOrDeleted() async throws {
        try await NotesFixture.run { fixture in
            let ada = try NoteOwner.user("ada")
            guard case .created(let note, _) = try await create(fixture, "k", "one", by: ada) else { throw NotesError.failed("not created") }
            _ = try await fixture.storage.delete(note.id, if: .none, .by(ada))
            guard case .repeated(let again, _) = try await create(fixture, "k", "one", by: ada) else { throw NotesError.failed("not repeated") }
            #expect(again == note)
            #expect(try await fixture.storage.note(note.id, of: ada) == nil)
        }
    }

    @Test func anotherBodyIsRefused() async throws {
        try await NotesFixture.run { fixture in
            let ada = try NoteOwner.user("ada")
            _ = try await create(fixture, "k", "one", by: ada)
            guard case .idempotencyMismatch = try await create(fixture, "k", "two", by: ada) else { throw NotesError.failed("not refused") }
            #expect(try await fixture.events(of: "us-east-1_Alpha").last?.occurrence.reason == "idempotency-mismatch")
        }
    }

    @Test func keysOfTwoUsersAreTwoKeys() async throws {
        try await NotesFixture.run { fixture in
            for user in ["ada", "bob", "cyd", "dan"] {
                guard case .created = try await create(fixture, "k", "one", by: try NoteOwner.user(user)) else {
                    throw NotesError.failed("not created")
                }
            }
        }
    }

    @Test func keysAreForgottenInTimeAndByNumber() async throws {
        var limits = NoteLimits()
        limits.idempotencySeconds = 60
        limits.idempotencyKeys = 10
        try await NotesFixture.run(limits: limits) { fixture in
            let ada = try NoteOwner.user("ada")
            _ = try await create(fixture, "old", "one", by: ada)
            fixture.clock.advance(seconds: 61)
            guard case .created = try await create(fixture, "old", "two", by: ada) else { throw NotesError.failed("not forgotten") }
            for number in 0..<12 {
                if number == 6 { try await fixture.restart() }
                _ = try await create(fixture, "key \(number)", "x", by: ada)
            }
            #expect(try await rows(fixture, of: "ada") == 10)
            guard case .created = try await create(fixture, "old", "two", by: ada) else { throw NotesError.failed("not forgotten") }
        }
    }

    @Test func nothingOfADeletedNoteIsKeptForARepetition() async throws {
        try await NotesFixture.run { fixture in
            let ada = try NoteOwner.user("ada")
            _ = try await create(fixture, "first", "one", by: ada)
            let shard = try #require(try await fixture.storage.shards.shard(ofUser: "ada", in: ada.tenant))
            func pagesInUse() async throws -> Int {
                try await fixture.storage.shards.write(shard) { writer in
                    try writer.connection.first("SELECT page_count - freelist_count FROM pragma_page_count, pragma_freelist_count") { $0.int(0) } ?? 0
                }
            }
            let before = try await pagesInUse()
            let long = String(repeating: "x", count: 300_000)
            guard case .created(let note, let position) = try await create(fixture, "k", long, by: ada) else {
                throw NotesError.failed("not created")
            }
            _ = try await fixture.storage.delete(note.id, if: .none, .by(ada))
            #expect(try await pagesInUse() <= before + 2)
            // The client has said it all again: it gets the answer it got, and no note.
            guard case .repeated(let again, let samePosition) = try await create(fixture, "k", long, by: ada) else {
                throw NotesError.failed("not repeated")
            }
            #expect(again == note && samePosition == position)
            #expect(try await fixture.storage.note(note.id, of: ada) == nil)
            guard case .idempotencyMismatch = try await create(fixture, "k", "guess", by: ada) else { throw NotesError.failed("not refused") }
        }
    }

    @Test func aFileThatStillKeepsContentsLosesThemWhenItIsOpened() async throws {
        try await NotesFixture.run(settings: .oneShard) { fixture in
            let ada = try NoteOwner.user("ada")
            guard case .created(let note, _) = try await create(fixture, "k", "one", by: ada) else { throw NotesError.failed("not created") }
            let shard = try #require(try await fixture.storage.shards.shard(ofUser: "ada", in: ada.tenant))
            try await fixture.restart {
                let older = try Connection(path: "\(fixture.folder)/\(shard)", role: .writer)
                try older.execute(
                    """
                    ALTER TABLE idempotency ADD COLUMN title BLOB NOT NULL DEFAULT x'00';
                    ALTER TABLE idempotency ADD COLUMN content BLOB NOT NULL DEFAULT x'00';
                    PRAGMA user_version = 1
                    """)
            }
            guard case .repeated(let again, _) = try await create(fixture, "k", "one", by: ada) else { throw NotesError.failed("not repeated") }
            #expect(again == note)
            let columns = try await fixture.storage.shards.write(shard) { writer in
                try writer.connection.rows("SELECT name FROM pragma_table_info('idempotency')") { $0.text(0) }
            }
            #expect(!columns.contains("title") && !columns.contains("content"))
        }
    }

    @Test func oneUsersKeysPushOutNobodyElses() async throws {
        var limits = NoteLimits()
        limits.idempotencyKeysPerUser = 16
        limits.idempotencyKeys = 50
        try await NotesFixture.run(limits: limits, settings: .oneShard) { fixture in
            let (ada, mallory) = (try NoteOwner.user("ada"), try NoteOwner.user("mallory"))
            _ = try await create(fixture, "k", "one", by: ada)
            for number in 0..<100 {
                _ = try await create(fixture, "key \(number)", "x", by: mallory)
                if number % 10 == 0 { #expect(try await rows(fixture, of: "mallory") <= 16) }
            }
            #expect(try await rows(fixture, of: "mallory") >= 8)
            guard case .repeated = try await create(fixture, "k", "one", by: ada) else { throw NotesError.failed("not repeated") }
            guard case .repeated = try await create(fixture, "key 99", "x", by: mallory) else { throw NotesError.failed("not repeated") }
            guard case .created = try await create(fixture, "key 0", "x", by: mallory) else { throw NotesError.failed("not forgotten") }
        }
    }

    @Test func manyUsersKeysPushOutTheOldest() async throws {
        var limits = NoteLimits()
        limits.idempotencyKeysPerUser = 16
        limits.idempotencyKeys = 50
        try await NotesFixture.run(limits: limits, settings: .oneShard) { fixture in
            let users = ["ada", "bob", "cyd", "dan", "eve", "fay"]
            for user in users {
                for number in 0..<10 { _ = try await create(fixture, "key \(number)", "x", by: try NoteOwner.user(user)) }
            }
            var kept: [Int] = []
            for user in users { kept.append(try await rows(fixture, of: user)) }
            #expect(kept == [0, 10, 10, 10, 10, 10])
        }
    }

    @Test func expiredKeysGoWithoutAnybodyAskingAgain() async throws {
        try await NotesFixture.run { fixture in
            let ada = try NoteOwner.user("ada")
            for number in 0..<10 { _ = try await create(fixture, "key \(number)", "x", by: ada) }
            fixture.clock.advance(seconds: 86_000)
            _ = try await create(fixture, "young", "x", by: ada)
            fixture.clock.advance(seconds: 1000)
            let shard = try #require(try await fixture.storage.shards.shard(ofUser: "ada", in: ada.tenant))
            #expect(try await fixture.storage.shards.write(shard) { try $0.forgetExpired(atMost: 4) } == 4)
            #expect(try await fixture.storage.shards.write(shard) { try $0.forgetExpired(atMost: 1000) } == 6)
            #expect(try await rows(fixture, of: "ada") == 1)
        }
    }

    private func rows(_ fixture: NotesFixture, of user: String) async throws -> Int {
        let shard = try #require(try await fixture.storage.shards.shard(ofUser: user, in: try NoteOwner.user(user).tenant))
        return try await fixture.storage.shards.write(shard) { writer in
            try writer.connection.first(
                "SELECT count(*) FROM idempotency JOIN user ON user.id = user WHERE user_id = ?", .text(user)
            ) { $0.int(0) } ?? 0
        }
    }

    private func create(_ fixture: NotesFixture, _ key: String, _ body: String, by owner: NoteOwner) async throws -> WriteOutcome {
        try await fixture.storage.create(NoteDraft(body), key: try IdempotencyKey(key), body: Array(body.utf8), .by(owner))
    }
}
