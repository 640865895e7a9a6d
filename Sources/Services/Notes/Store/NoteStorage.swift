internal import Contracts
internal import Encodings
internal import EventLog
internal import Shards

/// The notes of every tenant: decides nothing about HTTP, and hands each call to the user's own shard.
struct NoteStorage: Sendable {
    let shards: ShardSet<NoteStore>

    func create(
        _ draft: NoteDraft, key: IdempotencyKey?, body: [UInt8], if precondition: Precondition = .none, _ request: WriteRequest
    ) async throws(NotesError) -> WriteOutcome {
        try await write(EventAction.createNote, request) { try $0.create(draft, key: key, body: body, if: precondition, request) }
    }

    /// - Parameter id: nil for a name that can't be any note's.
    func update(_ id: UUID?, to draft: NoteDraft, if precondition: Precondition, _ request: WriteRequest) async throws(NotesError) -> WriteOutcome {
        try await write(EventAction.updateNote, request) { try $0.update(id, to: draft, if: precondition, request) }
    }

    /// - Parameter id: nil for a name that can't be any note's.
    func delete(_ id: UUID?, if precondition: Precondition, _ request: WriteRequest) async throws(NotesError) -> WriteOutcome {
        try await write(EventAction.deleteNote, request) { try $0.delete(id, if: precondition, request) }
    }

    func note(_ id: UUID, of owner: NoteOwner) async throws(NotesError) -> Note? {
        let user = owner.user
        return try await read(owner) { try $0.note(id, of: user) } ?? nil
    }

    /// - Parameter encode: what is made of the page where it is read: many milliseconds for a large one, in which a loop would do nothing else.
    func page<R: Sendable>(
        of owner: NoteOwner, after: UUID?, limit: Int, _ encode: @escaping @Sendable (NotePage) -> R
    ) async throws(NotesError) -> R {
        let user = owner.user
        return try await read(owner) { encode(try $0.notes(of: user, after: after, limit: limit)) } ?? encode(NotePage(notes: [], next: nil))
    }

    private func write(
        _ action: String, _ request: WriteRequest, _ body: @escaping @Sendable (NoteWriter) throws -> WriteOutcome
    ) async throws(NotesError) -> WriteOutcome {
        do {
            let shard = try await shards.makeShard(ofUser: request.owner.user, in: request.owner.tenant)
            return try await shards.write(shard) { try $0.refuseErased(action, request) ?? body($0) }
        } catch {
            throw NotesError(error)
        }
    }

    /// Nil for a tenant, or a shard, without data.
    private func read<R: Sendable>(_ owner: NoteOwner, _ body: @escaping @Sendable (NoteReader) throws -> R) async throws(NotesError) -> R? {
        do {
            guard let shard = try await shards.shard(ofUser: owner.user, in: owner.tenant) else { return nil }
            return try await shards.read(shard, body)
        } catch {
            throw NotesError(error)
        }
    }
}
