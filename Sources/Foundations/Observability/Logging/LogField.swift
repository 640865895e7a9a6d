public import Encodings

/// One piece of metadata of a line. The functions below are the closed list of keys: what has no function here is not logged.
///
/// Never among them: note contents, tokens, signatures, secrets, query strings, e-mail addresses. A user is a user id, a place in the API its route's template.
public struct LogField: Sendable {
    enum Value: Sendable {
        case text(String)
        case uuid(UUID)
        case trace(TraceContext)
        case integer(Int64)
        case flag(Bool)
    }

    let key: StaticString
    let value: Value

    // The keys of a request's line.
    static var requestIDKey: StaticString { "requestId" }
    static var traceKey: StaticString { "traceId" }
    static var methodKey: StaticString { "method" }
    static var routeKey: StaticString { "route" }
    static var statusKey: StaticString { "status" }
    static var durationKey: StaticString { "durationUs" }
    static var bytesOutKey: StaticString { "bytesOut" }

    private init(_ key: StaticString, _ value: Value) {
        self.key = key
        self.value = value
    }

    // The request.
    public static func requestID(_ id: UUID) -> LogField { LogField(requestIDKey, .uuid(id)) }
    /// Written as two keys, `traceId` and `spanId`.
    public static func trace(_ trace: TraceContext) -> LogField { LogField(traceKey, .trace(trace)) }
    public static func operation(_ name: String) -> LogField { LogField("operation", .text(name)) }
    public static func status(_ code: Int) -> LogField { LogField(statusKey, .integer(Int64(code))) }

    // Who.
    /// The service that calls.
    public static func caller(_ service: String) -> LogField { LogField("caller", .text(service)) }
    /// The service that is called.
    public static func peer(_ service: String) -> LogField { LogField("peer", .text(service)) }
    public static func principal(_ arn: String) -> LogField { LogField("principal", .text(arn)) }
    public static func tenant(_ id: String) -> LogField { LogField("tenant", .text(id)) }
    public static func user(_ id: String) -> LogField { LogField("user", .text(id)) }
    public static func keyID(_ kid: String) -> LogField { LogField("kid", .text(kid)) }

    // What came of it.
    /// Why, as a case's name from a closed error type.
    public static func reason(_ reason: String) -> LogField { LogField("reason", .text(reason)) }
    /// The internal cause, which no client is told.
    public static func error(_ error: any Error) -> LogField { LogField("error", .text("\(error)")) }
    public static func attempt(_ number: Int) -> LogField { LogField("attempt", .integer(Int64(number))) }
    public static func count(_ count: Int) -> LogField { LogField("count", .integer(Int64(count))) }
    public static func enabled(_ flag: Bool) -> LogField { LogField("enabled", .flag(flag)) }

    // Where.
    /// An address of ours or of a peer, with its port.
    public static func address(_ address: String) -> LogField { LogField("address", .text(address)) }
    public static func file(_ path: String) -> LogField { LogField("file", .text(path)) }
    public static func shard(_ number: Int) -> LogField { LogField("shard", .integer(Int64(number))) }
    public static func version(_ version: String) -> LogField { LogField("version", .text(version)) }
    public static func generation(_ generation: Int64) -> LogField { LogField("generation", .integer(generation)) }

    // Events.
    public static func stream(_ stream: String) -> LogField { LogField("stream", .text(stream)) }
    public static func topic(_ topic: String) -> LogField { LogField("topic", .text(topic)) }
    public static func partition(_ partition: Int) -> LogField { LogField("partition", .integer(Int64(partition))) }
    public static func offset(_ offset: Int64) -> LogField { LogField("offset", .integer(offset)) }
}
