/// What a relay knows of one stream that has events audit is not known to have.
struct RelayStream: Equatable, Sendable {
    /// The newest event at the source.
    var head: UInt64
    /// Up to where audit has said it has the stream.
    var mark: UInt64
    /// Up to where this pass has handed events to the producer. `mark ≤ sent ≤ head`.
    var sent: UInt64
    /// Sizes of the events `mark + 1 … sent`.
    var sizes: Sizes
    /// A read of the outbox is under way.
    var reading = false
    /// Counts how often sending started again at the mark: answers to what an earlier pass asked are told by it.
    var pass: UInt64 = 0
    /// Until when nothing is sent after a delivery that failed: one that fails at once would be tried without end. 0 while nothing holds it.
    var heldUntil: UInt64 = 0
    var progressAt: UInt64
    /// Since when events have waited without audit having taken one; sending again is no progress.
    var waitingSince: UInt64
    var patience: UInt64
    /// Was sent again, and audit has taken nothing of it since: an event at a time shows whether it does again.
    var isOnTrial = false

    init(mark: UInt64, head: UInt64, now: UInt64, patience: UInt64) {
        (self.mark, self.head, self.sent) = (mark, head, mark)
        sizes = Sizes()
        progressAt = now
        waitingSince = now
        self.patience = patience
    }

    /// A queue of numbers that is popped from the front without moving the rest each time.
    struct Sizes: Equatable, Sendable {
        private var values: [Int] = []
        private var start = 0
        private(set) var total = 0

        mutating func append(_ size: Int) {
            values.append(size)
            total += size
        }

        mutating func removeFirst(_ count: Int) {
            for i in start..<(start + count) { total -= values[i] }
            start += count
            if start > 64, start * 2 > values.count {
                values.removeFirst(start)
                start = 0
            }
        }

        mutating func removeAll() {
            values = []
            start = 0
            total = 0
        }
    }
}
