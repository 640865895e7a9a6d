public import SQLite

/// What a service keeps in its shards. A reader can't write, and a writer exists only inside a transaction: two types.
public protocol ShardStore: Sendable {
    /// Queries over a read-only connection.
    associatedtype Reader
    /// Queries and changes over the connection that writes.
    associatedtype Writer: ShardWriter

    var schema: Schema { get }

    /// Called on the reading thread when a file is opened.
    func makeReader(_ connection: Connection, of shard: ShardID, manifest: TenantManifest) throws -> Reader

    /// Called on the writing thread when a file is opened and its schema is up to date; it may write.
    func makeWriter(_ connection: Connection, of shard: ShardID, manifest: TenantManifest) throws -> Writer

    /// Called with a finished backup's copy, before it counts: what must be different in it is written here.
    func stamp(backup: Connection) throws

    // What is known of files from outside of them, where there is anything.

    /// The shards whose files were once made.
    func remembered() throws -> [ShardID]

    /// Whether the file was once made: then it is no new shard where it is gone.
    func remembers(_ shard: ShardID) throws -> Bool

    /// Told, once each time, that a file which was once made is gone.
    func isMissing(_ shard: ShardID)

    /// The tenant is deleted, and its files are about to go.
    func forget(_ tenant: TenantName) throws
}

extension ShardStore {
    public func remembered() -> [ShardID] { [] }
    public func remembers(_ shard: ShardID) -> Bool { false }
    public func isMissing(_ shard: ShardID) {}
    public func forget(_ tenant: TenantName) {}
}
