internal import Contracts
internal import Encodings
internal import SQLite

/// A filter in the numbers of one tenant's file.
struct CompiledFilter {
    let filter: EventFilter
    let path: ScanPath
    private let subject: Int64?
    private let resource: Int64?
    private let action: Int64?
    private let address: Int64?

    /// - Parameters: the numbers of what the filter names.
    init(_ filter: EventFilter, subject: Int64?, action: Int64?, address: Int64?) {
        self.filter = filter
        self.subject = subject
        self.action = action
        self.address = address
        resource = filter.note.map { IndexKeys.resource($0.utf8.span) }
        path =
            if let resource { .resource(resource) } else if let subject { .subject(subject) } else if filter.outcome == .refused {
                .refused
            } else {
                .log
            }
    }

    /// Whether the row may be one that is asked for.
    func matches(_ row: Statement) -> Bool {
        typealias Column = ScanPath.Column
        if let subject, row.integer(Column.subject) != subject { return false }
        if let action, row.integer(Column.action) != action { return false }
        if let outcome = filter.outcome, row.integer(Column.outcome) != Int64(outcome.rawValue) { return false }
        if let address, row.integer(Column.address) != address { return false }
        if let resource, row.optionalInteger(Column.resource) != resource { return false }
        if filter.from == nil, filter.to == nil { return true }
        let time = row.integer(Column.time)
        if let from = filter.from, time < from.microseconds { return false }
        if let to = filter.to, time >= to.microseconds { return false }
        return true
    }

    /// Whether the event is one that is asked for: the numbers of notes and addresses may collide.
    func matches(_ fields: EventFields, in span: Span<UInt8>) -> Bool {
        if let note = filter.note {
            guard span.extracting(fields.resourceType.range).equals(EventResource.note.utf8.span),
                span.extracting(fields.resourceID.range).equals(note.utf8.span)
            else { return false }
        }
        if let address = filter.sourceAddress, !span.extracting(fields.sourceAddress.range).equals(address.utf8.span) { return false }
        return true
    }
}
