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

/// The audit service: every tenant's events in a log of its own, verified, each once, in their streams' order.
///
/// `EventIntake` takes what the consumer reads, `AuditWriter` judges and stores it, `GapFiller` asks sources for what is missing.
/// `AuditRoutes` is the HTTP surface, `AuditReader` the queries behind it. `MarksRoute` tells sources how far they have arrived.
public struct AuditService: HostedService {
    public static let name = ServiceName.audit
    public static let errors = AuditErrors.renderer
    public let handler: HTTPServer.Handler
    public let background: [any BackgroundService]
    public let folder: DataFolder?
    private let shards: ShardSet<AuditStore>
    private let ledger: ErasureLedger
    private let backups: BackupDesk
    private let signingKeys: SigningKeyRefresh
    private let gate: RestoreGate
    let intake: EventIntake
    let marks: Marks

    /// Takes the data folder for this process. Files open when they are asked for, those that lack events at once.
    public init(configuration: AuditConfiguration, runtime: Runtime) async throws {
        try StoredBackup.requireWhole(configuration.folder)
        let master = try MasterKey(of: runtime.secrets)
        runtime.log.opening(configuration.folder)
        let (board, gaps, metrics) = (MarkBoard(), GapWatch(), AuditMetrics(runtime.metrics))
        let folder = try DataFolder(configuration.folder)
        self.folder = folder
        let ledger = try ErasureLedger(data: configuration.folder)
        self.ledger = ledger
        ledger.count(in: runtime.metrics)
        let store = AuditStore(master: master, now: runtime.clock.now, erasures: { try ledger.erasures(in: $0.text, where: $1).map(\.erasure) }) {
            commit in
            board.publish(commit.marks)
            if commit.hasGap, let tenant = TenantName(commit.tenant) { gaps.found(tenant) }
        }
        shards = try ShardSet(
            folder: folder, store: store, master: master, settings: configuration.shards,
            metrics: ShardMetrics(runtime.metrics), makeKeyID: store.makeID)
        let log = AuditLog(shards: shards, limits: configuration.page)
        let events = EventVerifier(keys: runtime.keyring.eventKeys.map { ($0.source, $0.kid, $0.key) })
        runtime.secretsWatch.onChange { keyring in { events.use(keys: keyring.eventKeys.map { ($0.source, $0.kid, $0.key) }) } }
        gate = RestoreGate(data: configuration.folder)
        intake = try EventIntake(
            log: log, verifier: events,
            deadLetters: DeadLetters(
                producer: ProducerConfiguration(
                    brokers: configuration.kafka.brokers, clientID: "strongroom-audit", properties: configuration.kafka.properties), log: runtime.log,
                metrics: DeadLetterMetrics(runtime.metrics)),
            gaps: gaps, metrics: metrics, logger: runtime.log, tracer: runtime.tracer)
        let client = HTTPClient(loops: runtime.loops)
        let sources = Self.sources(runtime, client)
        marks = Marks(board: board, log: log, gaps: gaps)
        let completeness = CompletenessCheck(log: log, sources: sources, gaps: gaps, logger: runtime.log)
        let logs = LogBackup(shards: shards, log: log, sources: sources)
        backups = try BackupDesk(root: configuration.backups, runtime: runtime) { target in
            // First: who it says is erased is so in every copy made after it.
            try await ledger.copy(into: target.folder)
            try await logs.copy(to: target)
        }
        let routes = AuditRoutes(
            log: log, marks: marks, cursors: try EventCursors(key: master.derive("audit-cursor")), completeness: completeness, metrics: metrics,
            auditors: configuration.auditors, waitMilliseconds: configuration.waitMilliseconds, makeID: store.makeID, now: runtime.clock.now,
            gate: gate)
        let verifier = try InternalVerifier(runtime: runtime)
        handler = try Router(
            routes.routes(verifier) + MarksRoute(marks: marks).routes(verifier) + backups.routes(verifier), metrics: runtime.metrics
        ).handler
        signingKeys = try SigningKeyRefresh(
            verifier, runtime: runtime, client: client, key: master.derive("signing keys"), folder: configuration.folder)
        var background: [any BackgroundService] = [
            Self.consumer(configuration, runtime, intake),
            GapFiller(log: log, gaps: gaps, intake: intake, sources: sources, metrics: metrics, logger: runtime.log),
            SourceSurvey(marks: marks, gaps: gaps, sources: sources, logger: runtime.log),
            AuditMaintenance(shards: shards, log: runtime.log),
            signingKeys,
            ErasureFollower(ledger: ledger, gate: gate, log: runtime.log, ask: Self.erasures(runtime, client), carryOut: log.erase),
        ]
        // The embedded broker's topics are made by whoever starts it.
        if configuration.ownPartitions == nil {
            background.append(
                TopicSetup(
                    kafka: configuration.kafka, partitions: configuration.partitions, retentionHours: configuration.retentionHours,
                    log: runtime.log))
        }
        self.background = background
    }

    /// Those who write events and can be asked.
    private static func sources(_ runtime: Runtime, _ client: HTTPClient) -> [any EventSourceClient] {
        [ServiceName.notes].compactMap { source in
            runtime.peers[source].map { SignedSourceClient(InternalClient(to: source, at: $0, runtime: runtime, client: client)) }
        }
    }

    private static func erasures(_ runtime: Runtime, _ client: HTTPClient) -> ErasureFollower.Ask {
        ErasureFollower.asking(InternalClient(to: .identity, at: runtime.address(of: .identity), runtime: runtime, client: client))
    }

    private static func consumer(_ configuration: AuditConfiguration, _ runtime: Runtime, _ intake: EventIntake) -> EventConsumer {
        EventConsumer(
            configuration: ConsumerConfiguration(
                brokers: configuration.kafka.brokers, clientID: "strongroom-audit", group: "strongroom-audit", fetchWait: configuration.fetchWait,
                ownPartitions: configuration.ownPartitions, properties: configuration.kafka.properties),
            topics: EventTopic.sources, sink: intake, loop: runtime.loops.current, log: runtime.log, metrics: ConsumerMetrics(runtime.metrics))
    }

    /// Readiness is about requests: with a source away the log can still be read, and says itself what it lacks.
    public func readiness() async -> Readiness {
        guard await shards.isInPlace, await ledger.isInPlace else { return .fileMoved }
        return gate.isOpen ? signingKeys.readiness : ledger.whatIsAwaited
    }

    public func close() async {
        await backups.close()
        await shards.close()
    }
}
