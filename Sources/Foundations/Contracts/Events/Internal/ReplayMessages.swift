internal import Encodings
internal import JSON

/// `POST /internal/v1/replay` of a source: audit asks for events again.
///
///     {"tenant": "…", "shard": 0, "epoch": "…", "from": 42, "to": 57}
public struct ReplayRequest: Equatable, Sendable {
    public var stream: StreamID
    public var from: UInt64
    public var to: UInt64

    public init(stream: StreamID, from: UInt64, to: UInt64) {
        self.stream = stream
        self.from = from
        self.to = to
    }

    public func encoded() -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        stream.writeMembers(to: &writer)
        writer.member("from", from)
        writer.member("to", to)
        writer.endObject()
        return writer.bytes
    }

    public init(_ body: Span<UInt8>, source: ServiceName) throws(MessageError) {
        let json = try JSONValue.message(body)
        self.init(stream: try StreamID(json, source: source), from: try json.count("from"), to: try json.count("to"))
        guard from > 0, to >= from else { throw .invalid(member: "from") }
    }
}

/// The answer to ``ReplayRequest``: envelopes of consecutive events from the first one asked for that the source still has.
///
///     {"head": 60, "events": ["<base64>", …]}
///
/// It may hold fewer than were asked for; the asker comes again. No event at all means that the source does not have them.
public struct ReplayResponse: Equatable, Sendable {
    /// The most events of one answer.
    public static let maximumEvents = 2_000
    /// The most bytes of the envelopes of one answer, but for the first, which is always whole.
    public static let maximumBytes = 600_000

    /// The stream's newest event at the source; 0 for a stream it has never heard of.
    public var head: UInt64
    public var envelopes: [[UInt8]]

    public init(head: UInt64, envelopes: [[UInt8]]) {
        self.head = head
        self.envelopes = envelopes
    }

    public func encoded() -> [UInt8] {
        var writer = JSONWriter(reserving: 64 + envelopes.reduce(0) { $0 + $1.count * 4 / 3 + 8 })
        writer.beginObject()
        writer.member("head", head)
        writer.key("events")
        writer.beginArray()
        for envelope in envelopes { writer.string(Base64.encode(envelope)) }
        writer.endArray()
        writer.endObject()
        return writer.bytes
    }

    public init(_ body: Span<UInt8>) throws(MessageError) {
        let json = try JSONValue.message(body)
        head = try json.count("head")
        envelopes = []
        for element in try json.elements("events", atMost: Self.maximumEvents) {
            guard let envelope = element.string.flatMap(Base64.decode) else { throw .invalid(member: "events") }
            envelopes.append(envelope)
        }
    }
}
