public import Files

/// A service's witnesses, in a folder of their own: whoever sets shards back by hand leaves them where they are.
public struct OutboxWitnesses: Sendable {
    public let folder: String
    private static let lockName = ".lock"
    /// Shows that files can be made here, and by which folder stands in its place.
    private let lock: LockFile

    /// - Parameter data: the service's data folder, which this process holds.
    /// - Throws: where none of them can be written, or none be made. One alone that can't be makes its own shard of no use, and no other.
    public init(in data: String) throws(FileError) {
        folder = "\(data)/.witnesses"
        try Directory.create(folder)
        var failure: FileError?
        for name in try Directory.list(folder) where name != Self.lockName {
            do throws(FileError) {
                _ = try RecordFile("\(folder)/\(name)")
                failure = nil
                break
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        lock = try LockFile("\(folder)/\(Self.lockName)")
    }

    /// Whether the folder is still where the next process looks for it.
    public var isInPlace: Bool { lock.isInPlace }

    /// Whose files were once made, and not deleted with their tenant.
    public func all() throws(FileError) -> [(tenant: String, shard: UInt32)] {
        try Directory.list(folder).compactMap { name in
            let parts = name.split(separator: ".", omittingEmptySubsequences: false)
            guard parts.count == 2, let shard = UInt32(parts[1]) else { return nil }
            return (String(parts[0]), shard)
        }
    }

    /// Whether the shard's file was once made.
    public func contains(tenant: String, shard: UInt32) -> Bool { File.exists(path(tenant, shard)) }

    /// - Parameter tenant: what may be a folder's name.
    public func witness(tenant: String, shard: UInt32) throws(FileError) -> OutboxWitness {
        try OutboxWitness(path(tenant, shard))
    }

    private func path(_ tenant: String, _ shard: UInt32) -> String { "\(folder)/\(tenant).\(shard)" }

    /// The tenant was deleted, and its files with it.
    public func forget(tenant: String) throws(FileError) {
        for name in try Directory.list(folder) where name.split(separator: ".").first.map(String.init) == tenant {
            try File.remove("\(folder)/\(name)")
        }
        try Directory.sync(folder)
    }
}
