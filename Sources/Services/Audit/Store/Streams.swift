internal import Contracts
internal import Crypto
internal import Encodings
internal import EventLog
internal import SQLite

/// The streams of one tenant's log, with their rows in its file.
final class Streams {
    struct Entry {
        let stream: StreamID
        let row: Int64
        fileprivate let source: [UInt8]
    }

    private let connection: Connection
    private let tenant: String
    private let tenantBytes: [UInt8]
    /// By epoch: no two streams share one. A source that signs a second stream of the same epoch is found out, not believed.
    private var entries: [UUID: Entry] = [:]
    private(set) var added: [UUID] = []

    init(_ connection: Connection, tenant: String) {
        self.connection = connection
        self.tenant = tenant
        tenantBytes = Array(tenant.utf8)
    }

    /// Reads all rows.
    func load() throws -> [StreamID: AuditStream] {
        let rows = try Self.all(connection, tenant: tenant)
        for (row, stream, _) in rows { remember(stream, row) }
        return Dictionary(rows.map { ($0.stream, $0.state) }, uniquingKeysWith: { first, _ in first })
    }

    static func all(_ connection: Connection, tenant: String) throws -> [(row: Int64, stream: StreamID, state: AuditStream)] {
        try connection.rows("SELECT id, source, shard, epoch, mark, digest, known, conflicts, lost FROM stream") { row in
            guard let source = ServiceName(rawValue: row.text(1)), let epoch = row.withBytes(3, { UUID(bytes: $0) }),
                let mark = UInt64(exactly: row.integer(4)), let known = UInt64(exactly: row.integer(6)),
                let conflicts = UInt64(exactly: row.integer(7))
            else { throw AuditError.failed("a stream's row can't be read") }
            let stream = StreamID(source: source, tenant: tenant, shard: UInt32(truncatingIfNeeded: row.integer(2)), epoch: epoch)
            let state = AuditStream(
                mark: mark, digest: row.withBytes(5) { SHA256Digest($0) }, known: known, conflicts: conflicts, isLost: row.bool(8))
            return (row.integer(0), stream, state)
        }
    }

    /// The stream of an event, entered when it is new. Nil where the epoch belongs to another stream.
    func entry(of event: VerifiedEvent) throws -> Entry? {
        let span = event.event.span
        guard let epoch = UUID(bytes: span.extracting(event.fields.epoch.range)) else { return nil }
        if let entry = entries[epoch] { return isSame(entry, event) ? entry : nil }
        return try add(try event.stream())
    }

    func entry(of stream: StreamID) throws -> Entry? {
        if let entry = entries[stream.epoch] { return entry.stream == stream ? entry : nil }
        return try add(stream)
    }

    func row(of stream: StreamID) -> Int64? { entries[stream.epoch]?.row }

    private func isSame(_ entry: Entry, _ event: VerifiedEvent) -> Bool {
        let (source, tenant) = (entry.source, tenantBytes)
        let span = event.event.span
        guard UInt64(entry.stream.shard) == event.fields.shard else { return false }
        guard span.extracting(event.fields.source.range).equals(source.span) else { return false }
        return span.extracting(event.fields.tenant.range).equals(tenant.span)
    }

    private func add(_ stream: StreamID) throws -> Entry? {
        guard stream.tenant == tenant else { return nil }
        let insert = try connection.statement("INSERT INTO stream(source, shard, epoch) VALUES(?, ?, ?)")
        try insert.bind(1, stream.source.rawValue)
        try insert.bind(2, Int64(stream.shard))
        try insert.bind(3, stream.epoch.bytes)
        try insert.run()
        added.append(stream.epoch)
        return remember(stream, connection.lastInsertedRow)
    }

    @discardableResult
    private func remember(_ stream: StreamID, _ row: Int64) -> Entry {
        let entry = Entry(stream: stream, row: row, source: Array(stream.source.rawValue.utf8))
        entries[stream.epoch] = entry
        return entry
    }

    func save(_ stream: StreamID, _ state: AuditStream) throws {
        let update = try connection.statement("UPDATE stream SET mark = ?2, digest = ?3, known = ?4, conflicts = ?5, lost = ?6 WHERE id = ?1")
        guard let row = row(of: stream) else { throw AuditError.failed("a stream has no row") }
        try update.bind(1, row)
        try update.bind(2, Int64(state.mark))
        if let digest = state.digest { try update.bind(3, digest.bytes) } else { try update.bindNull(3) }
        try update.bind(4, Int64(state.known))
        try update.bind(5, Int64(clamping: state.conflicts))
        try update.bind(6, state.isLost ? 1 : 0)
        try update.run()
    }

    func rollBack(to count: Int) {
        for epoch in added[count...] { entries[epoch] = nil }
        added.removeSubrange(count...)
    }

    func didCommit() { added.removeAll(keepingCapacity: true) }
}
