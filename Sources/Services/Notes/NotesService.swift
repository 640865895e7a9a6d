internal import Backups
public import Bootstrap
public import Contracts
internal import Crypto
internal import Encodings
internal import Erasures
internal import EventLog
public import HTTP
internal import Kafka
internal import Observability
internal import Shards
internal import Transport
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
    public let folder: DataFolder?
    private let shards: ShardSet<NoteStore>
    private let witnesses: OutboxWitnesses
    private let ledger: ErasureLedger
    private let backups: BackupDesk
    private let signingKeys: SigningKeyRefresh
    private let gate: RestoreGate

    /// Takes the data folder for this process. Files open when they are asked for, those with undelivered events at once.
    public init(configuration: NotesConfiguration, runtime: Runtime) async throws {
        try StoredBackup.requireWhole(configuration.folder)
        let master = try MasterKey(of: runtime.secrets)
        let signer = try Self.eventSigner(runtime)
        runtime.log.opening(configuration.folder)
        let (feed, metrics, log) = (CommitFeed(), NotesMetrics(runtime.metrics), runtime.log)
        let folder = try DataFolder(configuration.folder)
        self.folder = folder
        witnesses = try OutboxWitnesses(in: configuration.folder)
        let ledger = try ErasureLedger(data: configuration.folder)
        self.ledger = ledger
        ledger.count(in: runtime.metrics)
        let store = NoteStore(
            master: master, signer: signer, limits: configuration.limits, witnesses: witnesses,
            now: runtime.clock.now, committed: { feed.send($0) }, erasures: { try ledger.erasures(in: $0.text, where: $1) },
            setBack: { shard in
                metrics.setBack.increment()
                log.error(
                    "A shard was set back to an older state: what was acknowledged since is gone from it, but who was erased is erased again",
                    .tenant(shard.tenant.text), .shard(shard.number))
            },
            missing: { shard in
                metrics.setBack.increment()
                log.error(
                    "A shard's file, or its tenant's manifest, is missing that was there before: nothing of it is served until it is put back",
                    .tenant(shard.tenant.text), .shard(shard.number))
            })
        shards = try ShardSet(
            folder: folder, store: store, master: master, settings: configuration.shards,
            metrics: ShardMetrics(runtime.metrics), makeKeyID: store.makeID)
        runtime.metrics.gauge("strongroom_shards_missing", help: "Files, or manifests, that were there once and are gone.") { [shards] in
            Double(shards.missingShards.count)
        }
        gate = RestoreGate(data: configuration.folder)
        let source = NotesSource(shards: shards)
        let verifier = try InternalVerifier(runtime: runtime)
        let notes = NotesRoutes(
            storage: NoteStorage(shards: shards), tokens: PageTokens(key: master.derive("page token")), metrics: metrics,
            gate: gate)
        backups = try BackupDesk(root: configuration.backups, runtime: runtime) { [shards] target in
            // First: what it says is erased is so in every copy made after it.
            try await ledger.copy(into: target.folder)
            try await target.each(try await shards.tenantsWithMissing()) { try await shards.backUp($0, below: target.folder) }
        }
        let export = try TenantExport(shards: shards, store: store, data: configuration.folder, log: runtime.log)
        let routes =
            notes.routes(verifier) + InternalRoutes(source: source).routes(verifier) + backups.routes(verifier)
            + ExportRoute(export: export, gate: gate).routes(verifier)
        handler = try Router(routes, metrics: runtime.metrics).handler
        let client = HTTPClient(loops: runtime.loops)
        let relay = Self.makeRelay(configuration, runtime, source, client)
        feed.connect { relay.committed($0) }
        signingKeys = try SigningKeyRefresh(
            verifier, runtime: runtime, client: client, key: master.derive("signing keys"), folder: configuration.folder)
        let erasure = NoteErasure(shards: shards, relay: relay)
        let erasures = ErasureFollower(
            ledger: ledger, gate: gate, log: runtime.log,
            ask: ErasureFollower.asking(InternalClient(to: .identity, at: runtime.address(of: .identity), runtime: runtime, client: client)),
            carryOut: erasure.carryOut)
        background = [relay, erasures, NotesMaintenance(shards: shards, relay: relay, log: runtime.log), signingKeys]
    }

    /// Signs with the keyring's first key, also when that is another.
    private static func eventSigner(_ runtime: Runtime) throws -> EventSigner {
        let file = runtime.secrets.keyringFile
        @Sendable func key(_ keyring: Keyring) throws(SecretsError) -> Keyring.EventKey {
            guard let key = keyring.eventKeys.first(where: { $0.source == .notes }) else {
                throw .malformed(file: file, part: "an event key of notes")
            }
            return key
        }
        let first = try key(runtime.keyring)
        let signer = EventSigner(source: .notes, keyID: first.kid, key: first.key)
        runtime.secretsWatch.onChange { keyring in
            let now = try key(keyring)
            return { signer.use(keyID: now.kid, key: now.key) }
        }
        return signer
    }

    private static func makeRelay(
        _ configuration: NotesConfiguration, _ runtime: Runtime, _ source: NotesSource, _ client: HTTPClient
    ) -> EventRelay {
        let audit = InternalClient(to: .audit, at: runtime.address(of: .audit), runtime: runtime, client: client)
        return EventRelay(
            source: source, marks: SignedMarksClient(source: .notes, audit: audit),
            configuration: RelayConfiguration(
                producer: ProducerConfiguration(
                    brokers: configuration.kafka.brokers, clientID: "strongroom-notes", properties: configuration.kafka.properties),
                topic: EventTopic.notes,
                limits: RelayLimits(windowBytes: configuration.relayWindow)),
            loop: runtime.loops.current, log: runtime.log, metrics: RelayMetrics(runtime.metrics), tracer: runtime.tracer)
    }

    /// Readiness is about requests: with a full disk reads still work, and writes say so one by one.
    public func readiness() async -> Readiness {
        guard await shards.isInPlace, await ledger.isInPlace, witnesses.isInPlace else { return .fileMoved }
        guard shards.missingShards.isEmpty else {
            return .notReady(
                "a shard's file, or its tenant's manifest, is missing that was there before: nothing of it is served, and the log names it")
        }
        return gate.isOpen ? signingKeys.readiness : ledger.whatIsAwaited
    }

    public func close() async {
        await backups.close()
        await shards.close()
    }
}
