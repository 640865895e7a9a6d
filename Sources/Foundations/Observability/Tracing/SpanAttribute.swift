/// One attribute of a span, named by OpenTelemetry's semantic conventions. The functions below are the closed list, as `LogField` is for lines: what has no function here
/// is in no trace.
///
/// Never among them: paths and query strings (a path holds ids), contents, tokens, signatures, tenants, users.
public struct SpanAttribute: Hashable, Sendable {
    enum Value: Hashable, Sendable {
        case text(String)
        case integer(Int64)
    }

    let key: StaticString
    let value: Value

    private init(_ key: StaticString, _ value: Value) {
        self.key = key
        self.value = value
    }

    public static func == (left: SpanAttribute, right: SpanAttribute) -> Bool {
        left.key.description == right.key.description && left.value == right.value
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(key.description)
        hasher.combine(value)
    }

    // HTTP, semantic conventions 1.27.
    public static func method(_ method: String) -> SpanAttribute { SpanAttribute("http.request.method", .text(method)) }
    /// The template that matched, such as `/notes/{noteId}`; never the path itself.
    public static func route(_ template: String) -> SpanAttribute { SpanAttribute("http.route", .text(template)) }
    public static func status(_ code: Int) -> SpanAttribute { SpanAttribute("http.response.status_code", .integer(Int64(code))) }
    public static func scheme(_ scheme: String) -> SpanAttribute { SpanAttribute("url.scheme", .text(scheme)) }
    public static func serverAddress(_ host: String) -> SpanAttribute { SpanAttribute("server.address", .text(host)) }
    public static func serverPort(_ port: Int) -> SpanAttribute { SpanAttribute("server.port", .integer(Int64(port))) }
    /// The service that is called.
    public static func peer(_ service: String) -> SpanAttribute { SpanAttribute("peer.service", .text(service)) }
    /// A status code, or a case's name from a closed error type.
    public static func errorType(_ type: String) -> SpanAttribute { SpanAttribute("error.type", .text(type)) }

    // Messages.
    public static let kafka = SpanAttribute("messaging.system", .text("kafka"))
    public static func destination(_ topic: String) -> SpanAttribute { SpanAttribute("messaging.destination.name", .text(topic)) }
    /// `send` or `process`.
    public static func operation(_ type: String) -> SpanAttribute { SpanAttribute("messaging.operation.type", .text(type)) }
}
