internal import Crypto
internal import Encodings
internal import JSON

/// The answer to `GET /internal/v1/streams?tenant=…&after=…&limit=…` of a source: every stream it has ever had in files it holds now.
///
///     {"streams": [{"tenant": "…", "shard": 0, "epoch": "…", "head": 57, "digest": "<hex>"}], "next": "…"}
///
/// `next` is there when there are more: it is the `after` of the next page. `"unreadable": ["…"]` names tenants of whom files are missing or can't be
/// read, and with them streams.
public struct StreamsPage: Equatable, Sendable {
    public static let maximumStreams = 1_000

    public var streams: [StreamHead]
    public var next: String?
    public var unreadable: [String]

    public init(streams: [StreamHead], next: String?, unreadable: [String] = []) {
        self.streams = streams
        self.next = next
        self.unreadable = unreadable
    }

    public func encoded() -> [UInt8] {
        var writer = JSONWriter(reserving: 64 + streams.count * 192)
        writer.beginObject()
        writer.key("streams")
        writer.beginArray()
        for head in streams {
            writer.beginObject()
            head.stream.writeMembers(to: &writer)
            writer.member("head", head.head)
            if let digest = head.digest {
                writer.member("digest", Hex.encode(digest.bytes))
            }
            writer.endObject()
        }
        writer.endArray()
        if let next {
            writer.member("next", next)
        }
        if !unreadable.isEmpty {
            writer.key("unreadable")
            writer.beginArray()
            for tenant in unreadable { writer.string(tenant) }
            writer.endArray()
        }
        writer.endObject()
        return writer.bytes
    }

    public init(_ body: Span<UInt8>, source: ServiceName) throws(MessageError) {
        let json = try JSONValue.message(body)
        streams = []
        for element in try json.elements("streams", atMost: Self.maximumStreams) {
            let digest = element["digest"]?.string.flatMap(Hex.decode).flatMap { SHA256Digest($0.span) }
            let head = try element.count("head")
            guard (digest == nil) == (head == 0) else { throw .invalid(member: "digest") }
            streams.append(StreamHead(stream: try StreamID(element, source: source), head: head, digest: digest))
        }
        next = json["next"]?.string
        unreadable = []
        guard json["unreadable"] != nil else { return }
        for tenant in try json.elements("unreadable", atMost: Self.maximumStreams) {
            guard let tenant = tenant.string else { throw .invalid(member: "unreadable") }
            unreadable.append(tenant)
        }
    }
}
