public import Crypto
public import Encodings

/// What a shard's file knows of its streams, and the rules by which that changes. Pure: ``Outbox`` keeps it in SQLite.
///
/// A file has one stream it appends to and, if it was ever restored, earlier ones that only wait to be delivered. Outbox rows
/// are numbered through all of them by *position*. A row is kept until the audit service can no longer need it: until the
/// mark of its newest backup has passed the row or, without backups, for ``Retention`` of running time after its mark has, and
/// audit has said once more, after that time, that it still has it.
public struct SourceMachine: Equatable, Sendable {
    /// At an age of the file, everything up to a position was in the audit log.
    public struct Confirmation: Equatable, Sendable {
        public let position: UInt64
        public let age: UInt64

        public init(position: UInt64, age: UInt64) {
            self.position = position
            self.age = age
        }
    }

    /// Oldest first, never empty; events are appended to the last.
    public private(set) var streams: [SourceStream]
    /// Rows up to here are gone from the outbox.
    public private(set) var trimmed: UInt64
    /// Seconds that this file has been open, ever. Counted by a clock that cannot be set, so a jump of the wall clock frees nothing.
    public private(set) var age: UInt64
    /// Ascending in both.
    public private(set) var confirmations: [Confirmation]
    /// Streams whose mark audit has said since the last tick. Not durable.
    private var fresh: Set<UUID> = []
    /// Whether audit's latest word named a backup: then rows go by backups alone, however old. Not durable, since no row goes without a fresh word.
    private var goesByBackups = false

    /// A new file's machine.
    public init(epoch: UUID) {
        self.init(streams: [SourceStream(base: 0, epoch: epoch)], trimmed: 0, age: 0, confirmations: [])
    }

    /// What was read back from a file.
    public init(streams: [SourceStream], trimmed: UInt64, age: UInt64, confirmations: [Confirmation]) {
        precondition(!streams.isEmpty, "a file has a stream from its making on")
        self.streams = streams
        self.trimmed = trimmed
        self.age = age
        self.confirmations = confirmations
    }

    public var current: SourceStream { streams[streams.count - 1] }
    /// The position of the newest row.
    public var end: UInt64 { current.base + current.head }

    /// Everything up to this position is known to be in the audit log.
    public var confirmed: UInt64 {
        for stream in streams where stream.mark < stream.head { return stream.base + stream.mark }
        return end
    }

    /// How many events audit is not known to have.
    public var backlog: UInt64 {
        streams.reduce(0) { $0 + ($1.head - min($1.mark, $1.head)) }
    }

    // MARK: Appending

    /// The number and the predecessor's digest that the next event has to carry.
    public var next: (seq: UInt64, previous: SHA256Digest?) { (current.head + 1, current.digest) }

    /// The event that ``next`` described was written. Returns its position.
    public mutating func append(digest: SHA256Digest) -> UInt64 {
        streams[streams.count - 1].head += 1
        streams[streams.count - 1].digest = digest
        return end
    }

    /// What a witness is told once it is durable.
    public var reached: OutboxWitness.Word { OutboxWitness.Word(epoch: current.epoch, head: current.head, digest: current.digest) }

    /// Whether the file has all that was once committed to it. If not, it was set back to an older state.
    public func reaches(_ word: OutboxWitness.Word) -> Bool {
        streams.contains { $0.epoch == word.epoch && ($0.head > word.head || $0.head == word.head && $0.digest == word.digest) }
    }

    /// The file was restored from a backup, or set back: what it appends from now on is another stream, for the old one went on elsewhere.
    public mutating func beginEpoch(_ epoch: UUID) {
        precondition(!streams.contains { $0.epoch == epoch }, "an epoch is made once")
        streams.append(SourceStream(base: end, epoch: epoch))
    }

    // MARK: Confirming

    /// Audit has said up to where it has a stream: `mark`, and in its newest backup `backedUp`. A mark may go back.
    public mutating func confirm(epoch: UUID, mark: UInt64, backedUp: UInt64? = nil) {
        guard let i = streams.firstIndex(where: { $0.epoch == epoch }) else { return }
        streams[i].mark = min(mark, streams[i].head)
        fresh.insert(epoch)
        goesByBackups = backedUp != nil
        let confirmed = confirmed
        confirmations.removeAll { $0.position > confirmed }
        if let backedUp { passBackup(of: i, upTo: min(backedUp, streams[i].head)) }
    }

    private mutating func passBackup(of i: Int, upTo mark: UInt64) {
        let position = streams[i].base + mark
        // Only rows that follow directly on what is gone may go: the outbox stays one unbroken range.
        if streams[i].base <= trimmed, position <= confirmed { trimmed = max(trimmed, position) }
    }

    /// Time has passed with the file open. Rows that are old enough are given up.
    ///
    /// Old enough at the tick before this one: audit's word is at least as young as that, so a backup that audit is restored from right after it gave
    /// its word, and that is younger than the retention, has them.
    public mutating func tick(seconds: UInt64, retention: Retention) {
        let before = age
        age += seconds
        let confirmed = confirmed
        let last = confirmations.last
        if confirmed > (last?.position ?? trimmed), last.map({ age >= $0.age + retention.sampleSeconds }) ?? true {
            confirmations.append(Confirmation(position: confirmed, age: age))
        }
        let fresh = freshEnd
        self.fresh = []
        if goesByBackups { return }
        while let first = confirmations.first, before >= first.age + retention.seconds, first.position <= fresh {
            trimmed = max(trimmed, first.position)
            confirmations.removeFirst()
        }
    }

    /// Whether rows are old enough to be given up, if audit says again that it has them: it may have been restored in between.
    public func isDue(_ retention: Retention) -> Bool {
        confirmations.first.map { age >= $0.age + retention.seconds } ?? false
    }

    /// Streams end to end from the first that still has rows, as far as audit's word on them is fresh.
    private var freshEnd: UInt64 {
        for stream in streams where stream.base + stream.head > trimmed && !fresh.contains(stream.epoch) { return stream.base }
        return end
    }

    // MARK: Replaying

    /// The positions of a stream's events `from` to `to`, as far as they exist and are still kept.
    public func positions(epoch: UUID, from: UInt64, to: UInt64) -> ClosedRange<UInt64>? {
        guard let stream = streams.first(where: { $0.epoch == epoch }) else { return nil }
        let low = max(stream.base + max(from, 1), trimmed + 1)
        let high = stream.base + min(to, stream.head)
        return low <= high ? low...high : nil
    }
}
