public import Encodings
internal import JSON

/// `POST /internal/v1/erasures` of the identity service: a service that holds data asks what has to be erased.
///
///     {"list": "…", "after": 41, "code": "…", "wait": 20, "known": [], "more": false}
///
/// Asking for what comes after a line also says that everything up to it has been carried out, durably; the line's code tells it from another of its number.
/// The answer comes as soon as there is more, or after `wait` seconds. `known` are lines that were carried out and not read in this list: the identity
/// service may lack them, since it was restored from a backup or has lost its data.
public struct ErasuresRequest: Equatable, Sendable {
    public static let path = "/internal/v1/erasures"
    public static let maximumErasures = 200
    public static let maximumWait = 20

    /// The list that `after` counts in; nil for who has read none.
    public var list: UUID?
    public var after: UInt64
    /// Of the line `after`; empty for 0.
    public var code: [UInt8]
    /// Seconds, 0 to ``maximumWait``.
    public var wait: Int
    public var known: [Erasure]
    /// Whether more of those follow in the next request.
    public var hasMore: Bool

    public init(list: UUID?, after: UInt64, code: [UInt8], wait: Int, known: [Erasure] = [], hasMore: Bool = false) {
        self.list = list
        self.after = after
        self.code = code
        self.wait = wait
        self.known = known
        self.hasMore = hasMore
    }

    public func encoded() -> [UInt8] {
        var writer = JSONWriter(reserving: 128 + known.count * 384)
        writer.beginObject()
        if let list {
            writer.member("list", list.description)
        }
        writer.member("after", after)
        writer.member("code", Hex.encode(code))
        writer.member("wait", wait)
        known.write(as: "known", to: &writer)
        writer.member("more", hasMore)
        writer.endObject()
        return writer.bytes
    }

    public init(_ body: Span<UInt8>) throws(MessageError) {
        let json = try JSONValue.message(body)
        if let text = json["list"] {
            guard let list = text.string.flatMap({ UUID($0) }) else { throw .invalid(member: "list") }
            self.list = list
        }
        after = try json.count("after")
        guard let code = json["code"]?.string.flatMap({ Hex.decode($0) }), code.count <= Erasure.maximumCodeBytes else {
            throw .invalid(member: "code")
        }
        self.code = code
        wait = Int(clamping: try json.count("wait"))
        guard wait <= Self.maximumWait else { throw .invalid(member: "wait") }
        known = try [Erasure](json, "known")
        guard let hasMore = json["more"]?.bool else { throw .invalid(member: "more") }
        self.hasMore = hasMore
    }
}

/// The answer to ``ErasuresRequest``.
///
///     {"list": "…", "continued": true, "head": 42, "settled": true, "erasures": [{…}]}
public struct ErasuresResponse: Equatable, Sendable {
    public var list: UUID
    /// Whether it begins with what the caller has read. If not, the caller reads it from its beginning.
    public var isContinued: Bool
    /// The number of the newest line.
    public var head: UInt64
    /// Whether the list is whole, as far as anybody knows: all its readers have given back what it may lack.
    public var isSettled: Bool
    /// The lines after the one that was named, in order.
    public var erasures: [Erasure]

    public init(list: UUID, isContinued: Bool, head: UInt64, isSettled: Bool, erasures: [Erasure]) {
        self.list = list
        self.isContinued = isContinued
        self.head = head
        self.isSettled = isSettled
        self.erasures = erasures
    }

    public func encoded() -> [UInt8] {
        var writer = JSONWriter(reserving: 128 + erasures.count * 384)
        writer.beginObject()
        writer.member("list", list.description)
        writer.member("continued", isContinued)
        writer.member("head", head)
        writer.member("settled", isSettled)
        erasures.write(as: "erasures", to: &writer)
        writer.endObject()
        return writer.bytes
    }

    public init(_ body: Span<UInt8>) throws(MessageError) {
        let json = try JSONValue.message(body)
        guard let list = json["list"]?.string.flatMap({ UUID($0) }) else { throw .invalid(member: "list") }
        guard let isContinued = json["continued"]?.bool else { throw .invalid(member: "continued") }
        guard let isSettled = json["settled"]?.bool else { throw .invalid(member: "settled") }
        self.init(
            list: list, isContinued: isContinued, head: try json.count("head"), isSettled: isSettled, erasures: try [Erasure](json, "erasures"))
    }
}

extension [Erasure] {
    fileprivate func write(as member: String, to writer: inout JSONWriter) {
        writer.key(member)
        writer.beginArray()
        for erasure in self { erasure.write(to: &writer) }
        writer.endArray()
    }

    fileprivate init(_ json: JSONValue, _ member: String) throws(MessageError) {
        self = []
        for element in try json.elements(member, atMost: ErasuresRequest.maximumErasures) { append(try Erasure(element)) }
    }
}
