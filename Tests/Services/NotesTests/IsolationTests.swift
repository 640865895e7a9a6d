import Contracts
import Encodings
import Files
import SQLite
import Shards
import Testing

@testable import Notes

/// Two tenants with two users each: nothing of one is ever another's.
struct IsolationTests {
    @Test func nobodyReadsChangesOrCountsAnothersNotes() async throws {
        try await NotesFixture.run { fixture in
            let storage = fixture.storage
            let everyone = try owners()
            var notes: [Note] = []
            for (index, owner) in everyone.enumerated() { notes.append(try await storage.make("note \(index)", by: owner)) }
            for (mine, owner) in everyone.enumerated() {
                #expect(try await storage.notes(of: owner, after: nil, limit: 1000).notes == [notes[mine]])
                for (other, note) in notes.enumerated() where other != mine {
                    #expect(try await storage.note(note.id, of: owner) == nil)
                    guard case .noteNotFound = try await storage.update(note.id, to: NoteDraft("mine now"), if: .none, .by(owner)) else {
                        throw NotesError.failed("\(mine) changed \(other)")
                    }
                    guard case .noteNotFound = try await storage.delete(note.id, if: .none, .by(owner)) else {
                        throw NotesError.failed("\(mine) deleted \(other)")
                    }
                }
            }
            for (index, owner) in everyone.enumerated() { #expect(try await storage.note(notes[index].id, of: owner) == notes[index]) }
        }
    }

    @Test func aPageTokenServesOnlyItsUser() throws {
        let tokens = PageTokens(key: [UInt8](repeating: 1, count: 32))
        let everyone = try owners()
        let note = UUID(high: 1, low: 2)
        for owner in everyone {
            let token = tokens.token(after: note, for: owner)
            #expect(try tokens.note(in: token, for: owner) == note)
            for other in everyone where other.user != owner.user || other.tenant != owner.tenant {
                #expect(throws: NotesError.invalid("nextToken is not valid")) { try tokens.note(in: token, for: other) }
            }
        }
    }

    @Test func anAlteredPageTokenIsRefused() throws {
        let tokens = PageTokens(key: [UInt8](repeating: 1, count: 32))
        let ada = try NoteOwner.user("ada")
        let token = tokens.token(after: UUID(high: 1, low: 2), for: ada)
        for index in token.indices {
            var altered = token
            altered.replaceSubrange(index...index, with: token[index] == "A" ? "B" : "A")
            #expect(throws: NotesError.self) { try tokens.note(in: altered, for: ada) }
        }
        for bad in ["", token + "A", String(token.dropLast()), "\(token)=", "null", "../../etc"] {
            #expect(throws: NotesError.self) { try tokens.note(in: bad, for: ada) }
        }
    }

    @Test func aRowMovedByHandDoesNotOpen() async throws {
        let (ada, bob) = (try NoteOwner.user("ada"), try NoteOwner.user("bob"))
        for tampering in [
            "UPDATE note SET user = (SELECT id FROM user WHERE user_id = 'bob') WHERE user = (SELECT id FROM user WHERE user_id = 'ada')",
            "UPDATE note SET title = content, content = title",
            "UPDATE note SET version = version + 1",
            "UPDATE note SET title = (SELECT title FROM note n WHERE n.user <> note.user)",
            "UPDATE user SET wrapped_key = (SELECT wrapped_key FROM user u WHERE u.id <> user.id)",
            """
            UPDATE user SET key_id = (SELECT key_id FROM user u WHERE u.id <> user.id),
              wrapped_key = (SELECT wrapped_key FROM user u WHERE u.id <> user.id)
            """,
        ] {
            try await NotesFixture.run(settings: .oneShard) { fixture in
                _ = try await fixture.storage.make("ada's", "content", by: ada)
                _ = try await fixture.storage.make("bob's", "content", by: bob)
                try await fixture.restart {
                    try Connection(path: "\(fixture.folder)/us-east-1_Alpha/0.sqlite", role: .writer).execute(tampering)
                }
                // A statement that gives both rows one value leaves one of them right.
                var refused = 0
                for (owner, own) in [(ada, "ada's"), (bob, "bob's")] {
                    do {
                        let notes = try await fixture.storage.notes(of: owner, after: nil, limit: 10).notes
                        let titles = notes.map { String(decoding: $0.title, as: UTF8.self) }
                        #expect(titles == [own] || titles == [], "\(tampering)")
                    } catch {
                        refused += 1
                    }
                }
                #expect(refused > 0, "\(tampering)")
            }
        }
    }

    @Test func aNoteAtRestShowsNothing() async throws {
        try await NotesFixture.run { fixture in
            let ada = try NoteOwner.user("ada")
            _ = try await fixture.storage.make("a-title-to-look-for", "a-content-to-look-for", by: ada)
            await fixture.storage.shards.close()
            for name in try Directory.list("\(fixture.folder)/us-east-1_Alpha") {
                let bytes = try File.read("\(fixture.folder)/us-east-1_Alpha/\(name)", limit: 1 << 24)
                #expect(!String(decoding: bytes, as: UTF8.self).contains("to-look-for"))
            }
        }
    }

    private func owners() throws -> [NoteOwner] {
        // The same user ids in both tenants, so that only the tenant tells them apart.
        try ["us-east-1_Alpha", "us-east-1_Beta"].flatMap { tenant in try ["ada", "bob"].map { try NoteOwner.user($0, of: tenant) } }
    }
}
