public import Encodings
internal import JSON

/// One line of the cluster's list of erasures: a user, or a whole tenant, whose data are to be no more.
///
/// The identity service writes the list; the services that hold data read it, each at its own pace, and keep what they have read.
public struct Erasure: Hashable, Sendable {
    /// 1, 2, 3 … without a gap, in its list: another list may have it at another place.
    public var number: UInt64
    public var tenant: String
    /// The user's `sub`; nil for the tenant with all its users.
    public var user: String?
    /// The ARN of who asked for it; empty where users did themselves.
    public var principal: String
    /// The id of the request that asked for it.
    public var requestID: String
    public var time: Timestamp
    /// The identity service's code over all of the above, by which it knows a line again that others kept for it.
    public var code: [UInt8]

    /// Bytes a user's id may have.
    public static let maximumUserBytes = 128
    public static let maximumCodeBytes = 64

    public init(
        number: UInt64, tenant: String, user: String?, principal: String, requestID: String, time: Timestamp, code: [UInt8] = []
    ) {
        self.number = number
        self.tenant = tenant
        self.user = user
        self.principal = principal
        self.requestID = requestID
        self.time = time
        self.code = code
    }

    /// What the code is made over: the same erasure always gives the same bytes.
    public var coded: [UInt8] {
        var writer = JSONWriter(reserving: 256)
        write(to: &writer, withCode: false)
        return writer.bytes
    }

    /// As it travels, and as it is stored.
    public var encoded: [UInt8] {
        var writer = JSONWriter(reserving: 384)
        write(to: &writer)
        return writer.bytes
    }

    public init(_ bytes: Span<UInt8>) throws(MessageError) {
        try self.init(JSONValue.message(bytes))
    }

    func write(to writer: inout JSONWriter, withCode: Bool = true) {
        writer.beginObject()
        writer.member("number", number)
        writer.member("tenant", tenant)
        if let user {
            writer.member("user", user)
        }
        writer.member("principal", principal)
        writer.member("request", requestID)
        writer.member("time", time.microseconds)
        if withCode {
            writer.member("code", Hex.encode(code))
        }
        writer.endObject()
    }

    init(_ json: JSONValue) throws(MessageError) {
        func text(_ member: String, _ length: ClosedRange<Int>) throws(MessageError) -> String {
            guard let text = json[member]?.string, length.contains(text.utf8.count) else { throw .invalid(member: member) }
            return text
        }
        number = try json.count("number")
        tenant = try text("tenant", 1...EventLimits.maximumNameBytes)
        user = json["user"] == nil ? nil : try text("user", 1...Self.maximumUserBytes)
        principal = try text("principal", 0...EventLimits.maximumTextBytes)
        requestID = try text("request", 0...EventLimits.maximumTextBytes)
        guard let time = json["time"]?.int else { throw .invalid(member: "time") }
        self.time = Timestamp(microseconds: time)
        guard let code = Hex.decode(try text("code", 0...2 * Self.maximumCodeBytes)) else { throw .invalid(member: "code") }
        self.code = code
    }
}
