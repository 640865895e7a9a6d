internal import Crypto

/// One file: a tenant's shard.
public struct ShardID: Hashable, Sendable {
    public let tenant: TenantName
    /// 0 up to the tenant's shard count.
    public let number: Int

    public init(tenant: TenantName, number: Int) {
        self.tenant = tenant
        self.number = number
    }

    /// The shard of a user: the first eight bytes of SHA-256(user id), read as one big-endian number, modulo the shard count.
    /// It never changes, so neither may the count of a tenant that has data.
    public static func number(ofUser user: String, among count: Int) -> Int {
        Int(SHA256.hash(Array(user.utf8)).word % UInt64(count))
    }

    /// `<tenant>/<number>.sqlite`
    var relativePath: String { "\(tenant)/\(number).sqlite" }
}

extension ShardID: CustomStringConvertible {
    public var description: String { relativePath }
}
