internal import Contracts
internal import Encodings
internal import EventLog
internal import Kafka
internal import Observability
internal import Processes
internal import Shards
internal import Threads

/// Takes what was consumed: verifies it on a thread of its own, while the writing threads store what came before, and lets no offset move
/// before all of a batch is on the disk.
actor EventIntake: OnThread, EventSink {
    nonisolated let thread: WorkerThread
    let log: AuditLog
    private let verifier: EventVerifier
    private let deadLetters: DeadLetters?
    private let gaps: GapWatch
    private let metrics: AuditMetrics
    private let logger: Logger
    private let tracer: Tracer?
    private let line = WaitingLine()
    private let afterStore = FailPoint("audit.after-store")
    /// Tenants whose logs took nothing the last time, however often they were tried.
    private var passedOver: Set<TenantName> = []

    /// How often a batch is tried where storage may be back in a moment.
    private static let attempts = 5
    private static let pause = Duration.seconds(1)

    /// A tenant's events, in the order they came.
    private struct Group {
        let tenant: TenantName
        let bytes: [UInt8]
        var events: [VerifiedEvent]
    }

    /// - Parameter deadLetters: where messages go that are no events of ours; nil drops them.
    init(
        log: AuditLog, verifier: EventVerifier, deadLetters: DeadLetters?, gaps: GapWatch, metrics: AuditMetrics, logger: Logger,
        tracer: Tracer? = nil
    ) throws(ThreadError) {
        thread = try WorkerThread(name: "audit-verify")
        self.log = log
        self.verifier = verifier
        self.deadLetters = deadLetters
        self.gaps = gaps
        self.metrics = metrics
        self.logger = logger
        self.tracer = tracer
    }

    func receive(_ batch: RecordBatch) async throws {
        let started = SystemClock.monotonicNanoseconds()
        var groups: [Group] = []
        var traced: [(message: TraceContext, topic: String)] = []
        for index in 0..<batch.count {
            do throws(EventError) {
                let event = try batch.withValue(index) { (value) throws(EventError) in try verifier.verify(value) }
                try add(event, to: &groups)
                if tracer != nil, let message = Self.trace(of: batch, index) { traced.append((message, batch.topic(index))) }
            } catch {
                deadLetters?.add(batch, index, reason: error)
            }
        }
        try await storeOrPassOver(groups)
        afterStore.pass()
        let microseconds = (SystemClock.monotonicNanoseconds() - started) / 1000
        for (message, topic) in traced { tracer?.recordProcess(message, topic: topic, microseconds: microseconds) }
    }

    private static func trace(of batch: RecordBatch, _ index: Int) -> TraceContext? {
        batch.withHeader(HeaderNames.traceparent.description, of: index) { TraceContext(parsing: $0) } ?? nil
    }

    /// Verifies and stores envelopes that a source sent again.
    /// - Returns: how many of them were refused.
    func receive(_ envelopes: [[UInt8]]) async throws -> Int {
        var groups: [Group] = []
        var refused = 0
        for envelope in envelopes {
            do throws(EventError) { try add(try verifier.verify(envelope), to: &groups) } catch { refused += 1 }
        }
        if let failure = await store(groups).first { throw failure.error }
        return refused
    }

    private func add(_ event: VerifiedEvent, to groups: inout [Group]) throws(EventError) {
        let tenant = event.event.span.extracting(event.fields.tenant.range)
        // Messages of one tenant lie in one partition, mostly together.
        for index in groups.indices.reversed() {
            let name = groups[index].bytes
            guard tenant.equals(name.span) else { continue }
            groups[index].events.append(event)
            return
        }
        let bytes = [UInt8](event.event.span, event.fields.tenant)
        // A source may sign any name, but only some can be a folder's.
        guard let name = TenantName(String(decoding: bytes, as: UTF8.self)) else { throw .invalid(field: "tenant") }
        groups.append(Group(tenant: name, bytes: bytes, events: [event]))
    }

    /// Returns once all are on the disk, but for those of tenants whose logs go on failing: what one can't take keeps nobody else's events waiting. Its source
    /// keeps it until the log has it, and is asked for it.
    /// - Throws: where the service as a whole can't store now; then the batch comes again.
    private func storeOrPassOver(_ all: [Group]) async throws {
        var groups = all
        for attempt in 1...Self.attempts where !groups.isEmpty {
            // Cancelled when the service ends.
            if attempt > 1 { try await Task.sleep(for: Self.pause) }
            let failures = await store(groups)
            if !passedOver.isEmpty {
                let failed = Set(failures.map(\.write))
                for (index, group) in groups.enumerated() where !failed.contains(index) { passedOver.remove(group.tenant) }
            }
            var again: [Group] = []
            for failure in failures {
                let (group, error) = (groups[failure.write], AuditError(failure.error))
                if error.isOfTheService { throw error }
                if error.mayPass, attempt < Self.attempts, !passedOver.contains(group.tenant) {
                    again.append(group)
                } else {
                    passOver(group.tenant, error)
                }
            }
            groups = again
        }
    }

    private func passOver(_ tenant: TenantName, _ error: AuditError) {
        passedOver.insert(tenant)
        logger.error("A tenant's log could not take its events: they are asked for until it can", .tenant(tenant.text), .error(error))
        gaps.found(tenant)
    }

    /// Hands each tenant's events to its writer, and returns when all are on the disk, but for those of tenants whose logs failed.
    private func store(_ groups: [Group]) async -> [IngestTurn.Failure] {
        if groups.isEmpty { return [] }
        // A new tenant's folder is made first, and nobody overtakes meanwhile; from there to the last submission nothing suspends.
        await line.enter()
        var shards: [Result<ShardID, AuditError>] = []
        for group in groups {
            do throws(AuditError) { shards.append(.success(try await log.makeShard(of: group.tenant))) } catch { shards.append(.failure(error)) }
        }
        line.leave()
        let turn = IngestTurn(writes: groups.count)
        for (index, group) in groups.enumerated() {
            switch shards[index] {
            case .failure(let error): turn.end(index, error)
            case .success(let shard):
                let events = group.events
                log.shards.submit(shard, { try $0.ingest(events) }) { [metrics, logger] result in
                    switch result {
                    case .success(let report):
                        metrics.count(report)
                        Self.raiseAlarm(report, logger)
                        turn.end(index, nil)
                    case .failure(let error): turn.end(index, error)
                    }
                }
            }
        }
        return await turn.wait()
    }

    private static func raiseAlarm(_ report: IngestReport, _ logger: Logger) {
        for position in report.positions {
            logger.error(
                "A source signed events that contradict each other", .tenant(position.stream.tenant), .stream(position.headerValue),
                .caller(position.stream.source.rawValue))
        }
    }
}
