/// The limits of a service's shards.
public struct ShardSettings: Sendable {
    /// Shards of a tenant made from now on; a tenant keeps its number for life.
    public var shardsPerTenant = 4
    /// Threads that write; a shard is always on the same one. More of them overlap more waits for the disk.
    public var writerThreads = 2
    /// Threads that read; a shard is always on the same one.
    public var readerThreads = 1
    /// Files open at a time for writing, and as many again for reading; the least recently used is closed for the next.
    public var openFiles = 1000
    /// Requests that may wait for one thread; beyond that ``ShardError/overloaded``.
    public var waiting = 8192
    /// Requests taken into one transaction at most.
    public var transactionSize = 512
    /// A batch of so many requests says that more are on their way: before the next one the thread waits ``gather`` microseconds, so that more share
    /// a commit. Fewer never wait.
    public var crowd = 8
    public var gather = 2000
    /// Kibibytes of page cache of each connection that writes; those that read have a quarter.
    public var pageCache = 4096
    /// Pages in the write-ahead log that start a checkpoint, after the replies are out.
    public var checkpointPages = 2000
    /// Pages of 4,096 bytes a file may have, for rehearsing a full disk; nil is SQLite's own limit.
    public var filePages: Int?
    /// Names the fail points `<prefix>.before-commit` and `<prefix>.after-commit`.
    public var name: String

    public init(name: String) {
        self.name = name
    }
}
