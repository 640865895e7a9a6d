public import Bootstrap
public import Encodings
internal import Files
internal import Processes
internal import Threads
internal import Transport

/// A service's shards: `<root>/<tenant>/<shard>.sqlite`, with the threads that read and write them.
///
/// Exactly one process holds the folder, and within it exactly one connection writes a file. Calls come from any event loop and
/// never block it.
public final class ShardSet<Store: ShardStore>: Sendable {
    private let folder: DataFolder
    private let folders: TenantFolders
    private let writers: [WriterThread<Store>]
    private let readers: [ReaderThread<Store>]
    private let undelivered: UndeliveredList
    private let missing: MissingShards
    private let store: Store

    /// Starts the threads; files open when they are asked for.
    /// - Parameters:
    ///   - folder: closed by ``close()``.
    ///   - makeKeyID: a new UUID, for a new tenant's key.
    public init(
        folder: DataFolder, store: Store, master: MasterKey, settings: ShardSettings, metrics: ShardMetrics,
        makeKeyID: @escaping @Sendable () -> UUID
    ) throws(ShardError) {
        self.folder = folder
        self.store = store
        let root = folder.path
        do {
            missing = MissingShards(
                remembered: try store.remembered(),
                isGone: { shard in
                    let files = ["\(root)/\(shard.relativePath)", "\(root)/\(shard.tenant)/\(TenantFolders.manifestName)"]
                    return try !files.allSatisfy(File.exists) && store.remembers(shard) && !TenantFolders.isDeleted(shard.tenant, below: root)
                }, tell: store.isMissing)
            try store.schema.refuseNewer(in: try Self.files(in: root))
            undelivered = try UndeliveredList(folder: "\(root)/.undelivered")
            folders = try TenantFolders(
                folder: folder, missing: missing, master: master, shards: settings.shardsPerTenant, makeKeyID: makeKeyID)
            var settings = settings
            settings.openFiles = try Self.openFiles(settings.openFiles)
            let opener = ShardOpener(folder: folder, store: store, settings: settings, tenants: folders, missing: missing)
            _ = try missing.first()
            var writers: [WriterThread<Store>] = []
            for number in 0..<max(1, settings.writerThreads) {
                writers.append(try WriterThread(number: number, opener: opener, settings: settings, undelivered: undelivered, metrics: metrics))
            }
            var readers: [ReaderThread<Store>] = []
            for number in 0..<max(1, settings.readerThreads) {
                readers.append(try ReaderThread(number: number, opener: opener, settings: settings, metrics: metrics))
            }
            self.writers = writers
            self.readers = readers
        } catch {
            throw ShardError.translate(error, file: root) as? ShardError ?? .defect("\(error)")
        }
    }

    private static func files(in root: String) throws(FileError) -> [String] {
        var files: [String] = []
        for name in try Directory.list(root) where TenantName(name) != nil && File.exists("\(root)/\(name)/\(TenantFolders.manifestName)") {
            // A folder that can't be listed fails those who ask for its tenant.
            files += ((try? Directory.list("\(root)/\(name)")) ?? []).filter { $0.hasSuffix(".sqlite") }.map { "\(root)/\(name)/\($0)" }
        }
        return files
    }

    /// A file open for writing takes three descriptors and what its store opens beside it, one for reading two; half of all are left for sockets.
    private static func openFiles(_ wanted: Int) throws(SystemCallError) -> Int {
        let descriptors = try ResourceLimit.openFiles.raise()
        return min(wanted, 1000, max(8, Int(min(descriptors, 1 << 20)) / 12))
    }

    // MARK: Tenants

    /// The shard of a user; nil when the tenant has no data yet.
    public func shard(ofUser user: String, in tenant: TenantName) async throws(ShardError) -> ShardID? {
        if let manifest = folders.knownManifest(of: tenant) { return try manifest.shard(ofUser: user) }
        return try await folders.manifest(of: tenant)?.shard(ofUser: user)
    }

    /// The shard of a user, in a folder made now if the tenant is new.
    public func makeShard(ofUser user: String, in tenant: TenantName) async throws(ShardError) -> ShardID {
        if let manifest = folders.knownManifest(of: tenant) { return try manifest.shard(ofUser: user) }
        return try await folders.makeManifest(of: tenant).shard(ofUser: user)
    }

    public func tenants() async throws(ShardError) -> [TenantName] { try await folders.tenants() }

    /// With those of whom everything is gone: for who needs all that there ever was.
    public func tenantsWithMissing() async throws -> [TenantName] {
        _ = try missing.first()
        return try await Set(folders.tenants() + missing.all.map(\.tenant)).sorted { $0.text < $1.text }
    }

    /// What is fixed about a tenant; nil for one that has no data, or none any more.
    public func manifest(of tenant: TenantName) async throws(ShardError) -> TenantManifest? {
        guard let manifest = try await folders.manifest(of: tenant), !manifest.isDeleted else { return nil }
        return manifest
    }

    /// Every shard of a tenant; empty when it has no data.
    public func shards(of tenant: TenantName) async throws(ShardError) -> [ShardID] {
        guard let manifest = try await folders.manifest(of: tenant) else { return [] }
        return (0..<manifest.shards).map { ShardID(tenant: tenant, number: $0) }
    }

    /// The shards that may hold undelivered events, from the durable list.
    public func undeliveredShards() throws(ShardError) -> [ShardID] {
        do throws(FileError) { return try undelivered.shards() } catch { throw ShardError(error) }
    }

    // MARK: Reading and writing

    /// Runs `body` in a transaction that is shared with whatever else waits for the shard, and returns after the commit is on the disk.
    ///
    /// What `body` throws undoes its own changes only and is thrown on; otherwise a ``ShardError`` is thrown and nothing of the
    /// request is stored. `body` must not block on anything but the shard, and has no effect but on the writer: when a request of the transaction
    /// fails, all are undone and run a second time.
    public func write<R: Sendable>(_ shard: ShardID, _ body: @escaping @Sendable (Store.Writer) throws -> R) async throws -> R {
        try await withCheckedThrowingContinuation { continuation in
            submit(shard, body) { continuation.resume(with: $0) }
        }
    }

    /// As ``write(_:_:)``, for what only tidies up: it adds no event, and doesn't count as use of the shard.
    public func upkeep<R: Sendable>(_ shard: ShardID, _ body: @escaping @Sendable (Store.Writer) throws -> R) async throws -> R {
        try await withCheckedThrowingContinuation { continuation in
            submit(shard, isUpkeep: true, body) { continuation.resume(with: $0) }
        }
    }

    /// As ``write(_:_:)``, without waiting: writes to one shard are made in the order they are submitted.
    /// - Parameter completion: called on the caller's event loop, or, where there is none, on the writing thread, which it must not hold up.
    public func submit<R: Sendable>(
        _ shard: ShardID, isUpkeep: Bool = false, _ body: @escaping @Sendable (Store.Writer) throws -> R,
        completion: @escaping @Sendable (Result<R, any Error>) -> Void
    ) {
        writer(of: shard).submit(
            ShardRequest(
                shard: shard, loop: EventLoop.current, isUpkeep: isUpkeep,
                perform: { handle in
                    let result = try body(handle)
                    return { completion(.success(result)) }
                }, fail: { completion(.failure($0)) }))
    }

    /// Runs `body` over a read-only connection that sees every write acknowledged before. Nil when the file does not exist yet.
    public func read<R: Sendable>(_ shard: ShardID, _ body: @escaping @Sendable (Store.Reader) throws -> R) async throws -> R? {
        do {
            return try await readOnce(shard, body)
        } catch is ReaderNotReady {
            // Its writer goes first: it brings the schema up to date, and tells a file that is not what it was.
            guard try await writer(of: shard).prepare(shard) else { return nil }
            return try await readOnce(shard, isPrepared: true, body)
        }
    }

    private func readOnce<R: Sendable>(
        _ shard: ShardID, isPrepared: Bool = false, _ body: @escaping @Sendable (Store.Reader) throws -> R
    ) async throws -> R {
        let reader = readers[index(of: shard, among: readers.count)]
        return try await withCheckedThrowingContinuation { continuation in
            reader.submit(
                ShardRequest(
                    shard: shard, loop: EventLoop.current,
                    isPrepared: isPrepared,
                    perform: { handle in
                        let result = try body(handle)
                        return { continuation.resume(returning: result) }
                    }, fail: { continuation.resume(throwing: $0) }))
        }
    }

    private func writer(of shard: ShardID) -> WriterThread<Store> { writers[index(of: shard, among: writers.count)] }

    /// A shard is always on the same thread; neighbours of one tenant are spread.
    private func index(of shard: ShardID, among count: Int) -> Int {
        if count == 1 { return 0 }
        var hash: UInt64 = 14_695_981_039_346_656_037
        for byte in shard.tenant.text.utf8 { hash = (hash ^ UInt64(byte)) &* 1_099_511_628_211 }
        return Int((hash &+ UInt64(shard.number)) % UInt64(count))
    }

    // MARK: Maintenance

    /// Looks at the state of a shard's writer, outside of a transaction. Nil when the file does not exist.
    public func inspect<R: Sendable>(_ shard: ShardID, _ body: @escaping @Sendable (Store.Writer) throws -> R) async throws -> R? {
        try await writer(of: shard).inspect(shard, body)
    }

    /// Whether every file that is open for writing is still where the next process looks for it. To one that isn't, writes are refused.
    public var isInPlace: Bool {
        get async {
            for writer in writers where await !writer.isInPlace { return false }
            return true
        }
    }

    /// The shards that are known to be gone and were there once. Nothing of them is served until they are put back.
    public var missingShards: [ShardID] { missing.all }

    /// The shards that are open for writing right now.
    public func openShards() async -> [ShardID] {
        var open: [ShardID] = []
        for writer in writers { open += await writer.openShards }
        return open
    }

    /// Copies a shard's file to `path`, by the connection that writes it, a few pages at a time between commits.
    /// - Returns: false where there is no such file.
    @discardableResult
    public func backUp(_ shard: ShardID, to path: String) async throws -> Bool {
        try await writer(of: shard).backUp(shard, to: path)
    }

    /// Copies a tenant's manifest and all its shards below `folder`. Throws where one of them is missing.
    public func backUp(_ tenant: TenantName, below folder: String) async throws {
        guard let manifest = try await folders.manifest(of: tenant) else { return }
        try await folders.copy(manifest, below: folder)
        for number in 0..<manifest.shards {
            let shard = ShardID(tenant: tenant, number: number)
            try await backUp(shard, to: "\(folder)/\(shard.relativePath)")
        }
    }

    /// Moves a shard's log into its file and cuts it to nothing, so that what was deleted lives on in neither: SQLite overwrites what it deletes
    /// (`secure_delete`), but not in a log.
    public func scrub(_ shard: ShardID) async throws {
        try await writer(of: shard).scrub(shard)
    }

    /// Deletes a tenant: its keys are destroyed first, then its files go. From then on all its calls throw ``ShardError/tenantDeleted``. May be done again,
    /// where it was interrupted.
    public func delete(_ tenant: TenantName) async throws(ShardError) {
        try await folders.delete(tenant)
        for reader in readers { await reader.drop(tenant) }
        for writer in writers { await writer.drop(tenant) }
        do {
            // Before the files: what nobody remembers is not missed.
            try store.forget(tenant)
            missing.forget(tenant)
            try await folders.removeFiles(of: tenant)
            for shard in try undelivered.shards() where shard.tenant == tenant { try undelivered.remove(shard) }
        } catch {
            throw ShardError.translate(error, file: tenant.text) as? ShardError ?? .defect("\(error)")
        }
    }

    /// Takes shards without undelivered events off the durable list, and empties the logs and caches of idle ones. Call it now
    /// and then, not for every commit.
    public func sweep() async throws(ShardError) {
        var failure: ShardError?
        for writer in writers { do throws(ShardError) { try await writer.sweep() } catch { failure = failure ?? error } }
        if let failure { throw failure }
    }

    /// Refuses new requests, answers those that wait, moves every log into its file, closes all and gives the folder free.
    public func close() async {
        for reader in readers { await reader.close() }
        for writer in writers { await writer.close() }
        folder.close()
    }
}
