internal import Contracts
internal import Crypto
internal import Encodings
internal import EventLog
internal import JSON
internal import SQLite
internal import Shards

/// Reads one tenant's log.
final class AuditReader {
    private let connection: Connection
    private let tenant: String
    private let subjects: Subjects
    private let actions: Actions
    private let keys: IndexKeys
    private var epochs: [Int64: StreamID] = [:]
    /// See ``EventCursor/log``. It changes only while the file is closed.
    private var log: UInt64 = 0
    /// See ``EventSlice/knowsSource``. Events are never taken out again.
    private var knowsSource = false

    init(connection: Connection, tenant: String, subjects: Subjects, keys: IndexKeys) {
        self.connection = connection
        self.tenant = tenant
        self.subjects = subjects
        self.keys = keys
        actions = Actions(connection)
    }

    /// Every stream the log has heard of.
    func streams() throws -> [StreamID: AuditStream] {
        Dictionary(try Streams.all(connection, tenant: tenant).map { ($0.stream, $0.state) }, uniquingKeysWith: { first, _ in first })
    }

    func isErased(_ user: String) throws -> Bool { try subjects.isErased(user) }

    /// Lets go of keys that were destroyed: of one subject, or of all.
    func forget(_ name: String?) {
        if let name { subjects.forget(name) } else { subjects.forgetAll() }
    }

    // MARK: Queries

    /// Looks for events after `cursor`, in the query's order, in the log as it was when the query began: now, where there is no cursor.
    /// - Parameters:
    ///   - count: events wanted.
    ///   - bytes: of JSON wanted; the first event is whole, however large.
    ///   - rows: rows to look at.
    func slice(_ filter: EventFilter, _ order: EventOrder, after cursor: EventCursor?, count: Int, bytes: Int, rows: Int) throws -> EventSlice {
        try connection.snapshot {
            if !knowsSource { knowsSource = try hasSource() }
            if log == 0 { log = try name() }
            guard cursor.map({ $0.log == log || $0.log == 0 }) != false else {
                throw AuditError.invalid("nextToken is from before the log was restored")
            }
            guard let compiled = try compile(filter), let head = try cursor?.head ?? lastLeaf(),
                let range = try leaves(filter, order, after: cursor?.leaf, upTo: head)
            else {
                return EventSlice(knowsSource: knowsSource)
            }
            let select = try connection.statement(compiled.path.sql(order))
            defer { select.reset() }
            try select.bind(1, range.lowerBound)
            try select.bind(2, range.upperBound)
            if let key = compiled.path.key { try select.bind(3, key) }
            return try scan(select, compiled, after: cursor?.leaf, upTo: head, count: count, bytes: bytes, rows: rows)
        }
    }

    private func scan(
        _ select: Statement, _ filter: CompiledFilter, after leaf: Int64?, upTo head: Int64, count: Int, bytes: Int, rows: Int
    ) throws -> EventSlice {
        var slice = EventSlice(knowsSource: knowsSource)
        var last = leaf
        while try select.step() {
            if slice.scanned == rows {
                slice.next = last.map { EventCursor(log: log, leaf: $0, head: head) }
                return slice
            }
            slice.scanned += 1
            if filter.matches(select), let json = try json(select, filter, &slice) {
                if slice.count == count || (slice.count > 0 && slice.json.count + json.count > bytes) {
                    slice.next = last.map { EventCursor(log: log, leaf: $0, head: head) }
                    slice.isFull = true
                    return slice
                }
                if slice.count > 0 { slice.json.append(UInt8(ascii: ",")) }
                slice.json += json
                slice.count += 1
            }
            last = select.integer(ScanPath.Column.leaf)
        }
        return slice
    }

    /// What tells this log from others of the tenant: the epoch of its own stream, which is another after each restore.
    private func name() throws -> UInt64 {
        let epoch = try connection.first("SELECT epoch FROM log") { $0.bytes(0) }
        return epoch.flatMap { UUID(bytes: $0.span)?.low } ?? 0
    }

    /// Nil of an empty log.
    private func lastLeaf() throws -> Int64? {
        try connection.first("SELECT max(leaf) FROM event") { $0.optionalInteger(0) } ?? nil
    }

    private func hasSource() throws -> Bool {
        try connection.first("SELECT 1 FROM stream WHERE source <> ? AND mark > 0 LIMIT 1", .text(ServiceName.audit.rawValue)) { _ in true } ?? false
    }

    /// Nil where the filter names something the log has never heard of: nothing can match.
    private func compile(_ filter: EventFilter) throws -> CompiledFilter? {
        var subject: Int64?
        if let user = filter.user {
            guard let found = try subjects.find(user) else { return nil }
            subject = found.row
        }
        var action: Int64?
        if let name = filter.action {
            guard let found = try actions.find(Array(name.utf8)) else { return nil }
            action = found
        }
        return CompiledFilter(filter, subject: subject, action: action, address: filter.sourceAddress.map { keys.address($0.utf8.span) })
    }

    /// The leaves that can match by their time and their place; nil if there are none.
    private func leaves(_ filter: EventFilter, _ order: EventOrder, after leaf: Int64?, upTo head: Int64) throws -> ClosedRange<Int64>? {
        var (first, last) = (Int64(0), head)
        if filter.from != nil || filter.to != nil {
            let blocks = try connection.first(
                "SELECT min(block), max(block) FROM span WHERE latest >= ? AND earliest < ?",
                .integer(filter.from?.microseconds ?? .min), .integer(filter.to?.microseconds ?? .max)
            ) { ($0.optionalInteger(0), $0.optionalInteger(1)) }
            guard case (let low?, let high?)? = blocks else { return nil }
            // Whatever somebody may have written into the file, what lies beyond the log is none of it.
            let end = head / AuditSchema.spanLeaves
            guard low <= end, high >= 0 else { return nil }
            first = max(0, low) * AuditSchema.spanLeaves
            last = min(head, (min(high, end) + 1) * AuditSchema.spanLeaves - 1)
        }
        if let leaf {
            switch order {
            case .newest: last = min(last, leaf - 1)
            case .oldest: first = max(first, leaf + 1)
            }
        }
        return first <= last ? first...last : nil
    }

    // MARK: Events

    /// The event as JSON; nil if it is not one that is asked for after all.
    private func json(_ row: Statement, _ filter: CompiledFilter, _ slice: inout EventSlice) throws -> [UInt8]? {
        let leaf = row.integer(ScanPath.Column.leaf)
        guard let stream = try stream(row.integer(ScanPath.Column.stream)) else { throw AuditError.failed("an event names no stream") }
        guard let key = try subjects.find(row: row.integer(ScanPath.Column.subject))?.key else {
            // Where it came from nobody knows any more; the number of one that was erased by an earlier release is there still.
            return filter.filter.sourceAddress == nil ? EventJSON.withoutBody(.erased, leaf, try header(row, stream)) : nil
        }
        let body = try connection.first("SELECT sealed FROM body WHERE leaf = ?", .integer(leaf)) { body in
            // What does not open was tampered with; the page goes on and says so.
            body.withBytes(0) { try? key.open($0, record: stream.epoch, field: AuditSchema.Field.body, version: UInt64(bitPattern: leaf)) }
        }
        let commitment = row.withBytes(ScanPath.Column.commitment) { SHA256Digest($0) }
        guard let body = body ?? nil, let commitment, let event = LeafBody.event(body, of: Leaf(commitment: commitment)) else {
            slice.unreadable += 1
            return EventJSON.withoutBody(.unreadable, leaf, try header(row, stream))
        }
        let fields = try EventFields(event.span)
        return filter.matches(fields, in: event.span) ? EventJSON.encode(try Event(fields, of: event.span), leaf: leaf) : nil
    }

    /// What the row itself says.
    private func header(_ row: Statement, _ stream: StreamID) throws -> EventJSON.Header {
        guard let seq = UInt64(exactly: row.integer(ScanPath.Column.seq)) else { throw AuditError.failed("an event has no number") }
        return EventJSON.Header(
            position: StreamPosition(stream: stream, seq: seq),
            time: Timestamp(microseconds: row.integer(ScanPath.Column.time)),
            action: try connection.first("SELECT name FROM action WHERE id = ?", .integer(row.integer(ScanPath.Column.action))) { $0.text(0) },
            outcome: EventOutcome(rawValue: UInt8(truncatingIfNeeded: row.integer(ScanPath.Column.outcome))))
    }

    private func stream(_ row: Int64) throws -> StreamID? {
        if let stream = epochs[row] { return stream }
        for (row, stream, _) in try Streams.all(connection, tenant: tenant) { epochs[row] = stream }
        return epochs[row]
    }
}
