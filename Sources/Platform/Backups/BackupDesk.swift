public import Bootstrap
internal import Contracts
internal import Crypto
internal import Encodings
internal import Files
internal import Observability
public import Threads

/// Makes a service's backups, one at a time, while it runs. The service copies its own files: nobody else opens them.
public actor BackupDesk: OnThread {
    public nonisolated let thread: WorkerThread
    private let service: ServiceName
    private let cluster: String
    private let root: String
    private let key: HMACSHA256
    private let clock: WallClock
    private let log: Logger
    private let copy: @Sendable (String) async throws -> Void

    enum State: Equatable, Sendable {
        case none
        case running(BackupName)
        case complete(BackupName, folder: String, files: Int, bytes: Int)
        case failed(BackupName, reason: String)
    }

    private(set) var state = State.none
    private var work: Task<Void, Never>?

    /// - Parameters:
    ///   - root: the folder of the service's backups.
    ///   - data: the folder of its data.
    ///   - copy: copies all that the service keeps into a folder; throws a ``BackupError`` where that would be no backup now.
    /// - Throws: where the data are half of a backup.
    public init(root: String, data: String, runtime: Runtime, copy: @escaping @Sendable (String) async throws -> Void) throws {
        let half = StoredBackup.unfinished(in: data)
        guard !File.exists(half) else { throw BackupError.unfinished(folder: half) }
        thread = try WorkerThread(name: "backup")
        service = runtime.service
        cluster = runtime.cluster.name
        self.root = root
        key = HMACSHA256(ofBackupsUnder: try runtime.secrets.masterKey())
        clock = runtime.clock
        log = runtime.log
        self.copy = copy
    }

    /// Begins a backup; what becomes of it is asked for with ``state``.
    func start(_ name: BackupName) throws {
        if case .running(let other) = state { throw BackupError.busy(name: other.text) }
        let folder = BackupFolder(root: root, name: name)
        try folder.begin()
        state = .running(name)
        work = Task { await make(folder) }
    }

    private func make(_ folder: BackupFolder) async {
        do {
            let made = clock.now()
            try await copy(folder.unfinished)
            let manifest = try folder.finish({ BackupManifest(service: service, cluster: cluster, made: made, files: $0) }, under: key)
            state = .complete(folder.name, folder: folder.path, files: manifest.files.count, bytes: manifest.bytes)
            log.info("A backup is complete", .file(folder.path), .count(manifest.files.count))
        } catch {
            folder.abandon()
            state = .failed(folder.name, reason: "\(error)")
            log.warning("A backup was not made", .file(folder.path), .error(error))
        }
    }

    /// Waits for what is being made: it holds the service's files.
    public func close() async {
        await work?.value
    }
}
