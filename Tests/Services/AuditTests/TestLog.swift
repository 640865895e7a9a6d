import Bootstrap
import Contracts
import Crypto
import Encodings
import EventLog
import Files
import JSON
import Observability
import SQLite
import Shards
import Synchronization

@testable import Audit

/// Tenants' logs in a folder of their own, without HTTP.
final class TestLog: Sendable {
    let folder: String
    let log: AuditLog
    let intake: EventIntake
    let board: MarkBoard
    let gaps: GapWatch
    let metrics: AuditMetrics
    let logger = Logger(service: "audit", buffer: LogBuffer { _ in }, now: { .epoch })

    static let tenant = TenantName(EventStream.tenant)!
    static let master = MasterKey([UInt8](repeating: 3, count: 32))!

    init(_ folder: String, limits: PageLimits = PageLimits(), registry: MetricsRegistry = MetricsRegistry()) throws {
        self.folder = folder
        let (board, gaps) = (MarkBoard(), GapWatch())
        (self.board, self.gaps, metrics) = (board, gaps, AuditMetrics(registry))
        let store = AuditStore(master: Self.master, now: { EventStream.time(0) }, erasures: { _, _ in [] }) { commit in
            board.publish(commit.marks)
            if commit.hasGap, let tenant = TenantName(commit.tenant) { gaps.found(tenant) }
        }
        var settings = ShardSettings(name: "audit")
        settings.shardsPerTenant = 1
        log = AuditLog(
            shards: try ShardSet(
                folder: try DataFolder(folder), store: store, master: Self.master, settings: settings, metrics: ShardMetrics(MetricsRegistry()),
                makeKeyID: store.makeID
            ), limits: limits)
        intake = try EventIntake(log: log, verifier: EventStream.verifier, deadLetters: nil, gaps: gaps, metrics: metrics, logger: logger)
    }

    static func run(limits: PageLimits = PageLimits(), _ body: (TestLog) async throws -> Void) async throws {
        let folder = try Directory.temporary(prefix: "audit-")
        let log = try TestLog(folder, limits: limits)
        let result: Result<Void, any Error>
        do { result = .success(try await body(log)) } catch { result = .failure(error) }
        await log.close()
        try Directory.removeTree(folder)
        try result.get()
    }

    func close() async { await log.shards.close() }

    /// The same folder, opened as by a process that was started again.
    func reopened() async throws -> TestLog {
        await close()
        return try TestLog(folder)
    }

    /// Verifies, as the intake does, and stores.
    func store(_ envelopes: [[UInt8]], tenant: TenantName = tenant) async throws -> IngestReport {
        let verifier = EventStream.verifier
        return try await log.ingest(try envelopes.map { try verifier.verify($0) }, of: tenant)
    }

    func mark(of stream: StreamID, tenant: TenantName = tenant) async throws -> UInt64? { try await log.streams(of: tenant)[stream]?.mark }

    func page(_ query: EventQuery, tenant: TenantName = tenant) async throws -> (events: [JSONValue], page: EventPage) {
        let page = try await log.page(query, of: tenant)
        let json = try JSON.parse(EventJSON.encode(page, nextToken: nil))
        return (json["events"]?.array ?? [], page)
    }

    /// All pages of a query.
    func all(_ query: EventQuery, tenant: TenantName = tenant) async throws -> [JSONValue] {
        var (query, events) = (query, [JSONValue]())
        while true {
            let (more, page) = try await page(query, tenant: tenant)
            events += more
            if page.isComplete { return events }
            query.after = page.next
        }
    }

    /// The file itself, behind the service's back.
    func withFile<R>(_ body: (Connection) throws -> R) throws -> R {
        try body(try Connection(path: "\(folder)/\(EventStream.tenant)/0.sqlite", role: .reader))
    }
}

extension AuditLog {
    func ingest(_ events: [VerifiedEvent], of tenant: TenantName) async throws(AuditError) -> IngestReport {
        try await write(tenant) { try $0.ingest(events) }
    }
}

extension EventQuery {
    init(_ filter: EventFilter = EventFilter(), order: EventOrder = .oldest, limit: Int = 50) {
        self.init()
        (self.filter, self.order, self.limit) = (filter, order, limit)
    }
}
