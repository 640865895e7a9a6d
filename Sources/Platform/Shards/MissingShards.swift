internal import Synchronization

/// The shards that were there once and whose file, or whose tenant's manifest, is gone. None of them is taken for empty or made anew, which would hide the loss: what is put back is
/// served again.
final class MissingShards: Sendable {
    private let found = Mutex<Set<ShardID>>([])
    private let isGone: @Sendable (ShardID) throws -> Bool
    private let tell: @Sendable (ShardID) -> Void

    /// - Parameters:
    ///   - isGone: looks at the disk.
    ///   - tell: called for each that is found, once.
    init(isGone: @escaping @Sendable (ShardID) throws -> Bool, tell: @escaping @Sendable (ShardID) -> Void) {
        self.isGone = isGone
        self.tell = tell
    }

    /// Those found so far that are still gone.
    var all: [ShardID] {
        let back = found.withLock { $0 }.filter { (try? isGone($0)) == false }
        return found.withLock { found in
            found.subtract(back)
            return Array(found)
        }
    }

    /// Whether the shard, which has no file, had one.
    func contains(_ shard: ShardID) throws -> Bool {
        guard try isGone(shard) else { return false }
        if found.withLock({ $0.insert(shard).inserted }) { tell(shard) }
        return true
    }
}
