internal import Encodings
internal import JSON

/// What is fixed about a tenant when its folder is made: `<tenant>/manifest.json`.
public struct TenantManifest: Equatable, Sendable {
    public let tenant: TenantName
    /// 0 for a tenant that was deleted.
    public let shards: Int
    /// The tenant's keys, wrapped by the master key, oldest first; the last one wraps new users' keys.
    public let keys: [WrappedKey]

    public init(tenant: TenantName, shards: Int, keys: [WrappedKey]) {
        self.tenant = tenant
        self.shards = shards
        self.keys = keys
    }

    /// What stays of a tenant that was deleted: without its keys nothing opens, and no folder is made for it again.
    static func deleted(_ tenant: TenantName) -> TenantManifest { TenantManifest(tenant: tenant, shards: 0, keys: []) }

    var isDeleted: Bool { shards == 0 }

    /// The shard of a user. Throws for a tenant that was deleted.
    public func shard(ofUser user: String) throws(ShardError) -> ShardID {
        guard !isDeleted else { throw .tenantDeleted }
        return ShardID(tenant: tenant, number: ShardID.number(ofUser: user, among: shards))
    }

    var encoded: [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("format", 1)
        writer.member("tenant", tenant.text)
        writer.member("shards", shards)
        writer.key("keys")
        writer.beginArray()
        for key in keys {
            writer.beginObject()
            writer.member("id", key.id.description)
            writer.member("master", Base64.encode(key.wrappedBy))
            writer.member("key", Base64.encode(key.sealed))
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
        return writer.bytes + [UInt8(ascii: "\n")]
    }

    init(_ bytes: [UInt8], of tenant: TenantName, file: String) throws(ShardError) {
        guard let value = try? JSON.parse(bytes.span), value["format"]?.int == 1, value["tenant"]?.string == tenant.text,
            let shards = value["shards"]?.int.map({ Int(clamping: $0) }), (0...4096).contains(shards), let list = value["keys"]?.array,
            list.isEmpty == (shards == 0)
        else { throw .corrupt(file: file) }
        var keys: [WrappedKey] = []
        for entry in list {
            guard let id = entry["id"]?.string.flatMap({ UUID($0) }), let master = entry["master"]?.string.flatMap({ Base64.decode($0) }),
                let sealed = entry["key"]?.string.flatMap({ Base64.decode($0) })
            else { throw .corrupt(file: file) }
            keys.append(WrappedKey(id: id, wrappedBy: master, sealed: sealed))
        }
        self.init(tenant: tenant, shards: shards, keys: keys)
    }
}
