public import Encodings
internal import Synchronization

/// What is known of the request at work: its host starts it, handlers add to it on their way, and in the end it is the request's one log line.
///
/// A handler finds it in `RequestEvent.current`; it is there in every task that belongs to the request.
public final class RequestEvent: Sendable {
    @TaskLocal public static var current: RequestEvent?

    /// The same on every hop: made by the gateway, taken over by the services behind it.
    public let requestID: UUID
    /// This service's part of the trace; what a call to another service names as its parent.
    public let trace: TraceContext
    private let fields = Mutex<[LogField]>([])

    public init(requestID: UUID, trace: TraceContext) {
        self.requestID = requestID
        self.trace = trace
    }

    /// Adds metadata to the line.
    public func add(_ more: LogField...) {
        fields.withLock { $0.append(contentsOf: more) }
    }

    /// What was added so far, in order.
    public var added: [LogField] { fields.withLock { $0 } }
}
