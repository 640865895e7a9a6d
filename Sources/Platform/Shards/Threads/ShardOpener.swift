internal import Bootstrap
internal import Files
internal import SQLite

/// The file, if there is one, has to be opened by its writer first.
struct ReaderNotReady: Error {}

/// Opens the connections of a shard.
struct ShardOpener<Store: ShardStore>: Sendable {
    let folder: DataFolder
    let store: Store
    let settings: ShardSettings
    let tenants: TenantFolders
    let missing: MissingShards

    func openWriter(_ shard: ShardID) throws -> (Connection, Store.Writer) {
        try requirePlace()
        let path = path(shard)
        // Before the file: none is made for a tenant that was deleted.
        let manifest = try known(shard.tenant)
        let isNew = try !exists(shard)
        let connection = try Connection(path: path, role: .writer, pageCache: settings.pageCache, checkpoints: .manual)
        if let pages = settings.filePages { try connection.limit(pages: pages) }
        try store.schema.apply(to: connection)
        // The file's name has to survive a crash as surely as what is in it.
        if isNew { try Directory.sync(Directory.parent(of: path)) }
        let writer = try store.makeWriter(connection, of: shard, manifest: manifest)
        missing.remember(shard)
        return (connection, writer)
    }

    func openReader(_ shard: ShardID) throws -> Store.Reader {
        try requirePlace()
        let connection = try Connection(path: path(shard), role: .reader, pageCache: settings.pageCache / 4)
        return try store.makeReader(connection, of: shard, manifest: try known(shard.tenant))
    }

    /// Whether there is a file; throws where one is gone.
    func exists(_ shard: ShardID) throws -> Bool {
        if File.exists(path(shard)) { return true }
        guard try !missing.contains(shard) else { throw ShardError.missing(path: path(shard)) }
        return false
    }

    func path(_ shard: ShardID) -> String { "\(folder.path)/\(shard.relativePath)" }

    /// What stands in the folder's place is somebody else's.
    private func requirePlace() throws(ShardError) {
        guard folder.isInPlace else { throw .moved(path: folder.path) }
    }

    private func known(_ tenant: TenantName) throws(ShardError) -> TenantManifest {
        guard let manifest = try tenants.read(tenant) else { throw .defect("\(tenant): there is no manifest") }
        guard !manifest.isDeleted else { throw .tenantDeleted }
        return manifest
    }
}
