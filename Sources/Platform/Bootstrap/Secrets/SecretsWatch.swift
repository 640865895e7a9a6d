internal import Files
internal import Observability
internal import Synchronization

/// A service's keyring, credentials and what else its folder has of keys that are replaced, read again when their files change. What can't be used is refused,
/// with a line in the log, and what is in use stays.
public final class SecretsWatch: BackgroundService {
    public let name = "secrets"
    private static let pause = Duration.milliseconds(1_000)

    private struct Contents: Equatable {
        let keyring: [UInt8]
        let credentials: [UInt8]
        let callers: [UInt8]
        let rootKey: [UInt8]
    }

    /// Looks at a keyring and throws if it can't use it; else what takes it into use.
    public typealias Preparation = @Sendable (Keyring) throws -> @Sendable () -> Void

    private let folder: SecretsFolder
    private let first: Keyring
    private let log: Logger
    private let refused: Counter
    private let files: FileWatch<Contents>
    private let users = Mutex<[Preparation]>([])

    /// - Parameter keyring: what the folder held when the service read it.
    init(_ folder: SecretsFolder, keyring: Keyring, log: Logger, metrics: MetricsRegistry) {
        self.folder = folder
        first = keyring
        self.log = log
        refused = metrics.counter("strongroom_secrets_refused_total", help: "Changed files of secrets that could not be used.")
        // What can't be read now, or is another keyring already, is for the first look.
        let contents = try? Self.read(folder)
        let read = contents.flatMap { try? Keyring(parsing: $0.keyring, file: folder.keyringFile) }
        files = FileWatch(read == keyring ? contents : nil)
    }

    /// Has `prepare` called with each keyring that comes after the first one, and when other keys in the folder change. What one of all can't use, none takes.
    public func onChange(_ prepare: @escaping Preparation) {
        users.withLock { $0.append(prepare) }
    }

    public func run() async throws { try await look(every: Self.pause, reload) }

    /// Looks at the files, and hands on what has changed.
    func reload() {
        files.look(read: { try Self.read(folder) }, take: take, refuse: refuse)
    }

    private func take(_ contents: Contents) throws {
        let keyring = try Keyring(parsing: contents.keyring, file: folder.keyringFile)
        // The names of the cluster are in tokens and files: they don't change while a service runs.
        guard keyring.cluster == first.cluster, keyring.account == first.account else { throw SecretsError.foreign(folder: folder.path) }
        for use in try users.withLock({ $0 }).map({ prepare in try prepare(keyring) }) { use() }
        log.info("New secrets are in use", .file(folder.path))
    }

    private func refuse(_ error: any Error) {
        refused.increment()
        log.error("Changed secrets are refused; those in use stay", .file(folder.path), .error(error))
    }

    private static func read(_ folder: SecretsFolder) throws(SecretsError) -> Contents {
        Contents(
            keyring: try folder.read(folder.keyringFile), credentials: File.exists(folder.credentialsFile) ? try folder.credentials() : [],
            callers: File.exists(folder.callersFile) ? try folder.read(folder.callersFile) : [],
            rootKey: File.exists(folder.rootKeyFile) ? try folder.read(folder.rootKeyFile) : [])
    }
}
