public import Contracts
public import Encodings
public import SQLite

/// A shard's outbox: events are appended inside the transaction of the write they tell of, and read from there by the relay.
///
/// Confined to the thread of the shard's writing connection. One transaction goes so:
///
///     try connection.transaction {
///         for request in batch {
///             let savepoint = outbox.savepoint
///             do { try connection.savepoint { …; position = try outbox.append(occurrence) } }
///             catch { outbox.rollBack(to: savepoint); … }
///         }
///         try outbox.prepareCommit()
///     }                                   // when it throws: outbox.didRollBack()
///     relay.committed(outbox.didCommit())
public final class Outbox {
    let connection: Connection
    private let source: ServiceName
    private let tenant: String
    private let shard: UInt32
    private let signer: EventSigner
    private let limit: UInt64
    private let witness: OutboxWitness?
    /// Whether the file, when it was opened, lacked events that it had once committed.
    public let wasSetBack: Bool
    private var durable: SourceMachine
    private(set) var machine: SourceMachine
    private var appended: [CommittedEvent] = []

    /// Opens the outbox of a file that has the tables of ``OutboxSchema``. A new file, one that came from a backup and one that
    /// was set back to an older state get a new epoch, durably, before this returns.
    /// - Parameters:
    ///   - limit: how many events may wait for the audit service before ``append(_:)`` throws `full`.
    ///   - witness: the file's own; nil for one in memory.
    ///   - makeEpoch: a new UUID of version 7.
    public init(
        connection: Connection, tenant: String, shard: UInt32, signer: EventSigner, limit: UInt64, witness: OutboxWitness? = nil,
        makeEpoch: () -> UUID
    ) throws(OutboxError) {
        self.connection = connection
        self.source = signer.source
        self.tenant = tenant
        self.shard = shard
        self.signer = signer
        self.limit = limit
        self.witness = witness
        let known = witness?.word
        let found = try OutboxState.open(connection, witness: witness, makeEpoch: makeEpoch)
        (machine, durable) = (found, found)
        wasSetBack = known.map { !found.reaches($0) } ?? false
        if wasSetBack { witness?.lose() }
        witness?.note(found.reached)
    }

    public var stream: StreamID { id(of: machine.current) }
    /// Whether another stream went before this one: the file was restored from a backup, or set back, once it had events.
    public var followsAnother: Bool { machine.current.base > 0 }

    /// How many events the audit service is not known to have.
    public var backlog: UInt64 { machine.backlog }

    /// Whether its witness is still where the next process looks for it. To be asked before each commit.
    public var isInPlace: Bool { witness?.isInPlace ?? true }

    // MARK: In a transaction

    public var savepoint: OutboxSavepoint { OutboxSavepoint(machine: machine, appended: appended.count) }

    public func rollBack(to savepoint: OutboxSavepoint) {
        machine = savepoint.machine
        appended.removeSubrange(savepoint.appended...)
    }

    /// Gives the occurrence its place, signs it and stores it.
    /// - Returns: the position for `x-strongroom-audit-position`; it counts once the transaction has committed.
    public func append(_ occurrence: Occurrence) throws(OutboxError) -> StreamPosition {
        guard machine.backlog < limit else { throw .full }
        let next = machine.next
        let event = Event(stream: stream, seq: next.seq, previous: next.previous, occurrence: occurrence)
        let signed: SignedEvent
        do { signed = try signer.sign(event) } catch { throw .invalid(error) }
        let position = machine.append(digest: signed.digest)
        do {
            let insert = try connection.statement("INSERT INTO outbox (position, event) VALUES (?, ?)")
            try insert.bind(1, Int64(position))
            try insert.bind(2, signed.envelope)
            try insert.run()
        } catch {
            throw .storage(error)
        }
        appended.append(CommittedEvent(position: event.position, envelope: signed.envelope))
        return event.position
    }

    /// Writes what the transaction's appends changed of the stream. Must be called before COMMIT.
    public func prepareCommit() throws(OutboxError) {
        guard machine != durable else { return }
        do { try OutboxState.save(machine, replacing: durable, on: connection) } catch { throw .storage(error) }
    }

    /// The transaction is on disk: returns what it appended, in order.
    public func didCommit() -> [CommittedEvent] {
        durable = machine
        defer { appended = [] }
        if !appended.isEmpty { witness?.note(durable.reached) }
        return appended
    }

    /// The transaction was rolled back, or its commit failed.
    public func didRollBack() {
        machine = durable
        appended = []
    }

    // MARK: Confirming and trimming (also in a transaction)

    /// Audit has said up to where it has one of this file's streams.
    public func confirm(epoch: UUID, mark: UInt64, backedUp: UInt64? = nil) {
        machine.confirm(epoch: epoch, mark: mark, backedUp: backedUp)
    }

    /// `seconds` have passed, by a monotonic clock, since this file was opened or this was last called. Deletes the rows that
    /// nobody can need any more, ``trimmedAtOnce`` at a time.
    /// - Returns: how many that were.
    @discardableResult
    public func trim(seconds: UInt64, retention: Retention = Retention()) throws(OutboxError) -> Int {
        machine.tick(seconds: seconds, retention: retention)
        do {
            try connection.run(
                "DELETE FROM outbox WHERE position <= min(?1, (SELECT min(position) FROM outbox) + ?2 - 1)", .integer(Int64(machine.trimmed)),
                .int(Self.trimmedAtOnce))
            return connection.changes
        } catch {
            throw .storage(error)
        }
    }

    /// Few, since writers wait.
    public static let trimmedAtOnce = 4096

    /// Whether rows are old enough to go as soon as audit has said once more that it has them: the time to ask `EventRelay.recheck`.
    public func wantsRecheck(retention: Retention = Retention()) -> Bool { machine.isDue(retention) }

    // MARK: Backups

    /// Marks a backup's copy, so that whoever opens it begins a new epoch. `connection` writes the copy, never the live file.
    public static func stampBackup(_ connection: Connection) throws(SQLiteError) {
        try OutboxState.stamp(connection)
    }

    // MARK: Reading

    /// Every stream of the file, oldest first.
    public var heads: [StreamHead] {
        machine.streams.map { StreamHead(stream: id(of: $0), head: $0.head, digest: $0.digest, mark: $0.mark) }
    }

    /// The same, each as far as it ever went, and with those of which the file has nothing any more: what was lost is missing from them, not from the list.
    public var headsEver: [StreamHead] {
        var heads = heads
        for word in witness?.lost ?? [] where word.head > 0 {
            if let index = heads.firstIndex(where: { $0.stream.epoch == word.epoch }) {
                if heads[index].head < word.head { (heads[index].head, heads[index].digest) = (word.head, word.digest) }
            } else {
                // The newest stays last.
                heads.insert(
                    StreamHead(stream: id(of: SourceStream(base: 0, epoch: word.epoch)), head: word.head, digest: word.digest), at: heads.count - 1)
            }
        }
        return heads
    }

    /// Envelopes of a stream's events from `from` to `to`, in order: at most `count` of them, and past the first none that would make
    /// more than `bytes`. Fewer when they are no longer kept.
    public func events(epoch: UUID, from: UInt64, to: UInt64, count: Int, bytes: Int) throws(OutboxError) -> [CommittedEvent] {
        guard let stream = durable.streams.first(where: { $0.epoch == epoch }),
            let positions = durable.positions(epoch: epoch, from: from, to: to)
        else { return [] }
        do {
            let select = try connection.statement("SELECT position, event FROM outbox WHERE position >= ? AND position <= ? ORDER BY position")
            defer { select.reset() }
            try select.bind(1, Int64(positions.lowerBound))
            try select.bind(2, Int64(positions.upperBound))
            var events: [CommittedEvent] = []
            var total = 0
            while events.count < count, try select.step() {
                let envelope = select.bytes(1)
                total += envelope.count
                if total > bytes, !events.isEmpty { break }
                let seq = UInt64(select.integer(0)) - stream.base
                events.append(CommittedEvent(position: StreamPosition(stream: id(of: stream), seq: seq), envelope: envelope))
            }
            return events
        } catch {
            throw .storage(error)
        }
    }

    private func id(of stream: SourceStream) -> StreamID {
        StreamID(source: source, tenant: tenant, shard: shard, epoch: stream.epoch)
    }
}
