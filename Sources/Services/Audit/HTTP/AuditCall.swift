internal import Bootstrap
internal import Contracts
internal import Encodings
internal import HTTP
internal import Observability
internal import Shards
internal import Trust

/// A verified request of a user.
struct AuditCall: Sendable {
    let caller: AuditCaller
    /// The query, without its `?`; nil where there is none.
    let query: [UInt8]?
    private let request: Request
    private let requestID: String
    private let sourceAddress: String
    private let traceparent: String
    private let tracestate: String

    init(_ call: InternalCall, auditors: String) throws(AuditError) {
        guard let identity = call.context.identity else { throw .unauthorized }
        caller = try AuditCaller(identity, auditors: auditors)
        request = call.request
        query = call.request.query
        requestID = call.context.requestID.description
        sourceAddress = call.context.source ?? ""
        traceparent = request.event?.trace.header ?? ""
        tracestate = request.headers.traceState ?? ""
        request.event?.add(.tenant(caller.tenant.text), .user(caller.user))
    }

    var event: RequestEvent? { request.event }

    /// Whether an answer should come soon: the server is about to stop.
    var isDraining: Bool { request.isDraining }

    /// The event that tells of this query.
    func occurrence(_ outcome: EventOutcome, reason: String = "", _ data: AuditQuery, id: UUID, at now: Timestamp) -> Occurrence {
        Occurrence(
            id: id, time: now, type: EventType.auditQuery, actor: caller.actor, action: EventAction.queryAudit, outcome: outcome, reason: reason,
            requestID: requestID, sourceAddress: sourceAddress, data: data.encoded(), traceparent: traceparent,
            tracestate: tracestate)
    }
}
