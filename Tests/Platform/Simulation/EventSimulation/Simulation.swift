import Contracts
import Crypto
import Encodings
import EventLog

/// The whole event protocol in one value: shards with their relay, a broker, the audit service. One step is one thing that happens; which
/// one follows from the seed. The machines are those that ship; only the I/O around them is played.
package struct Simulation {
    package struct Violation: Error, CustomStringConvertible {
        package let description: String
    }

    static let retention = Retention(seconds: 2_000, sampleSeconds: 50)

    package let seed: UInt64
    /// Whether audit reports its backups' marks, or the outboxes rely on time.
    let reportsBackups: Bool
    var random: SimulationRandom
    package internal(set) var steps = 0
    /// Faults happen; switched off to let everything recover.
    var isHostile = true

    var now: UInt64 = 0
    var shards: [SimulatedShard]
    var relay: RelayMachine?
    var reads: [RelayMachine.Read] = []
    var producing: [(message: SimulatedMessage, pass: UInt64)] = []
    var partitions = [SimulatedPartition(), SimulatedPartition()]
    var everProduced: [SimulatedMessage] = []

    var auditIsUp = true
    var positions = [0, 0]
    var logs: [String: SimulatedLog] = ["a": SimulatedLog(), "b": SimulatedLog()]
    var replays: [AuditMachine.Replay] = []
    var answers: [[StreamMark]] = []

    /// Every event that was ever committed, by stream: what really happened.
    var truth: [StreamID: [SHA256Digest]] = [:]
    /// Acknowledged events that no restored shard has forgotten: up to which number, by stream.
    var acknowledged: [StreamID: UInt64] = [:]
    /// How often what happened.
    package internal(set) var counts: [String: Int] = [:]

    package init(seed: UInt64) {
        self.seed = seed
        random = SimulationRandom(seed: seed)
        reportsBackups = random.oneIn(2)
        shards = []
        for tenant in ["a", "b"] {
            for number in 0..<2 {
                let epoch = UUID.v7(at: .epoch, random: (random.next(), random.next()))
                let machine = SourceMachine(epoch: epoch)
                shards.append(
                    SimulatedShard(
                        tenant: tenant, number: UInt32(number), disk: .init(machine: machine), witness: machine.reached,
                        syncedWitness: machine.reached))
            }
        }
        startSource()
    }

    static func partition(_ tenant: String) -> Int { tenant == "a" ? 0 : 1 }

    /// Does the next thing. Throws when an invariant no longer holds.
    package mutating func step() throws {
        steps += 1
        if let relay {
            guard relay.unconfirmedBytes <= relay.limits.windowBytes else { throw Violation(description: "more than the window is unconfirmed") }
            guard !relay.isIdle || relay.unconfirmedBytes == 0 else { throw Violation(description: "an idle relay counts unconfirmed bytes") }
        }
        if isHostile, random.oneIn(40) { return try fault() }
        switch random.below(10) {
        case 0, 1: try write()
        case 2: read()
        case 3, 4: produce()
        case 5, 6: try consume()
        case 7: askForMarks(); hearMarks()
        case 8: try replay()
        default: passTime()
        }
    }

    mutating func note(_ what: String) { counts[what, default: 0] += 1 }

    // MARK: Time

    mutating func passTime() {
        now += UInt64(random.below(400))
        relay?.tick(now: now)
        guard relay != nil, random.oneIn(4) else { return }
        for i in shards.indices {
            let seconds = UInt64(random.below(20))
            shards[i].running += seconds
            shards[i].disk.machine.tick(seconds: seconds, retention: Self.retention)
            shards[i].disk.dropTrimmed()
            if shards[i].disk.machine.isDue(Self.retention) {
                for head in shards[i].heads { relay?.recheck(head.stream, head: head.head) }
            }
        }
    }
}
