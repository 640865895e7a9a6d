internal import Contracts
internal import SQLite
internal import Shards

/// What is done to the notes of a user who is erased: the key first, in one row, then the rest, some rows at a time.
extension NoteWriter {
    /// Destroys the user's key: from this commit on nothing of theirs opens, and every call of theirs is refused.
    func erase(_ user: String) throws {
        try users.erase(user, makeID: store.makeID)
    }

    /// Deletes rows of a user who is erased. Few at a time: writers wait.
    /// - Returns: whether there may be more.
    func deleteRows(of user: String, atMost count: Int) throws -> Bool {
        guard let row = try connection.first("SELECT id FROM user WHERE user_id = ?", .text(user), row: { $0.integer(0) }) else { return false }
        try connection.run("DELETE FROM note WHERE id IN (SELECT id FROM note WHERE user = ? LIMIT ?)", .integer(row), .int(count))
        let notes = connection.changes
        try connection.run("DELETE FROM idempotency WHERE id IN (SELECT id FROM idempotency WHERE user = ? LIMIT ?)", .integer(row), .int(count))
        let keys = connection.changes
        users.forgotKeys(keys)
        return max(notes, keys) == count
    }

    /// By the file alone, whether or not the key that is there opens.
    func isRecordedAsErased(_ user: String) throws -> Bool {
        try connection.first("SELECT wrapped_key = x'' FROM user WHERE user_id = ?", .text(user)) { $0.bool(0) } ?? false
    }

    /// Erases users who are there in spite of having been erased: the file is from before that. To be called when it is opened.
    func eraseAgain(_ back: [String]) throws {
        guard !back.isEmpty else { return }
        try connection.transaction {
            for user in back {
                try erase(user)
                while try deleteRows(of: user, atMost: 1000) {}
            }
        }
        users.didCommit()
        try connection.checkpoint(.truncate)
    }

    /// Records the refusal of a write by an erased user, whose tokens are still alive; nil for anybody else. The event has nothing of them but the id.
    func refuseErased(_ action: String, _ request: WriteRequest) throws -> WriteOutcome? {
        guard try users.isErased(request.owner.user) else { return nil }
        let anonymous = WriteRequest(owner: request.owner.nameless, requestID: request.requestID, sourceAddress: "", traceparent: "", tracestate: "")
        return .erased(position: try append(action, .refused, EventReason.erased, nil, [], anonymous, store.now()))
    }
}
