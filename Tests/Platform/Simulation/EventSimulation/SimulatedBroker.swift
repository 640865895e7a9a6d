/// One partition of a broker that keeps no promise but order of what it did append, and not even that under fault.
struct SimulatedPartition {
    private(set) var log: [SimulatedMessage] = []
    /// The offset of the first message still held.
    private(set) var start = 0
    var committedOffset = 0

    var end: Int { start + log.count }

    mutating func append(_ message: SimulatedMessage) {
        log.append(message)
        if log.count > 4_000 { dropPrefix(2_000) }
    }

    mutating func dropPrefix(_ count: Int) {
        log.removeFirst(min(count, log.count))
        start += count
    }

    mutating func dropSuffix(_ count: Int) { log.removeLast(min(count, log.count)) }

    /// A new broker with an empty folder: offsets start at 0 again.
    mutating func loseEverything() {
        log = []
        start = 0
        committedOffset = 0
    }

    mutating func swapLast() {
        if log.count > 1 { log.swapAt(log.count - 1, log.count - 2) }
    }

    /// Messages from an offset; an offset that does not exist (any more) means the earliest.
    func fetch(from offset: Int, count: Int) -> (messages: ArraySlice<SimulatedMessage>, next: Int) {
        let from = offset < start || offset > end ? start : offset
        let messages = log[(from - start)...].prefix(count)
        return (messages, from + messages.count)
    }
}
