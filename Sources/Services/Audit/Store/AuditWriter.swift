internal import Contracts
internal import Crypto
internal import Encodings
internal import EventLog
internal import SQLite
internal import Shards

/// Appends to one tenant's log. Rows, marks and conflicts of a batch are in one transaction; the leaf index counts without a gap.
final class AuditWriter: ShardWriter {
    struct Savepoint {
        let state: LogState
        let streams: Int
        let subjects: Int
        let actions: Int
    }

    let store: AuditStore
    let tenant: String
    let streams: Streams
    let connection: Connection
    let subjects: Subjects
    private let actions: Actions
    private let keys: IndexKeys
    private var addresses = ByteCache<Int64>(places: 256)
    private var recent = ByteCache<Subjects.Subject>(places: 8192)
    private var recentActions = ByteCache<Int64>(places: 64)
    private let insertEvent: Statement
    private let insertBody: Statement
    /// The service's own stream in this log, of its queries.
    private let own: StreamID
    var state: LogState
    private var durable: LogState
    /// Is in `state.changed`; most events follow one of the same stream.
    private var lastChanged: StreamID?

    init(connection: Connection, tenant: String, keyring: TenantKeyring, store: AuditStore) throws {
        self.connection = connection
        self.tenant = tenant
        self.store = store
        keys = store.indexKeys(of: tenant)
        streams = Streams(connection, tenant: tenant)
        subjects = Subjects(connection, keyring)
        actions = Actions(connection)
        insertEvent = try connection.statement(
            """
            INSERT INTO event(leaf, stream, seq, time, subject, resource, action, outcome, address, commitment)
            VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """)
        insertBody = try connection.statement("INSERT INTO body(leaf, sealed) VALUES(?, ?)")
        own = StreamID(source: .audit, tenant: tenant, shard: 0, epoch: try Self.epoch(connection, make: store.makeID))
        let last = try connection.first("SELECT max(leaf) FROM event") { $0.optionalInteger(0) } ?? nil
        // Leaves count up from 0: somebody has written to the file.
        guard (0..<Int64.max).contains(last ?? 0) else { throw ShardError.corrupt(file: connection.path) }
        state = LogState(
            machine: AuditMachine(streams: try streams.load()), nextLeaf: last.map { $0 + 1 } ?? 0,
            spans: TimeSpans(
                current: try connection.first("SELECT block, earliest, latest FROM span ORDER BY block DESC LIMIT 1") {
                    ($0.integer(0), TimeSpans.Span(earliest: $0.integer(1), latest: $0.integer(2)))
                }))
        durable = state
    }

    /// The epoch of the service's own stream; a new file, and one that came from a backup, gets a new one.
    private static func epoch(_ connection: Connection, make: () -> UUID) throws -> UUID {
        let known = try connection.first("SELECT epoch FROM log") { $0.withBytes(0) { UUID(bytes: $0) } }
        if let known = known ?? nil { return known }
        let epoch = make()
        try connection.run("INSERT INTO log(id, epoch) VALUES(1, ?1) ON CONFLICT(id) DO UPDATE SET epoch = ?1", .blob(epoch.bytes))
        return epoch
    }

    // MARK: Events

    /// Judges and stores events in the order they came.
    func ingest(_ events: [VerifiedEvent]) throws -> IngestReport {
        var report = IngestReport()
        for event in events { try take(event, &report) }
        return report
    }

    /// Appends an event of the service itself to its own stream.
    func record(_ occurrence: Occurrence) throws -> StreamPosition {
        let actor = occurrence.actor.userID
        // A token outlives its user: who is erased asks for nothing.
        if !actor.isEmpty, try subjects.isErased(actor) { throw AuditError.unauthorized }
        let last = state.machine.streams[own] ?? AuditStream()
        let event = Event(stream: own, seq: last.mark + 1, previous: last.digest, occurrence: occurrence)
        // The same way as every other event: signed, verified, judged.
        let verified = try store.ownVerifier.verify(try store.ownSigner.sign(event).envelope)
        var report = IngestReport()
        try take(verified, &report)
        guard report.stored == 1 else { throw AuditError.failed("the service's own event was not stored") }
        return event.position
    }

    private func take(_ event: VerifiedEvent, _ report: inout IngestReport) throws {
        guard let entry = try streams.entry(of: event) else {
            report.strays += 1
            report.name(StreamPosition(stream: (try? event.stream()) ?? own, seq: event.fields.seq))
            return
        }
        let seq = event.fields.seq
        let decision = try state.machine.receive(entry.stream, seq: seq, previous: event.previous, digest: event.digest) { seq in
            try storedDigest(entry, seq: seq, expecting: event.digest)
        }
        switch decision {
        case .append:
            try append(event, entry)
            report.stored += 1
        case .duplicate:
            report.duplicates += 1
            return
        case .conflict:
            try keepConflict(event, entry)
            report.conflicts += 1
            report.name(StreamPosition(stream: entry.stream, seq: seq))
        case .gap: report.gaps += 1
        }
        if lastChanged != entry.stream {
            state.changed.insert(entry.stream)
            lastChanged = entry.stream
        }
    }

    private func append(_ event: VerifiedEvent, _ entry: Streams.Entry) throws {
        let (fields, span, leaf) = (event.fields, event.event.span, state.nextLeaf)
        let subject = try subject(span, fields)
        let body = LeafBody.salted(event.event)
        let commitment = Leaf(salt: body.span.extracting(0..<Leaf.saltCount), event: event.digest).commitment

        try insertEvent.bind(1, leaf)
        try insertEvent.bind(2, entry.row)
        try insertEvent.bind(3, Int64(fields.seq))
        try insertEvent.bind(4, fields.time)
        try insertEvent.bind(5, subject.row)
        if !fields.resourceID.isEmpty { try insertEvent.bind(6, IndexKeys.resource(span.extracting(fields.resourceID.range))) }
        try insertEvent.bind(7, try action(span, fields.action))
        try insertEvent.bind(8, Int64(fields.outcome))
        try insertEvent.bind(9, subject.key == nil ? 0 : address(span, fields.sourceAddress))
        try commitment.withSpan { bytes throws(SQLiteError) in try insertEvent.bind(10, bytes) }
        try insertEvent.run()
        try insertBody.bind(1, leaf)
        // Of who is erased the leaf stays, whose salt nobody has, and no body.
        let sealed = subject.key?.seal(body.span, record: entry.stream.epoch, field: AuditSchema.Field.body, version: UInt64(leaf))
        try insertBody.bind(2, sealed ?? [])
        try insertBody.run()
        state.nextLeaf += 1
        state.spans.add(leaf: leaf, time: fields.time)
    }

    private func address(_ span: Span<UInt8>, _ range: ByteRange) -> Int64 {
        if range.isEmpty { return 0 }
        let text = span.extracting(range.range)
        if let known = addresses.value(for: text) { return known }
        let number = keys.address(text)
        addresses.insert(number, for: [UInt8](span, range))
        return number
    }

    private func subject(_ span: Span<UInt8>, _ fields: EventFields) throws -> Subjects.Subject {
        let range = fields.userID.isEmpty ? fields.principal : fields.userID
        if let known = recent.value(for: span.extracting(range.range)) { return known }
        let subject = try subjects.findOrAdd(range.isEmpty ? "" : span.string(range), makeID: store.makeID)
        recent.insert(subject, for: [UInt8](span, range))
        return subject
    }

    private func action(_ span: Span<UInt8>, _ range: ByteRange) throws -> Int64 {
        if let known = recentActions.value(for: span.extracting(range.range)) { return known }
        let name = [UInt8](span, range)
        let number = try actions.findOrAdd(name)
        recentActions.insert(number, for: name)
        return number
    }

    /// After a rollback, rows that were added are no more; after an erasure, keys.
    func forgetRecent() {
        lastChanged = nil
        recent.removeAll()
        recentActions.removeAll()
    }

    /// `digest` if it is what was stored at that place, or if that can't be told any more because the subject was erased.
    private func storedDigest(_ entry: Streams.Entry, seq: UInt64, expecting digest: SHA256Digest) throws -> SHA256Digest? {
        let select = try connection.statement(
            "SELECT leaf, subject, commitment, sealed FROM event JOIN body USING(leaf) WHERE stream = ? AND seq = ?")
        defer { select.reset() }
        try select.bind(1, entry.row)
        try select.bind(2, Int64(seq))
        guard try select.step() else { return nil }
        guard let key = try subjects.find(row: select.integer(1))?.key else { return digest }
        let leaf = UInt64(bitPattern: select.integer(0))
        // A body that does not open was tampered with: then nothing is known to be equal, which is a conflict and an alarm.
        let body = select.withBytes(3) { try? key.open($0, record: entry.stream.epoch, field: AuditSchema.Field.body, version: leaf) }
        guard let body, let salt = LeafBody.salt(body) else { return nil }
        return select.withBytes(2) { SHA256Digest($0) } == Leaf(salt: salt.span, event: digest).commitment ? digest : nil
    }

    private func keepConflict(_ event: VerifiedEvent, _ entry: Streams.Entry) throws {
        let insert = try connection.statement(
            "INSERT INTO conflict(stream, seq, digest, received) VALUES(?, ?, ?, ?) ON CONFLICT DO NOTHING")
        try insert.bind(1, entry.row)
        try insert.bind(2, Int64(event.fields.seq))
        try insert.bind(3, event.digest.bytes)
        try insert.bind(4, store.now().microseconds)
        try insert.run()
    }

    // MARK: ShardWriter

    func savepoint() -> Savepoint {
        Savepoint(state: state, streams: streams.added.count, subjects: subjects.added.count, actions: actions.added.count)
    }

    func rollBack(to savepoint: Savepoint) {
        state = savepoint.state
        streams.rollBack(to: savepoint.streams)
        subjects.rollBack(to: savepoint.subjects)
        actions.rollBack(to: savepoint.actions)
        forgetRecent()
    }

    func willCommit() throws {
        for stream in state.changed {
            if let changed = state.machine.streams[stream] { try streams.save(stream, changed) }
        }
        let insert = try connection.statement(
            """
            INSERT INTO span(block, earliest, latest) VALUES(?1, ?2, ?3)
            ON CONFLICT(block) DO UPDATE SET earliest = excluded.earliest, latest = excluded.latest
            """)
        for (block, span) in state.spans.unwritten {
            try insert.bind(1, block)
            try insert.bind(2, span.earliest)
            try insert.bind(3, span.latest)
            try insert.run()
        }
    }

    func didCommit() {
        let marks = state.changed.map { StreamMark(stream: $0, mark: state.machine.mark(of: $0)) }
        state.changed.removeAll(keepingCapacity: true)
        lastChanged = nil
        state.spans.didWrite()
        durable = state
        streams.didCommit()
        subjects.didCommit()
        actions.didCommit()
        if !marks.isEmpty { store.committed(CommittedLog(tenant: tenant, marks: marks, hasGap: !isDelivered)) }
    }

    func didRollBack() {
        state = durable
        streams.rollBack(to: 0)
        subjects.rollBack(to: 0)
        actions.rollBack(to: 0)
        forgetRecent()
    }

    /// Whether the log has all that is known to exist: if not, a restart opens it and asks for the rest.
    var isDelivered: Bool { state.machine.streams.allSatisfy { $0.value.known <= $0.value.mark } }
}
