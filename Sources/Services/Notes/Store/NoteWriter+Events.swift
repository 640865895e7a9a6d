internal import Contracts
internal import Crypto
internal import Encodings
internal import EventLog
internal import SQLite
internal import Shards

/// What a write leaves in the outbox.
extension NoteWriter {
    /// - Returns: the event's position, as the response's header has it.
    func accept(_ action: String, _ note: Note, _ key: DataKey, _ request: WriteRequest, _ now: Timestamp) throws -> String {
        let digest = key.digest(note.title, note.content).bytes
        let data = NoteWrite(version: note.version, contentDigest: digest).encoded()
        return try append(action, .accepted, "", note.id, data, request, now)
    }

    func refuse(
        _ action: String, _ reason: String, _ note: UUID?, _ request: WriteRequest, _ now: Timestamp, _ version: UInt64 = 0
    ) throws -> String {
        try append(action, .refused, reason, note, NoteWrite(version: version).encoded(), request, now)
    }

    /// An operator takes a copy of all notes out: by the service's own key, so nobody else is known to have done it.
    func recordExport(requestID: String) throws {
        let occurrence = Occurrence(
            id: store.makeID(), time: store.now(), type: EventType.export, actor: .tool("export"), action: EventAction.exportTenant,
            outcome: .accepted, resource: EventResource(type: EventResource.tenant, id: outbox.stream.tenant), requestID: requestID,
            sourceAddress: "")
        _ = try append(occurrence)
    }

    func append(
        _ action: String, _ outcome: EventOutcome, _ reason: String, _ note: UUID?, _ data: [UInt8], _ request: WriteRequest, _ now: Timestamp
    ) throws -> String {
        let occurrence = Occurrence(
            id: store.makeID(), time: now, type: EventType.noteWrite, actor: request.owner.actor, action: action, outcome: outcome,
            reason: reason, resource: EventResource(type: EventResource.note, id: note?.description ?? ""),
            requestID: request.requestID, sourceAddress: request.sourceAddress, data: data, traceparent: request.traceparent,
            tracestate: request.tracestate)
        return try append(occurrence)
    }

    private func append(_ occurrence: Occurrence) throws -> String {
        do throws(OutboxError) {
            return try outbox.append(occurrence).headerValue
        } catch {
            throw error.cause
        }
    }
}
