internal import Contracts
internal import EventLog

/// What a tenant's writer keeps in memory beside the file. A value: whatever rolls back, goes back to a copy.
struct LogState {
    var machine: AuditMachine
    /// The index of the next leaf, which is also how many there are.
    var nextLeaf: Int64 = 0
    var spans = TimeSpans()
    /// Streams whose rows have to be written before the commit.
    var changed: Set<StreamID> = []
}

/// Between which times the events of each block of leaves lie: what lets a query for a time leave most of a log unread, though events come
/// in almost, but not quite, in the order of time.
struct TimeSpans {
    struct Span: Equatable {
        var earliest: Int64
        var latest: Int64
    }

    /// The block being filled, and every other that has to be written.
    private(set) var unwritten: [Int64: Span] = [:]
    private var current: (block: Int64, span: Span)?

    init(current: (block: Int64, span: Span)? = nil) {
        self.current = current
    }

    mutating func add(leaf: Int64, time: Int64) {
        let block = leaf / AuditSchema.spanLeaves
        var span = Span(earliest: time, latest: time)
        if let current, current.block == block {
            span = Span(earliest: min(current.span.earliest, time), latest: max(current.span.latest, time))
            if span == current.span, unwritten[block] == span { return }
        }
        current = (block, span)
        unwritten[block] = span
    }

    mutating func didWrite() { unwritten.removeAll(keepingCapacity: true) }
}
