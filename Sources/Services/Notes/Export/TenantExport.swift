internal import Contracts
internal import Encodings
internal import EventLog
internal import Files
internal import HTTP
internal import Observability
internal import SQLite
internal import Shards
internal import Threads

/// All notes of a tenant, opened: one line of JSON each, shard after shard. Each shard is read from a copy of its own, which is of one moment, so writes go on.
/// While a copy is made, which may take longer than a connection may be silent, an empty line goes out now and then; ``ExportedLines`` leaves them out.
/// Who is erased meanwhile is in the copy still; their notes are left out from then on, and aren't counted.
struct TenantExport: Sendable {
    let shards: ShardSet<NoteStore>
    let store: NoteStore
    /// Holds the copies while they are read; sealed, as all files are.
    let folder: String
    let log: Logger
    /// Between two signs of life.
    var pause = Duration.seconds(5)

    /// Where lines go; returns when there is room for more.
    typealias Output = @Sendable ([UInt8]) async throws -> Void

    init(shards: ShardSet<NoteStore>, store: NoteStore, data: String, log: Logger) throws {
        self.shards = shards
        self.store = store
        self.log = log
        folder = "\(data)/.export"
        // What an interrupted export left.
        try Directory.removeTree(folder)
    }

    /// The body of an answer. That it was asked for is an event of the tenant, on the disk before the first line leaves.
    /// - Parameter requestID: of the call that asks.
    func body(of name: String, requestID: String) async throws(NotesError) -> Body {
        guard let tenant = TenantName(name), let manifest = try await manifest(of: tenant) else { throw .tenantNotFound }
        do {
            let first = ShardID(tenant: tenant, number: 0)
            try await shards.write(first) { try $0.recordExport(requestID: requestID) }
        } catch {
            throw NotesError(error)
        }
        return .stream(length: nil) { writer in
            let count = try await send(tenant, manifest) { try await writer.write($0) }
            log.info("A tenant was exported", .tenant(tenant.text), .count(count))
        }
    }

    /// - Returns: how many notes went out.
    func send(_ tenant: TenantName, _ manifest: TenantManifest, to output: Output) async throws -> Int {
        var count = 0
        for shard in try await shards.shards(of: tenant) { count += try await send(shard, manifest, to: output) }
        // Files that went with their tenant look like files that were never made.
        guard try await shards.manifest(of: tenant) != nil else { throw ShardError.tenantDeleted }
        return count
    }

    private func manifest(of tenant: TenantName) async throws(NotesError) -> TenantManifest? {
        do { return try await shards.manifest(of: tenant) } catch { throw NotesError(error) }
    }

    private func send(_ shard: ShardID, _ manifest: TenantManifest, to output: Output) async throws -> Int {
        let copy = "\(folder)/\(store.makeID())/\(shard.number).sqlite"
        do {
            guard try await backUp(shard, to: copy, saying: output) else { return 0 }
            let reader = try ExportReader(copy, manifest: manifest, store: store)
            let count = try await reader.send(to: output) { users in try await shards.read(shard) { try $0.living(among: users) } ?? [] }
            try Directory.removeTree(Directory.parent(of: copy))
            return count
        } catch {
            // The error that led here is the one to report; what is left is dropped when the service starts.
            try? Directory.removeTree(Directory.parent(of: copy))
            throw error
        }
    }

    private func backUp(_ shard: ShardID, to copy: String, saying output: Output) async throws -> Bool {
        try await withThrowingTaskGroup(of: Bool?.self) { group in
            func wait() {
                group.addTask {
                    try await Task.sleep(for: pause)
                    return nil
                }
            }
            group.addTask { try await shards.backUp(shard, to: copy) }
            wait()
            defer { group.cancelAll() }
            // Written here and by no task of the group: to cancel one that writes would end the connection.
            while let isThere = try await group.next() {
                if let isThere { return isThere }
                try await output([UInt8(ascii: "\n")])
                wait()
            }
            return false
        }
    }
}

/// Reads the copy of one shard, on a thread of its own.
private actor ExportReader: OnThread {
    nonisolated let thread: WorkerThread
    private let notes: ExportedNotes

    private static let pieceBytes = 256 << 10

    init(_ path: String, manifest: TenantManifest, store: NoteStore) throws {
        thread = try WorkerThread(name: "export")
        let connection = try Connection(path: path, role: .archive)
        notes = ExportedNotes(connection: connection, users: UserKeys(connection, try TenantKeyring(manifest, master: store.master)))
    }

    /// - Parameter living: those of some users who aren't erased by now.
    func send(to output: TenantExport.Output, living: @Sendable (Set<String>) async throws -> Set<String>) async throws -> Int {
        var count = 0
        while true {
            let lines = try notes.next(bytes: Self.pieceBytes)
            if lines.isEmpty { return count }
            // Right before they leave: whoever is erased after this is erased after the notes were taken out.
            let users = try await living(Set(lines.map(\.user)))
            let kept = lines.filter { users.contains($0.user) }
            count += kept.count
            if !kept.isEmpty { try await output(kept.flatMap(\.json)) }
        }
    }
}
