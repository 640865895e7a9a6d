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
        change.yield()
        runtime.secretsWatch.onChange { [self] _ in
            let new = Self.secrets(try runtime.secrets.rootKeys())
            return { [self] in take(new) }
        }
    }

    private func take(_ new: [String: [UInt8]]) {
        let isNew = secrets.withLock { current in
            defer { current = new }
            return current != new
        }
        if isNew { change.yield() }
    }

    /// Nil where the root principal has no such key.
    func secret(of accessKeyID: String) -> [UInt8]? { secrets.withLock { $0[accessKeyID] } }

    /// Has those who hold signing keys ask for them again when a key has come or gone; and once after each start, since that may have been while nobody looked.
    func run() async throws {
        for await _ in changes {
            var isSaid = false
            while !Task.isCancelled {
                do {
                    try await store.renew()
                    break
                } catch {
                    if !isSaid { log.error("Nobody can be told that root access keys have changed: tried again every second", .error(error)) }
                    isSaid = true
                    // Ends early, by throwing, when the service stops; then the loop ends too.
                    try? await Task.sleep(for: .seconds(1))
                }
            }
        }
    }

    private static func secrets(_ keys: [RootKey]) -> [String: [UInt8]] {
        Dictionary(keys.map { ($0.accessKeyID, Array($0.secret.utf8)) }, uniquingKeysWith: { first, _ in first })
    }
}
