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

    let key: LogKey
    let value: Value

    // The request.
    public static func requestID(_ id: UUID) -> LogField { LogField(key: .requestId, value: .uuid(id)) }
    public static func requestID(_ id: String) -> LogField { LogField(key: .requestId, value: .text(id)) }
    /// Written as two keys, `traceId` and `spanId`.
    public static func trace(_ trace: TraceContext) -> LogField { LogField(key: .traceId, value: .trace(trace)) }
    public static func method(_ method: String) -> LogField { LogField(key: .method, value: .text(method)) }
    /// The template that matched, such as `/notes/{noteId}`; never the path itself.
    public static func route(_ template: String) -> LogField { LogField(key: .route, value: .text(template)) }
    public static func operation(_ name: String) -> LogField { LogField(key: .operation, value: .text(name)) }
    public static func status(_ code: Int) -> LogField { LogField(key: .status, value: .integer(Int64(code))) }
    public static func durationMicroseconds(_ duration: Int64) -> LogField { LogField(key: .durationUs, value: .integer(duration)) }
    public static func upstreamMicroseconds(_ duration: Int64) -> LogField { LogField(key: .upstreamUs, value: .integer(duration)) }
    public static func bytesIn(_ count: Int) -> LogField { LogField(key: .bytesIn, value: .integer(Int64(count))) }
    public static func bytesOut(_ count: Int) -> LogField { LogField(key: .bytesOut, value: .integer(Int64(count))) }

    // Who.
    /// The address of the client, without its port.
    public static func source(_ address: String) -> LogField { LogField(key: .source, value: .text(address)) }
    /// The service that calls.
    public static func caller(_ service: String) -> LogField { LogField(key: .caller, value: .text(service)) }
    /// The service that is called.
    public static func peer(_ service: String) -> LogField { LogField(key: .peer, value: .text(service)) }
    public static func principal(_ arn: String) -> LogField { LogField(key: .principal, value: .text(arn)) }
    public static func tenant(_ id: String) -> LogField { LogField(key: .tenant, value: .text(id)) }
    public static func user(_ id: String) -> LogField { LogField(key: .user, value: .text(id)) }
    public static func keyID(_ kid: String) -> LogField { LogField(key: .kid, value: .text(kid)) }

    // What came of it.
    public static func outcome(_ outcome: String) -> LogField { LogField(key: .outcome, value: .text(outcome)) }
    /// Why, as a case's name from a closed error type.
    public static func reason(_ reason: String) -> LogField { LogField(key: .reason, value: .text(reason)) }
    /// The internal cause, which no client is told.
    public static func error(_ error: any Error) -> LogField { LogField(key: .error, value: .text("\(error)")) }
    public static func attempt(_ number: Int) -> LogField { LogField(key: .attempt, value: .integer(Int64(number))) }
    public static func count(_ count: Int) -> LogField { LogField(key: .count, value: .integer(Int64(count))) }
    public static func limit(_ limit: Int) -> LogField { LogField(key: .limit, value: .integer(Int64(limit))) }
    public static func enabled(_ flag: Bool) -> LogField { LogField(key: .enabled, value: .flag(flag)) }

    // Where.
    /// An address of ours or of a peer, with its port.
    public static func address(_ address: String) -> LogField { LogField(key: .address, value: .text(address)) }
    public static func file(_ path: String) -> LogField { LogField(key: .file, value: .text(path)) }
    public static func shard(_ number: Int) -> LogField { LogField(key: .shard, value: .integer(Int64(number))) }
    public static func version(_ version: String) -> LogField { LogField(key: .version, value: .text(version)) }
    public static func generation(_ generation: Int64) -> LogField { LogField(key: .generation, value: .integer(generation)) }

    // Events.
    public static func stream(_ stream: String) -> LogField { LogField(key: .stream, value: .text(stream)) }
    public static func sequence(_ seq: Int64) -> LogField { LogField(key: .seq, value: .integer(seq)) }
    public static func topic(_ topic: String) -> LogField { LogField(key: .topic, value: .text(topic)) }
    public static func partition(_ partition: Int) -> LogField { LogField(key: .partition, value: .integer(Int64(partition))) }
    public static func offset(_ offset: Int64) -> LogField { LogField(key: .offset, value: .integer(offset)) }
    public static func eventType(_ type: String) -> LogField { LogField(key: .eventType, value: .text(type)) }
}
