public import Encodings

/// What happened, before it has a place in a stream: the part of an event that its source fills in.
public struct Occurrence: Equatable, Sendable {
    /// A UUID of version 7.
    public var id: UUID
    public var time: Timestamp
    /// What `data` holds; see ``EventType``.
    public var type: String
    public var actor: EventActor
    /// See ``EventAction``.
    public var action: String
    public var outcome: EventOutcome
    /// Empty when the outcome is accepted; see ``EventReason``.
    public var reason: String
    public var resource: EventResource?
    public var requestID: String
    public var sourceAddress: String
    /// A serialized message of the kind that `type` names, such as ``NoteWrite``. Never note contents, never tokens.
    public var data: [UInt8]
    /// The W3C traceparent of the request; empty when there was none.
    public var traceparent: String
    /// The W3C tracestate beside it; empty when there was none.
    public var tracestate: String

    public init(
        id: UUID, time: Timestamp, type: String, actor: EventActor, action: String, outcome: EventOutcome, reason: String = "",
        resource: EventResource? = nil, requestID: String, sourceAddress: String, data: [UInt8] = [],
        traceparent: String = "", tracestate: String = ""
    ) {
        self.id = id
        self.time = time
        self.type = type
        self.actor = actor
        self.action = action
        self.outcome = outcome
        self.reason = reason
        self.resource = resource
        self.requestID = requestID
        self.sourceAddress = sourceAddress
        self.data = data
        self.traceparent = traceparent
        self.tracestate = tracestate
    }
}
