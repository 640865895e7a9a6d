internal import Backups
internal import Contracts
internal import Encodings
internal import HTTP
internal import JSON
internal import Shards
internal import Trust

/// The audit API: decode, decide who may see what, call, encode. Every query is an event itself, on the disk before its answer leaves.
struct AuditRoutes: Sendable {
    let log: AuditLog
    let marks: Marks
    let cursors: EventCursors
    let completeness: CompletenessCheck
    let metrics: AuditMetrics
    /// The group whose members see the whole tenant's events.
    let auditors: String
    /// How long a query waits for the positions it names.
    let waitMilliseconds: UInt64
    let makeID: @Sendable () -> UUID
    let now: @Sendable () -> Timestamp
    let gate: RestoreGate
    /// A page may take many milliseconds: nobody has more than a few under way, however many they ask for.
    private let turns = Turns<String>(limit: 4)
    /// Apart, since completeness asks the sources, which may hang: the log can be read all the same.
    private let completenessTurns = Turns<String>(limit: 4)

    func routes(_ verifier: InternalVerifier) -> [Route] {
        [
            verifier.route(.get, "/audit/events", .forwarded, bodyLimit: 0) { try await events(try open($0)) },
            verifier.route(.get, "/audit/completeness", .forwarded, bodyLimit: 0) {
                try await completeness(of: try open($0))
            },
        ]
    }

    /// Nothing of a restored log is shown before who was erased since is erased again.
    private func open(_ call: InternalCall) throws(AuditError) -> AuditCall {
        guard gate.isOpen else { throw .restoring }
        return try AuditCall(call, auditors: auditors)
    }

    /// Own events for every user, the tenant's for auditors.
    func events(_ call: AuditCall) async throws(AuditError) -> Response {
        let parameters = try EventParameters(call.query, tenant: call.caller.tenant.text)
        let names = parameters.query.filter.names
        var query = parameters.query
        if !call.caller.isAuditor {
            guard query.filter.user ?? call.caller.user == call.caller.user else {
                _ = try await record(call, .refused, reason: EventReason.notPermitted, AuditQuery(filters: names))
                throw .forbidden
            }
            query.filter.user = call.caller.user
        }
        query.after = try parameters.after(cursors, query, for: call.caller)
        try await marks.wait(until: parameters.positions, for: call.caller, milliseconds: waitMilliseconds, unless: { call.isDraining })

        let holder = "\(call.caller.tenant)/\(call.caller.user)"
        guard await turns.begin(holder) else { throw .unavailable(.closed) }
        defer { turns.end(holder) }
        let page = try await log.page(query, of: call.caller.tenant)
        metrics.count(page)
        let position = try await record(call, .accepted, AuditQuery(filters: names, returned: UInt32(page.count)))
        let next = page.isComplete ? nil : page.next.map { cursors.token(after: $0, of: query, for: call.caller) }
        var response = Response.json(EventJSON.encode(page, nextToken: next))
        response.headers.add(AuditHeader.position, position.headerValue)
        return response
    }

    /// Whether the log is complete, for each stream of the caller's tenant; for auditors also up to where, since that counts what others do.
    func completeness(of call: AuditCall) async throws(AuditError) -> Response {
        guard call.query == nil else { throw .invalid("There are no parameters") }
        let holder = "\(call.caller.tenant)/\(call.caller.user)"
        guard await completenessTurns.begin(holder) else { throw .unavailable(.closed) }
        defer { completenessTurns.end(holder) }
        guard try await !log.isErased(call.caller.user, of: call.caller.tenant) else { throw .unauthorized }
        return .json(
            CompletenessJSON.encode(try await completeness.report(of: call.caller.tenant, cause: call.event), withCounts: call.caller.isAuditor))
    }

    private func record(
        _ call: AuditCall, _ outcome: EventOutcome, reason: String = "", _ data: AuditQuery
    ) async throws(AuditError) -> StreamPosition {
        try await log.record(call.occurrence(outcome, reason: reason, data, id: makeID(), at: now()), in: call.caller.tenant)
    }
}
