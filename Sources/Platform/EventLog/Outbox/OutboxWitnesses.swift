public import Files

/// A service's witnesses, in a folder of their own: whoever sets shards back by hand leaves them where they are.
public struct OutboxWitnesses: Sendable {
    private let folder: String

    /// - Parameter data: the service's data folder, which this process holds.
    /// - Throws: where one of them can't be written, or none be made: the shard would be of no use.
    public init(in data: String) throws(FileError) {
        folder = "\(data)/.witnesses"
        try Directory.create(folder)
        for name in try Directory.list(folder) { _ = try RecordFile("\(folder)/\(name)") }
        let trial = "\(folder)/.trial"
        _ = try RecordFile(trial)
        try File.remove(trial)
    }

    /// - Parameter tenant: what may be a folder's name.
    public func witness(tenant: String, shard: UInt32) throws(FileError) -> OutboxWitness {
        try OutboxWitness("\(folder)/\(tenant).\(shard)")
    }

    /// The tenant was deleted, and its files with it.
    public func forget(tenant: String) throws(FileError) {
        for name in try Directory.list(folder) where name.split(separator: ".").first.map(String.init) == tenant {
            try File.remove("\(folder)/\(name)")
        }
    }
}
