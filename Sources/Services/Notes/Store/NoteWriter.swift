internal import Contracts
internal import Crypto
internal import Encodings
internal import EventLog
internal import Processes
internal import SQLite
internal import Shards

/// Changes notes, each change with its event in the same transaction. Always by user: no statement here can touch anybody else's.
final class NoteWriter: ShardWriter {
    let connection: Connection
    let users: UserKeys
    let outbox: Outbox
    let store: NoteStore
    /// Nanoseconds of the monotonic clock at the latest trim, and at the latest that is on the disk.
    private var trimmedAt = SystemClock.monotonicNanoseconds()
    private var durableTrimmedAt: UInt64
    /// What the next version of a note is at least. Versions are entity tags, so none may come twice, and a file that was set back has forgotten some: from
    /// then on they begin at the microsecond of that, which nobody counts up to.
    private let versionFloor: UInt64

    init(connection: Connection, users: UserKeys, outbox: Outbox, store: NoteStore) {
        self.connection = connection
        self.users = users
        self.outbox = outbox
        self.store = store
        durableTrimmedAt = trimmedAt
        versionFloor = outbox.followsAnother ? outbox.stream.epoch.time.flatMap { UInt64(exactly: $0.microseconds) } ?? 0 : 0
    }

    // MARK: Writes

    func create(
        _ draft: NoteDraft, key: IdempotencyKey?, body: [UInt8], if precondition: Precondition, _ request: WriteRequest
    ) throws -> WriteOutcome {
        let now = store.now()
        let user = try users.findOrAdd(request.owner.user, makeID: store.makeID)
        if let key, let earlier = try answer(to: key, draft, body: body, of: user, now) {
            if let (note, position) = earlier { return .repeated(note, position: position) }
            return .idempotencyMismatch(
                position: try refuse(EventAction.createNote, EventReason.idempotencyMismatch, nil, request, now))
        }
        guard try users.notes(of: user) < store.limits.notesPerUser else {
            return .quotaExceeded(position: try refuse(EventAction.createNote, EventReason.quota, nil, request, now))
        }
        // Last: a request that would be refused in any case is refused for that (RFC 9110 §13.2.1).
        guard precondition.holdsForList else {
            return .preconditionFailed(position: try refuse(EventAction.createNote, EventReason.precondition, nil, request, now))
        }
        let note = Note(id: store.makeID(), version: 1, createdAt: now, title: draft.title, content: draft.content)
        let insert = try connection.statement(
            "INSERT INTO note(user, note_id, version, created, changed, title, content) VALUES(?1, ?2, 1, ?3, ?3, ?4, ?5)")
        try insert.bind(1, user.row)
        try insert.bind(2, note.id.bytes)
        try insert.bind(3, now.microseconds)
        try insert.bind(4, user.key.seal(note.title.span, record: note.id, field: NoteSchema.Field.title, version: 1))
        try insert.bind(5, user.key.seal(note.content.span, record: note.id, field: NoteSchema.Field.content, version: 1))
        try insert.run()
        users.count(user, by: 1)
        let position = try accept(EventAction.createNote, note, user.key, request, now)
        if let key { try remember(key, body: body, note, position, of: user, now) }
        return .created(note, position: position)
    }

    /// - Parameter id: nil for a name that can't be any note's.
    func update(_ id: UUID?, to draft: NoteDraft, if precondition: Precondition, _ request: WriteRequest) throws -> WriteOutcome {
        let now = store.now()
        guard let id, let user = try users.find(request.owner.user), let old = try head(of: id, user) else {
            return .noteNotFound(position: try refuse(EventAction.updateNote, EventReason.notFound, id, request, now))
        }
        guard precondition.holds(for: old.version) else {
            return .preconditionFailed(position: try refuse(EventAction.updateNote, EventReason.precondition, id, request, now, old.version))
        }
        let note = Note(id: id, version: max(old.version + 1, versionFloor), createdAt: old.created, title: draft.title, content: draft.content)
        let update = try connection.statement("UPDATE note SET version = ?2, changed = ?3, title = ?4, content = ?5 WHERE id = ?1")
        try update.bind(1, old.row)
        try update.bind(2, Int64(note.version))
        try update.bind(3, now.microseconds)
        try update.bind(4, user.key.seal(note.title.span, record: id, field: NoteSchema.Field.title, version: note.version))
        try update.bind(5, user.key.seal(note.content.span, record: id, field: NoteSchema.Field.content, version: note.version))
        try update.run()
        return .updated(note, position: try accept(EventAction.updateNote, note, user.key, request, now))
    }

    /// - Parameter id: nil for a name that can't be any note's.
    func delete(_ id: UUID?, if precondition: Precondition, _ request: WriteRequest) throws -> WriteOutcome {
        let now = store.now()
        guard let id, let user = try users.find(request.owner.user), let old = try head(of: id, user) else {
            // Without conditions this ends well, so they count (RFC 9110 §13.2.1).
            guard precondition.holdsForNothing else {
                return .preconditionFailed(position: try refuse(EventAction.deleteNote, EventReason.precondition, id, request, now))
            }
            return .noteNotFound(position: try refuse(EventAction.deleteNote, EventReason.notFound, id, request, now))
        }
        guard precondition.holds(for: old.version) else {
            return .preconditionFailed(position: try refuse(EventAction.deleteNote, EventReason.precondition, id, request, now, old.version))
        }
        let delete = try connection.statement("DELETE FROM note WHERE id = ?")
        try delete.bind(1, old.row)
        try delete.run()
        users.count(user, by: -1)
        let data = NoteWrite(version: old.version).encoded()
        return .deleted(position: try append(EventAction.deleteNote, .accepted, "", id, data, request, now))
    }

    private struct Head {
        let row: Int64
        let version: UInt64
        let created: Timestamp
    }

    private func head(of id: UUID, _ user: UserKeys.User) throws -> Head? {
        let select = try connection.statement("SELECT id, version, created FROM note WHERE user = ? AND note_id = ?")
        defer { select.reset() }
        try select.bind(1, user.row)
        try select.bind(2, id.bytes)
        guard try select.step(), let version = UInt64(exactly: select.integer(1)) else { return nil }
        return Head(row: select.integer(0), version: version, created: Timestamp(microseconds: select.integer(2)))
    }

    /// Deletes events that nobody can need any more, a number at a time.
    /// - Returns: how many that were.
    func trim() throws -> Int {
        let now = SystemClock.monotonicNanoseconds()
        let seconds = (now - trimmedAt) / 1_000_000_000
        trimmedAt += seconds * 1_000_000_000
        do throws(OutboxError) {
            return try outbox.trim(seconds: seconds)
        } catch {
            throw error.cause
        }
    }

    // MARK: ShardWriter

    struct Savepoint {
        let users: Int
        let outbox: OutboxSavepoint
        let trimmedAt: UInt64
    }

    func savepoint() -> Savepoint { Savepoint(users: users.savepoint, outbox: outbox.savepoint, trimmedAt: trimmedAt) }

    func rollBack(to savepoint: Savepoint) {
        users.rollBack(to: savepoint.users)
        outbox.rollBack(to: savepoint.outbox)
        trimmedAt = savepoint.trimmedAt
    }

    func willCommit() throws { do throws(OutboxError) { try outbox.prepareCommit() } catch { throw error.cause } }

    func didCommit() {
        durableTrimmedAt = trimmedAt
        users.didCommit()
        let events = outbox.didCommit()
        if !events.isEmpty { store.committed(events) }
    }

    func didRollBack() {
        users.didRollBack()
        outbox.didRollBack()
        trimmedAt = durableTrimmedAt
    }

    var isDelivered: Bool { outbox.backlog == 0 }
    var isInPlace: Bool { outbox.isInPlace }
}
