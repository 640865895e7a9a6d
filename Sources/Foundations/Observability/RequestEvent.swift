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
    /// The span that the request came from; nil where the trace begins here.
    public let parent: UInt64?
    private let counted = AtomicLazyReference<RouteMetrics>()
    /// The line's fields so far, as they stand in it.
    private let fields: Mutex<[UInt8]>

    public init(requestID: UUID, trace: TraceContext, parent: UInt64? = nil) {
        self.requestID = requestID
        self.trace = trace
        self.parent = parent
        var fields: [UInt8] = []
        // What an ordinary request's line takes.
        fields.reserveCapacity(480)
        fields.append(.requestID(requestID))
        fields.append(.trace(trace))
        self.fields = Mutex(fields)
    }

    /// Says which route the request is counted by. The first to say so is believed.
    public func count(by route: RouteMetrics) {
        _ = counted.storeIfNil(route)
    }

    /// The route the request is counted by; nil for as long as none was found.
    public var route: RouteMetrics? { counted.load() }

    /// Adds metadata to the line.
    public func add(_ field: LogField) {
        fields.withLock { $0.append(field) }
    }

    /// Adds metadata to the line.
    public func add(_ first: LogField, _ second: LogField) {
        fields.withLock {
            $0.append(first)
            $0.append(second)
        }
    }

    /// Adds metadata to the line.
    public func add(_ first: LogField, _ second: LogField, _ third: LogField) {
        fields.withLock {
            $0.append(first)
            $0.append(second)
            $0.append(third)
        }
    }

    func append(to line: inout [UInt8]) {
        fields.withLock { line.append($0.span) }
    }
}
