internal import Synchronization

/// The shards that were there once and whose file, or whose tenant's manifest, is gone. None of them is taken for empty or made anew, which would hide the loss: what is put back is
/// served again.
final class MissingShards: Sendable {
    /// Those whose files were once made.
    private let made: Mutex<[TenantName: Set<ShardID>]>
    private let found = Mutex<Set<ShardID>>([])
    private let isGone: @Sendable (ShardID) throws -> Bool
    private let tell: @Sendable (ShardID) -> Void

    /// - Parameters:
    ///   - remembered: of earlier processes.
    ///   - isGone: looks at the disk.
    ///   - tell: called for each that is found, once.
    init(
        remembered: [ShardID], isGone: @escaping @Sendable (ShardID) throws -> Bool, tell: @escaping @Sendable (ShardID) -> Void
    ) {
        made = Mutex(Dictionary(grouping: remembered, by: \.tenant).mapValues(Set.init))
        self.isGone = isGone
        self.tell = tell
    }

    /// The file was made.
    func remember(_ shard: ShardID) { made.withLock { _ = $0[shard.tenant, default: []].insert(shard) } }

    func forget(_ tenant: TenantName) { made.withLock { $0[tenant] = nil } }

    /// Those found so far that are still gone.
    var all: [ShardID] {
        let back = found.withLock { $0 }.filter { (try? isGone($0)) == false }
        return found.withLock { found in
            found.subtract(back)
            return Array(found)
        }
    }

    /// Whether the shard, which has no file or no manifest, had one.
    func contains(_ shard: ShardID) throws -> Bool {
        guard try isGone(shard) else { return false }
        if found.withLock({ $0.insert(shard).inserted }) { tell(shard) }
        return true
    }

    /// Looks for one of the tenant's, or of all.
    func first(of tenant: TenantName? = nil) throws -> ShardID? {
        let made = made.withLock { made in tenant.map { made[$0] ?? [] } ?? Set(made.values.joined()) }
        // All of them, so that each is told.
        return try made.filter(contains).first
    }
}
