internal import Bootstrap
internal import Observability
internal import Synchronization

/// The root principal's access keys, as the operator's secrets folder has them; read again when they change.
final class RootAccess: BackgroundService {
    let name = "root access"
    private let secrets: Mutex<[String: [UInt8]]>
    private let store: DirectoryStore
    private let log: Logger
    private let (changes, change) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))

    init(_ runtime: Runtime, store: DirectoryStore) throws {
        secrets = Mutex(Self.secrets(try runtime.secrets.rootKeys()))
        self.store = store
        log = runtime.log
        runtime.secretsWatch.onChange { [self] _ in
            let new = Self.secrets(try runtime.secrets.rootKeys())
            let isNew = secrets.withLock { current in
                defer { current = new }
                return current != new
            }
            if isNew { change.yield() }
        }
    }

    /// Nil where the root principal has no such key.
    func secret(of accessKeyID: String) -> [UInt8]? { secrets.withLock { $0[accessKeyID] } }

    /// Has those who hold signing keys ask for them again when a key has gone.
    func run() async throws {
        for await _ in changes {
            do {
                try await store.renew()
            } catch {
                log.error(
                    "The gateway was not told of replaced root access keys: it uses signing keys of theirs for up to five minutes", .error(error))
            }
        }
    }

    private static func secrets(_ keys: [RootKey]) -> [String: [UInt8]] {
        Dictionary(keys.map { ($0.accessKeyID, Array($0.secret.utf8)) }, uniquingKeysWith: { first, _ in first })
    }
}
