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

    private struct State {
        /// What was tried last, good or bad: what is refused is refused once.
        var tried: Contents?
        var users: [@Sendable (Keyring) throws -> Void] = []
    }

    private let folder: SecretsFolder
    private let first: Keyring
    private let log: Logger
    private let refused: Counter
    private let state: Mutex<State>

    /// - Parameter keyring: what the folder held when the service read it.
    init(_ folder: SecretsFolder, keyring: Keyring, log: Logger, metrics: MetricsRegistry) {
        self.folder = folder
        first = keyring
        self.log = log
        refused = metrics.counter("strongroom_secrets_refused_total", help: "Changed files of secrets that could not be used.")
        // What can't be read now, or is another keyring already, is for the first look.
        let contents = try? Self.read(folder)
        let read = contents.flatMap { try? Keyring(parsing: $0.keyring, file: folder.keyringFile) }
        state = Mutex(State(tried: read == keyring ? contents : nil))
    }

    /// Has `use` called with each keyring that comes after the first one, and when other keys in the folder change. It throws for a keyring it can't use.
    public func onChange(_ use: @escaping @Sendable (Keyring) throws -> Void) {
        state.withLock { $0.users.append(use) }
    }

    public func run() async {
        while !Task.isCancelled {
            // Ends early, by throwing, when the task is cancelled; then the loop ends too.
            try? await Task.sleep(for: Self.pause)
            if !Task.isCancelled { reload() }
        }
    }

    /// Looks at the files, and hands on what has changed.
    func reload() {
        let contents: Contents
        do throws(SecretsError) {
            contents = try Self.read(folder)
        } catch {
            // What can't be read stays so until it is back: said once.
            let isNew = state.withLock { state in
                defer { state.tried = nil }
                return state.tried != nil
            }
            if isNew { refuse(error) }
            return
        }
        let users: [@Sendable (Keyring) throws -> Void]? = state.withLock { state in
            if state.tried == contents { return nil }
            state.tried = contents
            return state.users
        }
        guard let users else { return }
        do {
            let keyring = try Keyring(parsing: contents.keyring, file: folder.keyringFile)
            // The names of the cluster are in tokens and files: they don't change while a service runs.
            guard keyring.cluster == first.cluster, keyring.account == first.account else { throw SecretsError.foreign(folder: folder.path) }
            for use in users { try use(keyring) }
            log.info("New secrets are in use", .file(folder.path))
        } catch {
            refuse(error)
        }
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
