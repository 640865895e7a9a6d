public import Bootstrap
internal import Contracts
internal import Crypto
internal import Encodings
internal import Files
internal import Observability
internal import Synchronization
internal import Threads

/// Makes a service's backups, one at a time, while it runs. The service copies its own files: nobody else opens them.
public final class BackupDesk: Sendable {
    enum Progress: Equatable, Sendable {
        case none
        case running(BackupName)
        case complete(BackupName, folder: String, files: Int, bytes: Int)
        case failed(BackupName, reason: String)
    }

    private struct State {
        var progress = Progress.none
        var work: Task<Void, Never>?
    }

    private let root: String
    private let maker: BackupMaker
    private let clock: WallClock
    private let log: Logger
    // Behind a lock rather than on the maker's thread, which is busy for as long as it takes to read everything that was copied.
    private let state = Mutex(State())

    /// - Parameters:
    ///   - root: the folder of the service's backups.
    ///   - copy: copies all that the service keeps into a folder; throws a ``BackupError`` where that would be no backup now. Cancelled when the
    ///     service stops.
    public init(root: String, runtime: Runtime, copy: @escaping @Sendable (String) async throws -> Void) throws {
        try BackupFolder.removeUnfinished(in: root)
        self.root = root
        maker = BackupMaker(
            thread: try WorkerThread(name: "backup"), service: runtime.service, cluster: runtime.cluster.name,
            key: try HMACSHA256(ofBackupsUnder: runtime.secrets), copy: copy)
        clock = runtime.clock
        log = runtime.log
    }

    var progress: Progress { state.withLock { $0.progress } }

    /// Begins a backup; what becomes of it is asked for with ``progress``.
    func start(_ name: BackupName) async throws {
        try state.withLock { state in
            if case .running(let other) = state.progress { throw BackupError.busy(name: other.text) }
            state.progress = .running(name)
        }
        let folder = BackupFolder(root: root, name: name)
        do {
            try await maker.begin(folder)
        } catch {
            state.withLock { $0.progress = .failed(name, reason: "\(error)") }
            throw error
        }
        let work = Task { await make(folder) }
        state.withLock { $0.work = work }
    }

    private func make(_ folder: BackupFolder) async {
        do {
            let manifest = try await maker.make(folder, at: clock.now())
            let (files, bytes) = (manifest.files.count, manifest.bytes)
            state.withLock { $0.progress = .complete(folder.name, folder: folder.path, files: files, bytes: bytes) }
            log.info("A backup is complete", .file(folder.path), .count(files))
        } catch {
            state.withLock { $0.progress = .failed(folder.name, reason: "\(error)") }
            log.warning("A backup was not made", .file(folder.path), .error(error))
        }
    }

    /// Waits for what is being made.
    func finish() async {
        await state.withLock { $0.work }?.value
    }

    /// Gives up what is being made: it holds the service's files.
    public func close() async {
        state.withLock { $0.work }?.cancel()
        await finish()
    }
}

/// The thread that makes folders and reads what was copied.
private actor BackupMaker: OnThread {
    nonisolated let thread: WorkerThread
    private let service: ServiceName
    private let cluster: String
    private let key: HMACSHA256
    private let copy: @Sendable (String) async throws -> Void

    init(
        thread: WorkerThread, service: ServiceName, cluster: String, key: HMACSHA256, copy: @escaping @Sendable (String) async throws -> Void
    ) {
        self.thread = thread
        self.service = service
        self.cluster = cluster
        self.key = key
        self.copy = copy
    }

    func begin(_ folder: BackupFolder) throws { try folder.begin() }

    func make(_ folder: BackupFolder, at time: Timestamp) async throws -> BackupManifest {
        do {
            try await copy(folder.unfinished)
            return try folder.finish({ BackupManifest(service: service, cluster: cluster, made: time, files: $0) }, under: key)
        } catch {
            folder.abandon()
            throw error
        }
    }
}
