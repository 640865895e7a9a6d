internal import Encodings
internal import JSON
internal import SQLite
internal import Shards

/// Reads notes. Always by user: no query here can see anybody else's.
final class NoteReader {
    private let connection: Connection
    private let users: UserKeys

    init(connection: Connection, users: UserKeys) {
        self.connection = connection
        self.users = users
    }

    func note(_ id: UUID, of name: String) throws -> Note? {
        guard let user = try users.find(name) else { return nil }
        let select = try connection.statement(
            "SELECT note_id, version, created, title, content FROM note WHERE user = ? AND note_id = ?")
        defer { select.reset() }
        try select.bind(1, user.row)
        try select.bind(2, id.bytes)
        return try select.step() ? try note(select, user.key) : nil
    }

    /// The user's notes after `after`, oldest first: up to `limit`, and up to a page's bytes.
    func notes(of name: String, after: UUID?, limit: Int) throws -> NotePage {
        guard let user = try users.find(name) else { return NotePage(notes: [], next: nil) }
        let select = try connection.statement(
            """
            SELECT note_id, version, created, title, content FROM note WHERE user = ? AND note_id > ?
            ORDER BY note_id LIMIT ?
            """)
        defer { select.reset() }
        try select.bind(1, user.row)
        // Every id is greater than the empty blob.
        try select.bind(2, after?.bytes ?? [])
        try select.bind(3, limit + 1)
        var page = NotePage(notes: [], next: nil)
        var bytes = 0
        while try select.step() {
            let note = try note(select, user.key)
            bytes += JSONWriter.length(ofString: note.title.span) + JSONWriter.length(ofString: note.content.span)
            if page.notes.count == limit || (bytes > NotePage.maximumBytes && !page.notes.isEmpty) {
                page.next = page.notes.last?.id
                break
            }
            page.notes.append(note)
        }
        return page
    }

    /// Those of the users who aren't erased by now.
    func living(among names: Set<String>) throws -> Set<String> { try users.living(among: names) }

    /// The user was erased: the key that is still in memory goes, too.
    func forget(_ user: String) { users.forget(user) }

    private func note(_ row: Statement, _ key: DataKey) throws -> Note {
        guard let id = row.withBytes(0, { UUID(bytes: $0) }), let version = UInt64(exactly: row.integer(1)) else {
            throw SealError.notAuthentic
        }
        return Note(
            id: id, version: version, createdAt: Timestamp(microseconds: row.integer(2)),
            title: try row.withBytes(3) { try key.open($0, record: id, field: NoteSchema.Field.title, version: version) },
            content: try row.withBytes(4) { try key.open($0, record: id, field: NoteSchema.Field.content, version: version) })
    }
}
