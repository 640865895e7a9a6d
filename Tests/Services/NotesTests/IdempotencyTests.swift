import Contracts
import Testing

@testable import Notes

struct IdempotencyTests {
    @Test func theSameRequestGetsTheSameAnswerAlsoAfterARestart() async throws {
        let first = try NotesFixture()
        let ada = try NoteOwner.user("ada")
        let made = try await create(first, "key-1", "body", by: ada)
        guard case .created(let note, let position) = made else { throw NotesError.failed("not created") }
        await first.close()
        let second = try NotesFixture(root: first.root)
        guard case .repeated(let again, let samePosition) = try await create(second, "key-1", "body", by: ada) else {
            throw NotesError.failed("not repeated")
        }
        #expect(again == note)
        #expect(samePosition == position)
        #expect(try await second.storage.notes(of: ada, after: nil, limit: 10).notes.count == 1)
        await second.close()
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
            for number in 0..<12 { _ = try await create(fixture, "key \(number)", "x", by: ada) }
            guard case .created = try await create(fixture, "old", "two", by: ada) else { throw NotesError.failed("not forgotten") }
        }
    }

    private func create(_ fixture: NotesFixture, _ key: String, _ body: String, by owner: NoteOwner) async throws -> WriteOutcome {
        try await fixture.storage.create(NoteDraft(body), key: try IdempotencyKey(key), body: Array(body.utf8), .by(owner))
    }
}
