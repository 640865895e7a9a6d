public import Encodings
internal import Synchronization

/// What is known of the request at work: its host starts it, handlers add to it on their way, and in the end it is the request's one log line.
///
/// A handler finds it in its request.
public final class RequestEvent: Sendable {
    /// The same on every hop: made by the gateway, taken over by the services behind it.
    public let requestID: UUID
    /// This service's part of the trace; what a call to another service names as its parent.
    public let trace: TraceContext
    /// The span that the request came from; nil where the trace begins here.
    public let parent: UInt64?
    private let method: String
    private let state = Mutex(State())

    private struct State {
        /// The pattern that the request matched.
        var template: String?
        /// What the request is counted by.
        var route: RouteMetrics?
        var fields: [LogField] = []

        mutating func add(_ field: LogField) {
            // What an ordinary request's line takes.
            if fields.isEmpty { fields.reserveCapacity(3) }
            fields.append(field)
        }
    }

    /// - Parameter method: one of those that are known: it needs no escaping.
    public init(requestID: UUID, trace: TraceContext, parent: UInt64? = nil, method: String) {
        self.requestID = requestID
        self.trace = trace
        self.parent = parent
        self.method = method
    }

    /// Says which route the request matched, and what it is counted by. The first to say so is believed.
    /// - Parameter template: such as `/notes/{noteId}`. Never the path: what a client wrote into it stays out of the logs.
    public func match(_ template: String, countedBy route: RouteMetrics) {
        state.withLock { state in
            guard state.route == nil else { return }
            state.template = template
            state.route = route
        }
    }

    /// Says what a request is counted by that matched no route. The first to say so is believed.
    public func count(by route: RouteMetrics) {
        state.withLock { if $0.route == nil { $0.route = route } }
    }

    /// The route the request is counted by; nil for as long as none was found.
    public var route: RouteMetrics? { state.withLock { $0.route } }

    /// Adds metadata to the line.
    public func add(_ field: LogField) {
        state.withLock { $0.add(field) }
    }

    /// Adds metadata to the line.
    public func add(_ first: LogField, _ second: LogField) {
        state.withLock {
            $0.add(first)
            $0.add(second)
        }
    }

    func append(to line: inout [UInt8]) {
        line.append(addingCapacity: 3 * LogField.room + method.utf8.count) { output in
            output.append(LogField.requestIDKey, requestID)
            output.append(LogField.traceKey, trace)
            output.append(LogField.methodKey, plain: method)
        }
        state.withLock { state in
            if let template = state.template { line.append(LogField.routeKey, template) }
            for field in state.fields { line.append(field) }
        }
    }
}
