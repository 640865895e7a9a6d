internal import Crypto
internal import Encodings
internal import SQLite
internal import Shards

/// Requests that may come twice: a digest of what they were and where they led, for a bounded time and up to a bounded number. No contents: who asks
/// again sends them again, so the answer is made of the request, whatever became of the note.
extension NoteWriter {
    /// What a request with this key was answered before. The outer nil: the key is new (or forgotten). The inner nil: it came
    /// with another body.
    /// - Parameter draft: what `body` says.
    func answer(
        to key: IdempotencyKey, _ draft: NoteDraft, body: [UInt8], of user: UserKeys.User, _ now: Timestamp
    ) throws -> (note: Note, position: String)?? {
        let select = try connection.statement("SELECT id, body, created, note_id, position FROM idempotency WHERE user = ? AND key = ?")
        defer { select.reset() }
        try select.bind(1, user.row)
        try select.bind(2, key.digest.bytes)
        guard try select.step() else { return nil }
        let created = Timestamp(microseconds: select.integer(2))
        if created < now.adding(seconds: -store.limits.idempotencySeconds) {
            let row = select.integer(0)
            select.reset()
            try connection.run("DELETE FROM idempotency WHERE id = ?", .integer(row))
            users.forgotKeys(connection.changes)
            return nil
        }
        guard constantTimeEquals(select.bytes(1), user.key.digest(body).bytes) else { return .some(nil) }
        guard let id = select.withBytes(3, { UUID(bytes: $0) }) else { throw SealError.notAuthentic }
        return .some((Note(id: id, version: 1, createdAt: created, title: draft.title, content: draft.content), select.text(4)))
    }

    func remember(
        _ key: IdempotencyKey, body: [UInt8], _ note: Note, _ position: String, of user: UserKeys.User, _ now: Timestamp
    ) throws {
        let insert = try connection.statement(
            "INSERT INTO idempotency(user, key, body, created, note_id, position) VALUES(?, ?, ?, ?, ?, ?)")
        try insert.bind(1, user.row)
        try insert.bind(2, key.digest.bytes)
        try insert.bind(3, user.key.digest(body).bytes)
        try insert.bind(4, now.microseconds)
        try insert.bind(5, note.id.bytes)
        try insert.bind(6, position)
        try insert.run()
        users.rememberedKey()
        try forget(before: now.adding(seconds: -store.limits.idempotencySeconds))
        if try users.countKey(of: user) > store.limits.idempotencyKeysPerUser { try forgetOldest(of: user) }
        try forgetOldest(atMost: try users.keys() - store.limits.idempotencyKeys)
    }

    /// Deletes rows that are too old to answer with, the oldest first; how many went.
    func forgetExpired(atMost count: Int) throws -> Int {
        try connection.run(
            "DELETE FROM idempotency WHERE id IN (SELECT id FROM (SELECT id, created FROM idempotency ORDER BY id LIMIT ?1) WHERE created < ?2)",
            .int(count), .integer(store.now().adding(seconds: -store.limits.idempotencySeconds).microseconds))
        let forgotten = connection.changes
        users.forgotKeys(forgotten)
        return forgotten
    }

    /// An eighth at a time: finding the oldest takes a look at all of the user's.
    private func forgetOldest(of user: UserKeys.User) throws {
        let kept = store.limits.idempotencyKeysPerUser - store.limits.idempotencyKeysPerUser / 8
        try connection.run(
            """
            DELETE FROM idempotency WHERE user = ?1
              AND id <= (SELECT id FROM idempotency WHERE user = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)
            """, .integer(user.row), .int(kept))
        users.forgotKeys(connection.changes)
        users.recountKeys(of: user)
    }

    /// Rows are in order of time, so the few at the front are the ones to go; each insert takes up to four.
    private func forget(before: Timestamp) throws {
        let delete = try connection.statement(
            "DELETE FROM idempotency WHERE id IN (SELECT id FROM (SELECT id, created FROM idempotency ORDER BY id LIMIT 4) WHERE created < ?1)")
        try delete.bind(1, before.microseconds)
        try delete.run()
        users.forgotKeys(connection.changes)
    }

    /// Whoever's they are: what counts is how many there are, not how many there have been, so a user who is at their own limit pushes out nobody.
    private func forgetOldest(atMost count: Int) throws {
        guard count > 0 else { return }
        try connection.run("DELETE FROM idempotency WHERE id IN (SELECT id FROM idempotency ORDER BY id LIMIT ?1)", .int(min(count, 4)))
        users.forgotKeys(connection.changes)
    }
}
