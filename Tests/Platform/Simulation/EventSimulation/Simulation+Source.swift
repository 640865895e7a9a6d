import Contracts
import Crypto
import Encodings
import EventLog

extension Simulation {
    /// A process of the source starts: it knows what its files say, and nothing else.
    mutating func startSource() {
        for i in shards.indices {
            openShard(i)
            if isHostile, random.oneIn(40) { return crashSource() }  // before its witness is told
            if shards[i].witness?.epoch != shards[i].disk.machine.current.epoch { shards[i].syncedWitness = shards[i].disk.machine.reached }
            shards[i].witness = shards[i].disk.machine.reached
        }
        var machine = RelayMachine(limits: RelayLimits(windowBytes: 20, readEvents: 5, readBytes: 1_000, resendAfter: 500, resendAtMost: 4_000))
        for shard in shards {
            for head in shard.heads { machine.found(head.stream, head: head.head, mark: head.mark, now: now) }
        }
        relay = machine
    }

    /// A file that is not vouched for begins a new epoch before anything is written to it.
    private mutating func openShard(_ i: Int) {
        let machine = shards[i].disk.machine
        let word = shards[i].witness
        if word.map(machine.reaches) == true { return }
        if word != nil { note("found set back") }
        shards[i].disk.machine.beginEpoch(UUID.v7(at: Timestamp(milliseconds: Int64(steps)), random: (random.next(), random.next())))
    }

    mutating func crashSource() {
        relay = nil
        reads = []
        producing = []
    }

    /// One to three events are committed in one transaction, acknowledged, and the relay is told; or the process dies in between.
    mutating func write() throws {
        guard relay != nil else { return startSource() }
        let i = random.below(shards.count)
        let count = 1 + random.below(3)
        let stream = shards[i].id(shards[i].disk.machine.current.epoch)
        let first = shards[i].disk.machine.next.seq
        for _ in 0..<count {
            let next = shards[i].disk.machine.next
            let message = SimulatedMessage(stream: stream, seq: next.seq, previous: next.previous, digest: newDigest())
            let position = shards[i].disk.machine.append(digest: message.digest)
            guard position == shards[i].disk.first + UInt64(shards[i].disk.rows.count) else {
                throw Violation(description: "a row's position is not the outbox's next")
            }
            shards[i].disk.rows.append(message)
            truth[stream, default: []].append(message.digest)
        }
        if isHostile, random.oneIn(60) { return crashSource() }  // after commit, before the witness is told
        shards[i].witness = shards[i].disk.machine.reached
        if isHostile, random.oneIn(60) { return crashSource() }  // before the reply
        acknowledged[stream] = first + UInt64(count) - 1
        note("acknowledged")
        if isHostile, random.oneIn(60) { return crashSource() }  // after the reply, before the relay
        let sent = relay!.committed(stream, first: first, sizes: Array(repeating: 1, count: count), now: now)
        for row in shards[i].disk.rows.suffix(count).prefix(sent.count) { producing.append((row, sent.pass)) }
    }

    mutating func read() {
        guard relay != nil else { return startSource() }
        if let read = relay!.nextRead() { reads.append(read) }
        guard !reads.isEmpty, random.oneIn(2) else { return }
        let read = reads.remove(at: random.below(reads.count))
        let failed = isHostile && random.oneIn(20)
        let events = failed ? [] : shard(read.stream)?.events(of: read.stream, from: read.from, to: read.to, count: 5) ?? []
        let contiguous = events.first?.seq == read.from ? events : []
        let sent = relay!.loaded(read, sizes: Array(repeating: 1, count: contiguous.count))
        for event in contiguous.prefix(sent) { producing.append((event, read.pass)) }
    }

    mutating func produce() {
        guard !producing.isEmpty else { return }
        for _ in 0...random.below(4) where !producing.isEmpty {
            let (message, pass) = producing.removeFirst()
            if isHostile, random.oneIn(200) {
                note("delivery failed")
                relay?.deliveryFailed(message.stream, pass: pass, now: now)
                if random.oneIn(2) { continue }  // or it failed though the broker has it
            }
            if isHostile, random.oneIn(200) { continue }  // acknowledged and lost
            let partition = Self.partition(message.stream.tenant)
            partitions[partition].append(message)
            if isHostile, random.oneIn(50) { partitions[partition].append(message) }
            if isHostile, random.oneIn(100) { partitions[partition].swapLast() }
            if random.oneIn(8) { everProduced.append(message) }
        }
        if everProduced.count > 2_000 { everProduced.removeFirst(1_000) }
    }

    func shard(_ stream: StreamID) -> SimulatedShard? {
        shards.first { $0.tenant == stream.tenant && $0.number == stream.shard }
    }

    mutating func newDigest() -> SHA256Digest {
        var bytes: [UInt8] = []
        for _ in 0..<4 {
            let word = random.next()
            for shift in 0..<8 { bytes.append(UInt8(truncatingIfNeeded: word >> UInt64(8 * shift))) }
        }
        return SHA256Digest(bytes.span)!
    }
}
