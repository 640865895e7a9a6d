internal import Backups
internal import Bootstrap
internal import Contracts
internal import Encodings
internal import HTTP
internal import Observability
internal import Shards
internal import Trust

/// The notes API: decode, call, encode. Each call has been verified before it gets here, and is about its caller's notes.
struct NotesRoutes: Sendable {
    let storage: NoteStorage
    let tokens: PageTokens
    let metrics: NotesMetrics
    let gate: RestoreGate
    /// A page may take many milliseconds: nobody has more than a few under way, however many they ask for.
    private let turns = Turns<String>(limit: 4)

    func routes(_ verifier: InternalVerifier) -> [Route] {
        // As much as the gateway forwards: a caller that is cut off while it sends would not see why.
        let limit = NotesService.limits.maximumBodyBytes
        return [
            verifier.route(.post, "/notes", .forwarded, bodyLimit: limit) { try await create(try open($0)) },
            verifier.route(.get, "/notes", .forwarded, bodyLimit: limit) { try await list(try open($0)) },
            verifier.route(.get, "/notes/{noteId}", .forwarded, bodyLimit: limit) { try await get(try open($0)) },
            verifier.route(.put, "/notes/{noteId}", .forwarded, bodyLimit: limit) { try await update(try open($0)) },
            verifier.route(.delete, "/notes/{noteId}", .forwarded, bodyLimit: limit) { try await delete(try open($0)) },
        ]
    }

    /// Nothing of a restored folder is shown, or changed, before what was erased since is erased again.
    private func open(_ call: InternalCall) throws(NotesError) -> NotesCall {
        guard gate.isOpen else { throw .restoring }
        return try NotesCall(call)
    }

    func create(_ call: NotesCall) async throws(NotesError) -> Response {
        let body = try call.content()
        let draft = try NoteDraft(parsing: body)
        let key = try IdempotencyKey(try call.header(NotesHeader.idempotencyKey))
        let outcome = try await storage.create(draft, key: key, body: body, if: try call.precondition(), call.write)
        metrics.count(outcome)
        switch outcome {
        case .created(let note, let position), .repeated(let note, let position):
            return NoteJSON.response(note, of: call.owner, status: .created, position: position)
        case .quotaExceeded(let position): throw .quotaExceeded(position: position)
        case .idempotencyMismatch(let position): throw .idempotencyMismatch(position: position)
        case .preconditionFailed(let position): throw .listConditionFailed(position: position)
        case .erased(let position): throw .erased(position: position)
        case .updated, .deleted, .noteNotFound: throw .failed("a create ended as \(outcome.name)")
        }
    }

    func list(_ call: NotesCall) async throws(NotesError) -> Response {
        let (query, precondition) = (try PageQuery(call.query), try call.precondition())
        let after: UUID? = if let token = query.nextToken { try tokens.note(in: token, for: call.owner) } else { nil }
        guard precondition.isMatchedByList else { throw .listConditionFailed(position: nil) }
        if precondition.isListKnown { return Response(.notModified) }
        let holder = "\(call.owner.tenant)/\(call.owner.user)"
        guard await turns.begin(holder) else { throw .unavailable(.closed) }
        defer { turns.end(holder) }
        let (tokens, owner) = (tokens, call.owner)
        let body = try await storage.page(of: owner, after: after, limit: query.limit) { page in
            NoteJSON.list(page.notes, of: owner, nextToken: page.next.map { tokens.token(after: $0, for: owner) })
        }
        return .json(body)
    }

    func get(_ call: NotesCall) async throws(NotesError) -> Response {
        let precondition = try call.precondition()
        guard let id = call.noteID, let note = try await storage.note(id, of: call.owner) else { throw .noteNotFound(position: nil) }
        guard precondition.isMatched(by: note.version) else { throw .preconditionFailed(position: nil) }
        if precondition.isKnown(note.version) { return Response(.notModified, headers: [.etag: EntityTags.tag(note.version)]) }
        return NoteJSON.response(note, of: call.owner, status: .ok, position: nil)
    }

    func update(_ call: NotesCall) async throws(NotesError) -> Response {
        let draft = try NoteDraft(parsing: try call.content())
        let precondition = try call.precondition()
        let outcome = try await storage.update(call.noteID, to: draft, if: precondition, call.write)
        metrics.count(outcome)
        switch outcome {
        case .updated(let note, let position): return NoteJSON.response(note, of: call.owner, status: .ok, position: position)
        case .noteNotFound(let position): throw .noteNotFound(position: position)
        case .preconditionFailed(let position): throw .preconditionFailed(position: position)
        case .erased(let position): throw .erased(position: position)
        case .created, .repeated, .deleted, .quotaExceeded, .idempotencyMismatch: throw .failed("an update ended as \(outcome.name)")
        }
    }

    /// What isn't there, or isn't the caller's, is 204 as well, or 412 where `If-Match` asks for it: the answer tells nobody which notes exist. The refusal
    /// is an event.
    func delete(_ call: NotesCall) async throws(NotesError) -> Response {
        let outcome = try await storage.delete(call.noteID, if: try call.precondition(), call.write)
        metrics.count(outcome)
        switch outcome {
        case .deleted(let position), .noteNotFound(let position): return NoteJSON.noContent(position: position)
        case .preconditionFailed(let position): throw .preconditionFailed(position: position)
        case .erased(let position): throw .erased(position: position)
        case .created, .repeated, .updated, .quotaExceeded, .idempotencyMismatch: throw .failed("a delete ended as \(outcome.name)")
        }
    }
}
