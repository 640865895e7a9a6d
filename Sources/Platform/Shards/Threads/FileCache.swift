/// The open files of one thread, at most `limit`: opening one more closes the one that was used longest ago.
struct FileCache<File> {
    private let limit: Int
    private var files: [ShardID: Entry] = [:]
    private var clock: UInt64 = 0

    private struct Entry {
        let file: File
        var lastUse: UInt64
    }

    init(limit: Int) {
        self.limit = max(1, limit)
    }

    var all: [(shard: ShardID, file: File)] { files.map { ($0.key, $0.value.file) } }

    mutating func file(_ shard: ShardID) -> File? {
        clock += 1
        guard let index = files.index(forKey: shard) else { return nil }
        files.values[index].lastUse = clock
        return files.values[index].file
    }

    /// Adds a file that was just opened. Returns the one to close for it, if there were too many.
    mutating func insert(_ file: File, for shard: ShardID) -> (shard: ShardID, file: File)? {
        var oldest: (shard: ShardID, file: File)?
        if files[shard] == nil, files.count >= limit, let entry = files.min(by: { $0.value.lastUse < $1.value.lastUse }) {
            oldest = (entry.key, entry.value.file)
            files[entry.key] = nil
        }
        clock += 1
        files[shard] = Entry(file: file, lastUse: clock)
        return oldest
    }

    mutating func remove(_ shard: ShardID) -> File? {
        files.removeValue(forKey: shard)?.file
    }

    mutating func removeAll() {
        files.removeAll()
    }
}
