internal import Backups
public import Bootstrap
public import Contracts
public import HTTP
internal import Encodings
internal import JSON
internal import SQLite
internal import Shards
internal import Trust

/// Who may do what: roles, policies, users and access keys of the account. Start here.
///
/// The gateway asks it for policies and for signing keys, identity for decisions; operators manage it with `aws iam`, and `aws sts
/// get-caller-identity` answers. Everything is read from one snapshot in memory (`AccountDirectory`), which the one writer thread replaces after each
/// commit (`DirectoryStore`). A change raises the generation, for which the gateway waits with a long poll: within a second nothing old is used.
public struct AuthorizerService: HostedService {
    public static let name = ServiceName.authorizer

    public let folder: DataFolder?
    private let store: DirectoryStore
    private let router: Router
    private let backups: BackupDesk
    public let background: [any BackgroundService]

    public init(configuration: AuthorizerConfiguration, runtime: Runtime) async throws {
        try StoredBackup.requireWhole(configuration.folder)
        let account = Account(runtime.cluster)
        let clock = runtime.clock
        runtime.log.opening(configuration.folder)
        folder = try DataFolder(configuration.folder)
        store = try await DirectoryStore.open(folder: configuration.folder, masterKey: runtime.secrets.masterKey(), at: clock.now()) {
            try DefaultRole.changes(account: account, now: clock.now())
        }
        let metrics = AuthorizerMetrics(runtime.metrics)
        let verifier = try InternalVerifier(runtime: runtime)
        let callerKeys = try CallerKeyRoute(runtime)
        // After those who take other secrets of the folder: a root key that can't be used keeps no other from being replaced.
        let root = try RootAccess(runtime, store: store)
        background = [root]
        let asked = InternalRoutes(
            store: store, account: account, root: root, policySeconds: configuration.policySeconds, metrics: metrics,
            log: runtime.log, now: clock.now)
        let query = QueryRoutes(store: store, account: account, metrics: metrics, now: clock.now)
        backups = try BackupDesk(root: configuration.backups, runtime: runtime) { [store] target in
            try await store.copy(to: "\(target.folder)/\(DirectoryStore.fileName)")
        }
        router = try Router(
            asked.routes(verifier) + [callerKeys.route(verifier)] + query.routes(verifier) + backups.routes(verifier),
            metrics: runtime.metrics)
    }

    public var handler: HTTPServer.Handler { router.handler }

    public func readiness() async -> Readiness { await store.isInPlace ? .ready : .fileMoved }

    public func close() async {
        await backups.close()
        await store.close()
        folder?.close()
    }

    public static let errors = ErrorRenderer { error, request in
        if let answer = QueryRoutes.response(to: error, request) { return answer }
        return switch error {
        case let error as InternalCallError: error.response
        case is JSONError, AuthorizerError.malformedMessage: Response.json(JSON.encode(["message": "Bad Request"]), status: .badRequest)
        case let error as SQLiteError where error.isStorageExhausted: ErrorRenderer.json.response(for: HTTPError.overloaded, request: request)
        default: ErrorRenderer.json.response(for: error, request: request)
        }
    }
}
