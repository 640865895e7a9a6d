internal import Bootstrap
internal import Files
internal import SQLite

/// The file has to be opened by its writer first: it is missing, or its schema is older.
struct ReaderNotReady: Error {
    let isMissing: Bool
}

/// Opens the connections of a shard.
struct ShardOpener<Store: ShardStore>: Sendable {
    let folder: DataFolder
    let store: Store
    let settings: ShardSettings
    let tenants: TenantFolders

    func openWriter(_ shard: ShardID) throws -> (Connection, Store.Writer) {
        try requirePlace()
        let path = path(shard)
        // Before the file: none is made for a tenant that was deleted.
        let manifest = try known(shard.tenant)
        let isNew = !exists(shard)
        let connection = try Connection(path: path, role: .writer, pageCache: settings.pageCache, checkpoints: .manual)
        if let pages = settings.filePages { try connection.limit(pages: pages) }
        try store.schema.apply(to: connection)
        // The file's name has to survive a crash as surely as what is in it.
        if isNew { try Directory.sync(Directory.parent(of: path)) }
        return (connection, try store.makeWriter(connection, of: shard, manifest: manifest))
    }

    func openReader(_ shard: ShardID) throws -> Store.Reader {
        try requirePlace()
        let path = path(shard)
        guard exists(shard) else { throw ReaderNotReady(isMissing: true) }
        let connection = try Connection(path: path, role: .reader, pageCache: settings.pageCache / 4)
        let version = try connection.userVersion()
        guard version <= store.schema.version else {
            throw ShardError.newerSchema(file: path, found: version, known: store.schema.version)
        }
        guard version == store.schema.version else { throw ReaderNotReady(isMissing: false) }
        return try store.makeReader(connection, of: shard, manifest: try known(shard.tenant))
    }

    func exists(_ shard: ShardID) -> Bool { File.exists(path(shard)) }

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
