public import Bootstrap
public import Contracts
internal import Crypto
internal import Encodings
internal import EventLog
public import HTTP
internal import Observability
internal import SQLite
internal import Shards
internal import Trust

/// The notes service: every tenant's notes in shards of their own, each change with its event in the same transaction.
///
/// `NotesRoutes` is its HTTP surface, `NoteStorage` what stands behind it, `NoteWriter` and `NoteReader` the SQL. `NotesSource`
/// shows the events to the relay, which publishes them, and to the audit service, which may ask for them again.
public struct NotesService: HostedService {
    public static let name = ServiceName.notes
    public static let errors = NotesErrors.renderer
    public let handler: HTTPServer.Handler
    public let background: [any BackgroundService]
    private let shards: ShardSet<NoteStore>

    /// Takes the data folder for this process. Files open when they are asked for, those with undelivered events at once.
    public init(configuration: NotesConfiguration, runtime: Runtime) async throws {
        guard let master = MasterKey(try runtime.secrets.masterKey()) else {
            throw SecretsError.malformed(file: runtime.secrets.masterKeyFile, part: "32 bytes")
        }
        guard let key = runtime.keyring.eventKeys.first(where: { $0.source == .notes }) else {
            throw SecretsError.malformed(file: runtime.secrets.keyringFile, part: "an event key of notes")
        }
        runtime.log.info("Opening notes", .file(configuration.folder), .version("SQLite \(SQLiteLibrary.version)"))
        if SQLiteLibrary.hasWriteAheadLogResetDefect {
            runtime.log.warning("This SQLite can lose commits to a second writer, so no other process may open the files")
        }
        let feed = CommitFeed()
        let store = NoteStore(
            master: master, signer: EventSigner(source: .notes, keyID: key.kid, key: key.key), limits: configuration.limits,
            now: runtime.clock.now, committed: { feed.send($0) })
        shards = try ShardSet(
            root: configuration.folder, store: store, master: master, settings: configuration.shards, makeKeyID: store.makeID)
        let source = NotesSource(shards: shards)
        let verifier = try InternalVerifier(runtime: runtime)
        let notes = NotesRoutes(
            storage: NoteStorage(shards: shards), tokens: PageTokens(key: master.derive("page token")), metrics: NotesMetrics(runtime.metrics))
        handler = try Router(notes.routes(verifier) + InternalRoutes(source: source).routes(verifier)).handler
        background = [NotesMaintenance(shards: shards, log: runtime.log)]
    }

    /// Readiness is about requests: with a full disk reads still work, and writes say so one by one.
    public func readiness() async -> Readiness { .ready }

    public func close() async { await shards.close() }
}
