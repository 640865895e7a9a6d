public import Encodings

/// A piece of work that is over, as a trace shows it.
public struct TraceSpan: Sendable {
    /// The numbers are OTLP's (`SpanKind` in `opentelemetry/proto/trace/v1/trace.proto`).
    public enum Kind: Int, Sendable {
        case server = 2
        case client = 3
        case producer = 4
        case consumer = 5
    }

    public let context: TraceContext
    /// The span that caused this one; nil where the trace begins.
    public let parent: UInt64?
    public let kind: Kind
    /// Of few different values: a method and a route's template, an operation and a topic.
    public let name: String
    public let start: Timestamp
    public let end: Timestamp
    public let attributes: [SpanAttribute]
    public let isFailure: Bool

    public init(
        _ context: TraceContext, parent: UInt64?, kind: Kind, name: String, start: Timestamp, end: Timestamp, attributes: [SpanAttribute],
        isFailure: Bool = false
    ) {
        self.context = context
        self.parent = parent
        self.kind = kind
        self.name = name
        self.start = start
        self.end = end
        self.attributes = attributes
        self.isFailure = isFailure
    }
}
