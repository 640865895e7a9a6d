internal import Files

/// The durable list of shards that may hold undelivered events: one empty file for each, so that adding is one fsync of a
/// folder. A shard is on it before its first such commit; one that is on it without need costs a restart one open.
struct UndeliveredList: Sendable {
    private let folder: String

    init(folder: String) throws(FileError) {
        self.folder = folder
        try Directory.create(folder)
    }

    func add(_ shard: ShardID) throws(FileError) {
        do throws(FileError) {
            try File.create(path(shard), with: [])
        } catch .alreadyExists {
            // It may have been made by a process that died before the folder was synced.
            try Directory.sync(folder)
        }
    }

    /// Not synced: coming back after a crash does no harm.
    func remove(_ shard: ShardID) throws(FileError) {
        try File.remove(path(shard))
    }

    func shards() throws(FileError) -> [ShardID] {
        try Directory.list(folder).compactMap { name in
            let parts = name.split(separator: ".")
            guard parts.count == 2, let tenant = TenantName(String(parts[0])), let number = Int(parts[1]), number >= 0 else { return nil }
            return ShardID(tenant: tenant, number: number)
        }
    }

    private func path(_ shard: ShardID) -> String { "\(folder)/\(shard.tenant).\(shard.number)" }
}
