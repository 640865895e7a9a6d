import Contracts
import Crypto
import Encodings
import EventLog

extension Simulation {
    mutating func fault() throws {
        switch random.below(18) {
        case 0, 1: crashSource()
        case 2, 3: crashAudit()
        case 4:
            note("producer fatal")
            producing = []
            relay?.producerFailed(now: now)
        case 5: partitions[random.below(2)].dropSuffix(random.below(30))
        case 6 where random.oneIn(4):
            note("broker lost everything")
            partitions[random.below(2)].loseEverything()
        case 7: partitions[random.below(2)].dropPrefix(random.below(20))
        case 8, 9: deliverOldMessage()
        case 10: forge()
        case 11: backUpShard()
        case 12 where random.oneIn(4): restoreShard()
        case 13: backUpAudit()
        case 14 where random.oneIn(3): restoreAudit()
        case 15 where random.oneIn(4): setBackShard()
        case 16: cutPower()
        case 17: now = random.oneIn(2) ? now + UInt64(random.below(100_000)) : now
        default: return
        }
    }

    /// The broker delivers again what it, or an attacker, once saw.
    private mutating func deliverOldMessage() {
        guard !everProduced.isEmpty else { return }
        let message = everProduced[random.below(everProduced.count)]
        partitions[Self.partition(message.stream.tenant)].append(message)
    }

    /// Somebody writes to the topic without a key.
    private mutating func forge() {
        let shard = shards[random.below(shards.count)]
        let current = shard.disk.machine.current
        partitions[Self.partition(shard.tenant)].append(
            SimulatedMessage(
                stream: shard.id(current.epoch), seq: max(1, current.head + UInt64(random.below(3))), previous: current.digest, digest: newDigest(),
                isForged: true))
    }

    private mutating func backUpShard() {
        let i = random.below(shards.count)
        shards[i].backups.append(shards[i].disk)
        if shards[i].backups.count > 3 { shards[i].backups.removeFirst() }
    }

    /// The source is down while an operator restores a shard; what it had acknowledged since is gone with the newer file.
    private mutating func restoreShard() {
        let i = random.below(shards.count)
        guard !shards[i].backups.isEmpty else { return }
        note("shard restored")
        replaceFile(i)
        // The folder is a new one, where nobody knows of it.
        shards[i].witness = nil
        shards[i].syncedWitness = nil
    }

    /// The same by hand: nothing in the file tells.
    private mutating func setBackShard() {
        let i = random.below(shards.count)
        guard !shards[i].backups.isEmpty else { return }
        note("shard set back")
        replaceFile(i)
    }

    /// What was not synced may be gone, which is nothing but the witnesses' last words. Between that and the source's stop or start nobody sets a file
    /// back: its witness could know too little.
    private mutating func cutPower() {
        guard relay != nil else { return }
        note("power cut")
        crashSource()
        for i in shards.indices where random.oneIn(2) { shards[i].witness = shards[i].syncedWitness }
        while relay == nil { startSource() }
    }

    private mutating func replaceFile(_ i: Int) {
        crashSource()
        answers = []
        shards[i].disk = shards[i].backups[random.below(shards[i].backups.count)]
        for stream in truth.keys where stream.tenant == shards[i].tenant && stream.shard == shards[i].number {
            let kept = shards[i].disk.machine.streams.first { $0.epoch == stream.epoch }?.head ?? 0
            if let seq = acknowledged[stream] { acknowledged[stream] = min(seq, kept) }
        }
    }

    private mutating func backUpAudit() {
        let tenant = random.oneIn(2) ? "a" : "b"
        let ages = shards.filter { $0.tenant == tenant }.map(\.running)
        // What a restored shard took back is owed no more.
        let isRefilled = logs[tenant]!.owed.allSatisfy { stream, seq in
            logs[tenant]!.disk.machine.mark(of: stream) >= min(seq, acknowledged[stream] ?? 0)
        }
        guard isRefilled else { return }
        logs[tenant]!.owed = [:]
        logs[tenant]!.backups.append(.init(disk: logs[tenant]!.disk, ages: ages))
        if logs[tenant]!.backups.count > 3 { logs[tenant]!.backups.removeFirst() }
    }

    /// The newest backup, where outboxes go by backups; where they go by time, any that is young enough.
    private mutating func restoreAudit() {
        let tenant = random.oneIn(2) ? "a" : "b"
        let ages = shards.filter { $0.tenant == tenant }.map(\.running)
        let eligible =
            reportsBackups
            ? Array(logs[tenant]!.backups.suffix(1))
            : logs[tenant]!.backups.filter { backup in
                zip(backup.ages, ages).allSatisfy { $1 < $0 + Self.retention.seconds }
            }
        guard !eligible.isEmpty else { return }
        note("audit restored")
        crashAudit()
        answers = []
        let backup = eligible[random.below(eligible.count)]
        for (stream, state) in logs[tenant]!.disk.machine.streams {
            logs[tenant]!.owed[stream] = max(logs[tenant]!.owed[stream] ?? 0, state.mark)
        }
        logs[tenant]!.disk = backup.disk
        logs[tenant]!.backups = logs[tenant]!.backups.filter { zip($0.ages, backup.ages).allSatisfy { $0 <= $1 } }
    }
}
