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
        var isClosed = false
        /// When the newest was complete, and when one was not made: seconds since 1970; 0 before there is any.
        var completed: Int64 = 0
        var failed: Int64 = 0
        /// Tenants that the newest was made without.
        var leftOut = 0
    }

    private let root: String
    private let maker: BackupMaker
    private let clock: WallClock
    private let log: Logger
    // Behind a lock rather than on the maker's thread, which is busy for as long as it takes to read everything that was copied.
    private let state = Mutex(State())

    /// - Parameters:
    ///   - root: the folder of the service's backups.
    ///   - copy: copies all that the service keeps; throws a ``BackupError`` where that would be no backup now. Cancelled when the service stops.
    public init(root: String, runtime: Runtime, copy: @escaping @Sendable (BackupTarget) async throws -> Void) throws {
        // One that was being made when a process ended was not made.
        let failed = try BackupFolder.removeUnfinished(in: root) ? runtime.clock.now().seconds : 0
        let newest = try BackupFolder.newest(in: root)
        state.withLock { ($0.completed, $0.failed) = (newest, failed) }
        self.root = root
        maker = BackupMaker(
            thread: try WorkerThread(name: "backup"), service: runtime.service, cluster: runtime.cluster.name,
            key: try HMACSHA256(ofBackupsUnder: runtime.secrets), copy: copy)
        clock = runtime.clock
        log = runtime.log
        runtime.metrics.gauge(
            "strongroom_backup_complete_timestamp_seconds", help: "When the newest backup of this service was complete; 0 where there is none."
        ) { [self] in Double(state.withLock { $0.completed }) }
        runtime.metrics.gauge(
            "strongroom_backup_failed_timestamp_seconds", help: "When a backup of this service was last not made, since it was started; 0 for never."
        ) { [self] in Double(state.withLock { $0.failed }) }
        runtime.metrics.gauge(
            "strongroom_backup_left_out_tenants", help: "Tenants that the newest backup of this service was made without, since it was started."
        ) { [self] in Double(state.withLock { $0.leftOut }) }
    }

    var progress: Progress { state.withLock { $0.progress } }

    /// Begins a backup; what becomes of it is asked for with ``progress``.
    /// - Parameter without: tenants that are left out.
    func start(_ name: BackupName, without: Set<String> = []) async throws {
        let folder = BackupFolder(root: root, name: name)
        let begun = try state.withLock { state in
            guard !state.isClosed else { throw BackupError.refused("the service is stopping") }
            if case .running(let other) = state.progress { throw BackupError.busy(name: other.text) }
            state.progress = .running(name)
            let begun = Task { try await maker.begin(folder) }
            // From here on ``close()`` waits for it.
            state.work = Task {
                guard case .success = await begun.result else { return }
                await make(folder, without)
            }
            return begun
        }
        do {
            try await begun.value
        } catch {
            if case BackupError.alreadyThere = error {
                state.withLock { $0.progress = .failed(name, reason: "\(error)") }
            } else {
                fail(folder, error)
            }
            throw error
        }
    }

    private func make(_ folder: BackupFolder, _ without: Set<String>) async {
        do {
            let manifest = try await maker.make(folder, without: without, at: clock.now())
            let (files, bytes) = (manifest.files.count, manifest.bytes)
            let now = clock.now().seconds
            state.withLock { state in
                state.progress = .complete(folder.name, folder: folder.path, files: files, bytes: bytes)
                state.completed = now
                state.leftOut = without.count
            }
            log.info("A backup is complete", .file(folder.path), .count(files))
        } catch {
            fail(folder, error)
        }
    }

    private func fail(_ folder: BackupFolder, _ error: any Error) {
        let now = clock.now().seconds
        state.withLock { state in
            state.progress = .failed(folder.name, reason: "\(error)")
            state.failed = now
        }
        log.warning("A backup was not made", .file(folder.path), .error(error))
    }

    /// Waits for what is being made.
    func finish() async {
        await state.withLock { $0.work }?.value
    }

    /// Gives up what is being made: it holds the service's files.
    public func close() async {
        state.withLock { state in
            state.isClosed = true
            state.work?.cancel()
        }
        await finish()
    }
}

/// The thread that makes folders and reads what was copied.
private actor BackupMaker: OnThread {
    nonisolated let thread: WorkerThread
    private let service: ServiceName
    private let cluster: String
    private let key: HMACSHA256
    private let copy: @Sendable (BackupTarget) async throws -> Void

    init(
        thread: WorkerThread, service: ServiceName, cluster: String, key: HMACSHA256, copy: @escaping @Sendable (BackupTarget) async throws -> Void
    ) {
        self.thread = thread
        self.service = service
        self.cluster = cluster
        self.key = key
        self.copy = copy
    }

    func begin(_ folder: BackupFolder) throws { try folder.begin() }

    func make(_ folder: BackupFolder, without: Set<String>, at time: Timestamp) async throws -> BackupManifest {
        do {
            try await copy(BackupTarget(folder: folder.unfinished, without: without))
            return try folder.finish(
                { BackupManifest(service: service, cluster: cluster, made: time, files: $0, without: without.sorted()) }, under: key)
        } catch {
            folder.abandon()
            throw error
        }
    }
}
