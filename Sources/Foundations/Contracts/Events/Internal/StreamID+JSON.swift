internal import Encodings
internal import JSON

// Internal messages never say the source: it is whoever signed the call, or whoever is called.
extension StreamID {
    func writeMembers(to writer: inout JSONWriter) {
        writer.member("tenant", tenant)
        writer.member("shard", shard)
        writer.member("epoch", epoch.description)
    }

    init(_ json: JSONValue, source: ServiceName) throws(MessageError) {
        guard let tenant = json["tenant"]?.string, !tenant.isEmpty, tenant.utf8.count <= EventLimits.maximumNameBytes else {
            throw .invalid(member: "tenant")
        }
        guard let shard = json["shard"]?.int.flatMap(UInt32.init(exactly:)) else { throw .invalid(member: "shard") }
        guard let epoch = json["epoch"]?.string.flatMap(UUID.init) else { throw .invalid(member: "epoch") }
        self.init(source: source, tenant: tenant, shard: shard, epoch: epoch)
    }
}

extension JSONValue {
    func count(_ member: String) throws(MessageError) -> UInt64 {
        guard let value = self[member]?.int.flatMap(UInt64.init(exactly:)) else { throw .invalid(member: member) }
        return value
    }

    func elements(_ member: String, atMost limit: Int) throws(MessageError) -> [JSONValue] {
        guard let elements = self[member]?.array else { throw .invalid(member: member) }
        guard elements.count <= limit else { throw .tooMany }
        return elements
    }

    static func message(_ bytes: Span<UInt8>) throws(MessageError) -> JSONValue {
        do { return try JSON.parse(bytes) } catch { throw .notJSON }
    }
}
