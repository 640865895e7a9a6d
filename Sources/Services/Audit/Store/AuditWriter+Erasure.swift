internal import Contracts
internal import Encodings
internal import EventLog
internal import SQLite
internal import Shards

/// What is done to the events of who is erased: the key of their bodies is destroyed, in one transaction with the event that tells of it, and the numbers of the
/// addresses they came from are cleared. Leaves, marks and digests stay as they are, so every proof still holds.
extension AuditWriter {
    /// - Returns: whether it was to be done; a second time it is not, and is not recorded again.
    @discardableResult
    func erase(_ erasure: Erasure) throws -> Bool {
        let isNew = if let user = erasure.user { try subjects.erase(user, makeID: store.makeID) } else { try eraseTenant() }
        forgetRecent()
        if isNew { _ = try record(erasure.occurrence(id: store.makeID())) }
        return isNew
    }

    /// Whether the file has word of the erasure of a user, or of the tenant.
    func isErased(_ user: String?) throws -> Bool { try user.map { try subjects.isRecordedAsErased($0) } ?? subjects.isTenantDeleted() }

    /// Carries out erasures that the file has no word of. To be called when it is opened.
    func eraseAgain(_ lacking: [Erasure]) throws {
        guard !lacking.isEmpty else { return }
        try connection.transaction {
            for erasure in lacking {
                _ = try erase(erasure)
                var leaf: Int64? = -1
                while let last = leaf { leaf = try forgetAddresses(of: erasure.user, after: last) }
            }
            try willCommit()
        }
        didCommit()
        try connection.checkpoint(.truncate)
    }

    /// Clears the numbers of the addresses that the events of an erased user, or of all of a deleted tenant's, came from: of some of them, since a log may be long and
    /// others wait for its thread.
    /// - Returns: the leaf after which to go on; nil after the last.
    func forgetAddresses(of user: String?, after leaf: Int64) throws -> Int64? {
        guard let user else {
            let last = try connection.first(
                "SELECT max(leaf) FROM (SELECT leaf FROM event WHERE leaf > ? ORDER BY leaf LIMIT 1000)", .integer(leaf),
                row: { $0.optionalInteger(0) })
            guard let last = last ?? nil else { return nil }
            try connection.run(
                """
                UPDATE event SET address = 0
                    WHERE leaf > ? AND leaf <= ? AND address <> 0 AND EXISTS (SELECT 1 FROM subject WHERE id = event.subject AND wrapped_key = x'')
                """, .integer(leaf), .integer(last))
            return last
        }
        let last = try connection.first(
            """
            SELECT max(leaf) FROM (SELECT leaf FROM event
                WHERE subject = (SELECT id FROM subject WHERE name = ?) AND leaf > ? ORDER BY leaf LIMIT 1000)
            """, .text(user), .integer(leaf), row: { $0.optionalInteger(0) })
        guard let last = last ?? nil else { return nil }
        try connection.run(
            "UPDATE event SET address = 0 WHERE subject = (SELECT id FROM subject WHERE name = ?) AND leaf > ? AND leaf <= ? AND address <> 0",
            .text(user), .integer(leaf), .integer(last))
        return last
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
