internal import Contracts
internal import Encodings
internal import EventLog
internal import SQLite
internal import Shards

/// What is done to the events of who is erased: the key of their bodies is destroyed, in one transaction with the event that tells of it. Leaves, marks and
/// digests stay as they are, so every proof still holds.
extension AuditWriter {
    /// - Returns: whether it was to be done; a second time it is not, and is not recorded again.
    @discardableResult
    func erase(_ erasure: Erasure) throws -> Bool {
        let isNew = if let user = erasure.user { try subjects.erase(user, makeID: store.makeID) } else { try eraseTenant() }
        forgetRecent()
        if isNew { _ = try record(erasure.occurrence(id: store.makeID())) }
        return isNew
    }

    /// Carries out those of the erasures that the file has no word of. To be called when it is opened.
    func eraseAgain(_ erasures: [Erasure]) throws {
        let lacking = try erasures.filter { erasure in try erasure.user.map { try !subjects.isErased($0) } ?? !subjects.isTenantDeleted() }
        guard !lacking.isEmpty else { return }
        try connection.transaction {
            for erasure in lacking { _ = try erase(erasure) }
            try willCommit()
        }
        didCommit()
        try connection.checkpoint(.truncate)
    }

    /// Sources have deleted the tenant's outboxes: what was still on its way is waited for no longer.
    private func eraseTenant() throws -> Bool {
        for stream in state.machine.settle() { state.changed.insert(stream) }
        return try subjects.eraseTenant()
    }
}

extension Erasure {
    /// The event that tells of it. Users who erase themselves are no actor of it: what names them as one goes with their key.
    fileprivate func occurrence(id: UUID) -> Occurrence {
        Occurrence(
            id: id, time: time, type: EventType.erasure,
            actor: EventActor(userID: "", principal: principal, method: principal.isEmpty ? "jwt" : "iam"),
            action: user == nil ? EventAction.deleteTenant : EventAction.eraseUser, outcome: .accepted,
            resource: EventResource(type: user == nil ? EventResource.tenant : EventResource.user, id: user ?? tenant), requestID: requestID,
            sourceAddress: "")
    }
}
