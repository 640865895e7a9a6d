internal import Bootstrap
internal import Crypto
internal import Encodings
internal import Files
internal import Synchronization
internal import Threads

/// The tenants' folders below one root, and what their manifests say. Reads and writes files on a thread of its own; what was
/// read once is answered without it.
actor TenantFolders: OnThread {
    nonisolated let thread: WorkerThread
    private nonisolated let folder: DataFolder
    private nonisolated let missing: MissingShards
    private let master: MasterKey
    private let shards: Int
    private let makeKeyID: @Sendable () -> UUID
    private nonisolated let known = Known()

    init(folder: DataFolder, missing: MissingShards, master: MasterKey, shards: Int, makeKeyID: @escaping @Sendable () -> UUID) throws(ThreadError) {
        self.folder = folder
        self.missing = missing
        self.master = master
        self.shards = shards
        self.makeKeyID = makeKeyID
        thread = try WorkerThread(name: "tenants")
    }

    /// The manifest, if it has been read or made before.
    nonisolated func knownManifest(of tenant: TenantName) -> TenantManifest? {
        known.manifests.withLock { $0[tenant] }
    }

    /// The manifest; nil when the tenant has no folder.
    func manifest(of tenant: TenantName) throws(ShardError) -> TenantManifest? {
        try read(tenant)
    }

    /// The manifest, for a caller that may block.
    nonisolated func read(_ tenant: TenantName) throws(ShardError) -> TenantManifest? {
        if let manifest = knownManifest(of: tenant) { return manifest }
        let path = path(of: tenant)
        let bytes: [UInt8]
        do throws(FileError) {
            bytes = try File.read(path, limit: 1 << 20)
        } catch {
            guard case .notFound = error else { throw ShardError(error) }
            if try isMissing(tenant) { throw .missing(path: path) }
            return nil
        }
        let manifest = try TenantManifest(bytes, of: tenant, file: path)
        remember(manifest)
        return manifest
    }

    private nonisolated func isMissing(_ tenant: TenantName) throws(ShardError) -> Bool {
        do { return try missing.first(of: tenant) != nil } catch {
            throw ShardError.translate(error, file: tenant.text) as? ShardError ?? .defect("\(error)")
        }
    }

    /// Whether the tenant whose folder is below `root` was deleted: what it had is missed by nobody.
    static func isDeleted(_ tenant: TenantName, below root: String) -> Bool {
        let path = "\(root)/\(tenant)/\(manifestName)"
        guard let bytes = try? File.read(path, limit: 1 << 20) else { return false }
        return (try? TenantManifest(bytes, of: tenant, file: path))?.isDeleted == true
    }

    /// The manifest, made together with the folder and a fresh key when the tenant is new.
    func makeManifest(of tenant: TenantName) throws(ShardError) -> TenantManifest {
        if let manifest = try manifest(of: tenant) { return manifest }
        guard folder.isInPlace else { throw .moved(path: root) }
        try refuseOrphans(of: tenant)
        let key = master.makeTenantKey(for: tenant, id: makeKeyID())
        let manifest = TenantManifest(tenant: tenant, shards: shards, keys: [key])
        do throws(FileError) {
            try Directory.create("\(root)/\(tenant)")
            try File.replace(path(of: tenant), with: manifest.encoded)
        } catch {
            throw ShardError(error)
        }
        remember(manifest)
        return manifest
    }

    /// Destroys the tenant's keys for good; durable when it returns. Also of a tenant that has no data yet: it won't have any.
    func delete(_ tenant: TenantName) throws(ShardError) {
        do throws(FileError) {
            try Directory.create("\(root)/\(tenant)")
            let manifest = TenantManifest.deleted(tenant)
            try File.replace(path(of: tenant), with: manifest.encoded)
            remember(manifest)
        } catch {
            throw ShardError(error)
        }
    }

    /// Removes the files of a tenant that was deleted; nobody has them open.
    func removeFiles(of tenant: TenantName) throws(ShardError) {
        let folder = "\(root)/\(tenant)"
        do throws(FileError) {
            for name in try Directory.list(folder) where name != Self.manifestName { try File.remove("\(folder)/\(name)") }
            try Directory.sync(folder)
        } catch {
            throw ShardError(error)
        }
    }

    /// Writes a manifest where a copy of the tenant's shards goes.
    func copy(_ manifest: TenantManifest, below folder: String) throws(ShardError) {
        do throws(FileError) {
            try Directory.create("\(folder)/\(manifest.tenant)")
            try File.create("\(folder)/\(manifest.tenant)/\(Self.manifestName)", with: manifest.encoded)
        } catch {
            throw ShardError(error)
        }
    }

    /// A folder with data and no manifest has lost its keys: a new manifest would hide that, and seal new data beside it.
    private func refuseOrphans(of tenant: TenantName) throws(ShardError) {
        let folder = "\(root)/\(tenant)"
        guard File.exists(folder) else { return }
        let names: [String]
        do throws(FileError) { names = try Directory.list(folder) } catch { throw ShardError(error) }
        if names.contains(where: { $0.hasSuffix(".sqlite") }) { throw .corrupt(file: path(of: tenant)) }
    }

    /// Every tenant that has a folder with a manifest.
    func tenants() throws(ShardError) -> [TenantName] {
        do throws(FileError) {
            return try Directory.list(root).compactMap { TenantName($0) }.filter { File.exists(path(of: $0)) }
        } catch {
            throw ShardError(error)
        }
    }

    static let manifestName = "manifest.json"

    private nonisolated var root: String { folder.path }

    private nonisolated func path(of tenant: TenantName) -> String { "\(root)/\(tenant)/\(Self.manifestName)" }

    private nonisolated func remember(_ manifest: TenantManifest) {
        known.manifests.withLock { manifests in
            // Read before the tenant was deleted, and remembered after: what is deleted stays so.
            if manifests[manifest.tenant]?.isDeleted == true, !manifest.isDeleted { return }
            if manifests.count >= Known.limit { manifests.removeAll() }
            manifests[manifest.tenant] = manifest
        }
    }

    /// Read from every loop on every request, so a lock rather than a hop.
    private final class Known: Sendable {
        static let limit = 10_000
        let manifests = Mutex<[TenantName: TenantManifest]>([:])
    }
}
