internal import Encodings
internal import JSON
internal import SQLite
internal import Shards

/// Every user's notes in one file, in the order they were written, as lines of JSON (NDJSON):
///
///     {"userId":"…","noteId":"…","version":2,"title":"…","content":"…","createdAt":"2026-04-24T10:00:00.000000Z","changedAt":"…"}
///
/// Confined to its thread. The one place that reads more than one user's notes: it sees copies only, never a file that is served from.
final class ExportedNotes {
    struct Line {
        let user: String
        let json: [UInt8]
    }

    private let connection: Connection
    private let users: UserKeys
    private var last: Int64 = 0

    init(connection: Connection, users: UserKeys) {
        self.connection = connection
        self.users = users
    }

    /// The next lines, about that many bytes; none at the end.
    func next(bytes: Int) throws -> [Line] {
        let select = try connection.statement(
            """
            SELECT note.id, user_id, note_id, version, created, changed, title, content FROM note JOIN user ON user.id = note.user
            WHERE note.id > ? AND wrapped_key <> x'' ORDER BY note.id
            """)
        defer { select.reset() }
        try select.bind(1, last)
        var lines: [Line] = []
        var size = 0
        while size < bytes, try select.step() {
            let user = select.text(1)
            let line = Line(user: user, json: try json(select, of: user))
            lines.append(line)
            size += line.json.count
            last = select.integer(0)
        }
        return lines
    }

    private func json(_ row: Statement, of name: String) throws -> [UInt8] {
        guard let user = try users.find(name), let id = row.withBytes(2, { UUID(bytes: $0) }), let version = UInt64(exactly: row.integer(3)) else {
            throw SealError.notAuthentic
        }
        let title = try row.withBytes(6) { try user.key.open($0, record: id, field: NoteSchema.Field.title, version: version) }
        let content = try row.withBytes(7) { try user.key.open($0, record: id, field: NoteSchema.Field.content, version: version) }
        var writer = JSONWriter(reserving: 256 + title.count + content.count)
        writer.beginObject()
        writer.member("userId", name)
        writer.member("noteId", id.description)
        writer.member("version", version)
        writer.member("title", utf8: title.span)
        writer.member("content", utf8: content.span)
        writer.member("createdAt", Timestamp(microseconds: row.integer(4)).iso8601())
        writer.member("changedAt", Timestamp(microseconds: row.integer(5)).iso8601())
        writer.endObject()
        return writer.bytes + [UInt8(ascii: "\n")]
    }
}
