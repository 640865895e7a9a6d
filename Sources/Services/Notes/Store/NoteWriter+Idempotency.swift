internal import Crypto
internal import Encodings
internal import SQLite
internal import Shards

/// Requests that may come twice: what they were and what they were answered, for a bounded time and up to a bounded number.
extension NoteWriter {
    /// What a request with this key was answered before. The outer nil: the key is new (or forgotten). The inner nil: it came
    /// with another body.
    func answer(to key: IdempotencyKey, body: [UInt8], of user: UserKeys.User, _ now: Timestamp) throws -> (note: Note, position: String)?? {
        let select = try connection.statement(
            "SELECT id, body, created, note_id, title, content, position FROM idempotency WHERE user = ? AND key = ?")
        defer { select.reset() }
        try select.bind(1, user.row)
        try select.bind(2, key.digest.bytes)
        guard try select.step() else { return nil }
        let created = Timestamp(microseconds: select.integer(2))
        if created < now.adding(seconds: -store.limits.idempotencySeconds) {
            let row = select.integer(0)
            select.reset()
            try connection.run("DELETE FROM idempotency WHERE id = ?", .integer(row))
            return nil
        }
        guard constantTimeEquals(select.bytes(1), user.key.digest(body).bytes) else { return .some(nil) }
        guard let id = select.withBytes(3, { UUID(bytes: $0) }) else { throw SealError.notAuthentic }
        let note = Note(
            id: id, version: 1, createdAt: created,
            title: try select.withBytes(4) { try user.key.open($0, record: id, field: NoteSchema.Field.answeredTitle, version: 1) },
            content: try select.withBytes(5) { try user.key.open($0, record: id, field: NoteSchema.Field.answeredContent, version: 1) })
        return .some((note, select.text(6)))
    }

    func remember(
        _ key: IdempotencyKey, body: [UInt8], _ note: Note, _ position: String, of user: UserKeys.User, _ now: Timestamp
    ) throws {
        let insert = try connection.statement(
            "INSERT INTO idempotency(user, key, body, created, note_id, title, content, position) VALUES(?, ?, ?, ?, ?, ?, ?, ?)")
        try insert.bind(1, user.row)
        try insert.bind(2, key.digest.bytes)
        try insert.bind(3, user.key.digest(body).bytes)
        try insert.bind(4, now.microseconds)
        try insert.bind(5, note.id.bytes)
        try insert.bind(6, user.key.seal(note.title.span, record: note.id, field: NoteSchema.Field.answeredTitle, version: 1))
        try insert.bind(7, user.key.seal(note.content.span, record: note.id, field: NoteSchema.Field.answeredContent, version: 1))
        try insert.bind(8, position)
        try insert.run()
        try forget(before: now.adding(seconds: -store.limits.idempotencySeconds), newest: connection.lastInsertedRow)
    }

    /// Rows are in order of time, so the few at the front are the ones to go; each insert takes up to four.
    private func forget(before: Timestamp, newest: Int64) throws {
        let delete = try connection.statement(
            """
            DELETE FROM idempotency WHERE id IN (
              SELECT id FROM (SELECT id, created FROM idempotency ORDER BY id LIMIT 4) WHERE created < ?1 OR id <= ?2)
            """)
        try delete.bind(1, before.microseconds)
        try delete.bind(2, newest - store.limits.idempotencyKeys)
        try delete.run()
    }
}
