import Backups
public import Bootstrap
public import Contracts
import Crypto
import Files
public import HTTP
import Observability
import Shards
import Threads
import Trust

/// The identity service: user pools, their clients, users and groups, sign-in and tokens, with Amazon Cognito's wire contract.
///
/// `IdentityRoutes` is its HTTP surface, `IdentityAPI` the operations behind it, one file for each group of them. `IdentityIndex` and
/// `UserPoolStore` are the SQL. Passwords are hashed on threads of their own, behind `SignInThrottle`.
public struct IdentityService: HostedService {
    public static let name = ServiceName.identity
    public static let errors = IdentityErrors.renderer
    public let handler: HTTPServer.Handler
    public let background: [any BackgroundService]
    private let index: IdentityIndex
    private let files: PoolFiles
    private let backups: BackupDesk
    private let erasures: ErasureDesk
    private let client: HTTPClient
    private let signingKeys: SigningKeyRefresh
    public let folder: DataFolder?
    /// What a process of an earlier release holds.
    private let formerLock: LockFile

    /// Takes the data folder for this process. Pools open when they are asked for.
    public init(configuration: IdentityConfiguration, runtime: Runtime) async throws {
        try StoredBackup.requireWhole(configuration.folder)
        let master = try MasterKey(of: runtime.secrets)
        let secrets = try SecretSealer(master)
        folder = try DataFolder(configuration.folder)
        formerLock = try LockFile("\(configuration.folder)/lock")
        try Directory.create("\(configuration.folder)/pools")
        runtime.log.opening(configuration.folder)
        try UserPoolStore.schema.refuseNewer(in: try PoolFiles.all(in: "\(configuration.folder)/pools"))
        let gate = RestoreGate(data: configuration.folder)
        index = try IdentityIndex(
            path: "\(configuration.folder)/index.sqlite", secrets: secrets, isRestored: !gate.isOpen,
            thread: try WorkerThread(name: "identity-index"))
        files = PoolFiles(
            folder: "\(configuration.folder)/pools", secrets: secrets, thread: try WorkerThread(name: "identity-pools"),
            erased: index.erasedUsers)
        backups = try BackupDesk(root: configuration.backups, runtime: runtime) { [index, files] target in
            // Pools first: one that the copy of the index names must be there.
            try await files.copy(to: target)
            try await index.copy(to: "\(target.folder)/index.sqlite")
            try await files.copy(to: target)
        }
        erasures = ErasureDesk(index: index, files: files, master: master, gate: gate)
        let passwords = try ComputePool(name: "password", threads: configuration.passwordThreads, capacity: configuration.passwordQueue)
        let keyMakers = try ComputePool(name: "token-keys", threads: 1, capacity: 16)
        let signatures = try ComputePool(name: "signature", threads: 1, capacity: 1024)
        client = HTTPClient(loops: runtime.loops)
        let authorizer = InternalClient(to: .authorizer, at: runtime.address(of: .authorizer), runtime: runtime, client: client)
        let api = IdentityAPI(
            region: runtime.cluster.name, account: runtime.cluster.account, publicURL: runtime.cluster.publicURL, index: index, files: files,
            secrets: secrets, makeKey: { () throws(CryptoError) in try RSAPrivateKey.generate() }, passwords: passwords,
            keyMakers: keyMakers, signatures: signatures,
            throttle: SignInThrottle(burst: configuration.signInBurst, perSecond: configuration.signInsPerSecond),
            pageTokens: try PageTokens(master), hashing: .standard,
            permissions: .authorizer(authorizer), erasures: erasures)
        let rotation = TokenKeyRotation(api: api, lead: Int64(configuration.tokenKeyLead), clock: runtime.clock, log: runtime.log)
        let routes = IdentityRoutes(
            api: api, documents: OpenIDDocuments(api: api, maximumAge: configuration.keySetAge),
            metrics: IdentityMetrics(runtime.metrics, passwords: passwords, signatures: signatures, erasures: erasures), clock: runtime.clock)
        let verifier = try InternalVerifier(runtime: runtime)
        signingKeys = try SigningKeyRefresh(
            verifier, runtime: runtime, client: client, key: master.derive("signing keys"), folder: configuration.folder)
        handler = try Router(
            routes.routes(verifier) + TokenKeyRoutes(rotation: rotation).routes(verifier) + ErasureRoute(desk: erasures).routes(verifier)
                + backups.routes(verifier), metrics: runtime.metrics
        ).handler
        background = [ErasureWork(desk: erasures, log: runtime.log), rotation, signingKeys]
    }

    public func readiness() async -> Readiness {
        guard await index.isInPlace, await files.isInPlace else { return .fileMoved }
        return erasures.isOpen
            ? signingKeys.readiness : .notReady("the list of erasures is a backup's: it waits for what the notes and audit services have of it")
    }

    public func close() async {
        await backups.close()
        erasures.close()
        await client.shutDown()
        await files.close()
        folder?.close()
    }
}
