internal import Files

/// A service's folder of shards that no process holds.
public enum ShardFolder {
    /// Puts every shard on the durable list of those with undelivered events: after a restore nobody knows better.
    public static func listAllAsUndelivered(in root: String) throws {
        let list = try UndeliveredList(folder: "\(root)/.undelivered")
        for name in try Directory.list(root) {
            guard let tenant = TenantName(name) else { continue }
            for file in try Directory.list("\(root)/\(name)") where file.hasSuffix(".sqlite") {
                guard let number = Int(file.dropLast(".sqlite".count)), number >= 0 else { continue }
                try list.add(ShardID(tenant: tenant, number: number))
            }
        }
    }
}
