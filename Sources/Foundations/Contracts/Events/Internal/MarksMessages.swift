internal import JSON

/// `POST /internal/v1/marks` of the audit service: a source asks up to where its streams have arrived.
///
///     {"streams": [{"tenant": "…", "shard": 0, "epoch": "…", "mark": 41}], "wait": 10}
///
/// `mark` is what the asker knows. The answer comes as soon as one of the streams has another mark, or after `wait` seconds.
public struct MarksRequest: Equatable, Sendable {
    public static let maximumStreams = 1_000
    public static let maximumWait = 20

    public var streams: [StreamMark]
    /// Seconds, 0 to ``maximumWait``.
    public var wait: Int

    public init(streams: [StreamMark], wait: Int) {
        self.streams = streams
        self.wait = wait
    }

    public func encoded() -> [UInt8] {
        var writer = JSONWriter(reserving: 64 + streams.count * 128)
        writer.beginObject()
        streams.write(as: "streams", to: &writer)
        writer.member("wait", wait)
        writer.endObject()
        return writer.bytes
    }

    public init(_ body: Span<UInt8>, source: ServiceName) throws(MessageError) {
        let json = try JSONValue.message(body)
        streams = try [StreamMark](json, "streams", source: source)
        wait = Int(clamping: try json.count("wait"))
        guard wait <= Self.maximumWait else { throw .invalid(member: "wait") }
    }
}

/// The answer to ``MarksRequest``: the streams that were asked for, in the same order, but for those whose log can't be read; a stream never seen has mark 0.
///
///     {"marks": [{"tenant": "…", "shard": 0, "epoch": "…", "mark": 57, "backedUp": 12}]}
public struct MarksResponse: Equatable, Sendable {
    public var marks: [StreamMark]

    public init(marks: [StreamMark]) { self.marks = marks }

    public func encoded() -> [UInt8] {
        var writer = JSONWriter(reserving: 64 + marks.count * 128)
        writer.beginObject()
        marks.write(as: "marks", to: &writer)
        writer.endObject()
        return writer.bytes
    }

    public init(_ body: Span<UInt8>, source: ServiceName) throws(MessageError) {
        marks = try [StreamMark](JSONValue.message(body), "marks", source: source)
    }
}

extension [StreamMark] {
    fileprivate func write(as member: String, to writer: inout JSONWriter) {
        writer.key(member)
        writer.beginArray()
        for mark in self {
            writer.beginObject()
            mark.stream.writeMembers(to: &writer)
            writer.member("mark", mark.mark)
            if let backedUp = mark.backedUp {
                writer.member("backedUp", backedUp)
            }
            writer.endObject()
        }
        writer.endArray()
    }

    fileprivate init(_ json: JSONValue, _ member: String, source: ServiceName) throws(MessageError) {
        self = []
        for element in try json.elements(member, atMost: MarksRequest.maximumStreams) {
            append(
                StreamMark(
                    stream: try StreamID(element, source: source), mark: try element.count("mark"),
                    backedUp: element["backedUp"] == nil ? nil : try element.count("backedUp")))
        }
    }
}
