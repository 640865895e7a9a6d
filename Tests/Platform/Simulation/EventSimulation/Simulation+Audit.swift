import Contracts
import Crypto
import EventLog

extension Simulation {
    mutating func startAudit() {
        auditIsUp = true
        positions = partitions.map(\.committedOffset)
        for tenant in logs.keys { logs[tenant]!.restart() }
    }

    mutating func crashAudit() {
        auditIsUp = false
        replays = []
    }

    /// One fetch of one partition: verified, judged, stored in one transaction, and then perhaps the offset; or the process dies in between.
    mutating func consume() throws {
        guard auditIsUp else { return startAudit() }
        let p = random.below(partitions.count)
        let (messages, next) = partitions[p].fetch(from: positions[p], count: 1 + random.below(6))
        let stored = try store(Array(messages))
        guard stored else { return crashAudit() }
        if isHostile, random.oneIn(100) { return crashAudit() }  // after the store, before the offset
        positions[p] = next
        if random.oneIn(3) { partitions[p].committedOffset = next }
    }

    /// Returns false when the process died before the transaction was on disk.
    mutating func store(_ messages: [SimulatedMessage]) throws -> Bool {
        var changed: [String: SimulatedLog.Disk] = [:]
        for message in messages where !message.isForged {
            let tenant = message.stream.tenant
            var disk = changed[tenant] ?? logs[tenant]!.disk
            changed[tenant] = nil
            let rows = disk.rows[message.stream]
            let decision = disk.machine.receive(message.stream, seq: message.seq, previous: message.previous, digest: message.digest) { seq in
                rows.map { $0[Int(seq) - 1] }
            }
            switch decision {
            case .append:
                disk.rows[message.stream, default: []].append(message.digest)
                try check(message, count: disk.rows[message.stream]!.count)
            case .conflict: throw Violation(description: "a conflict, though no source ever signed two events for one place")
            case .duplicate: note("duplicate")
            case .gap: note("gap")
            }
            changed[tenant] = disk
        }
        if isHostile, random.oneIn(150) { return false }
        for (tenant, disk) in changed { logs[tenant]!.disk = disk }
        return true
    }

    /// Every event enters at its own place and is the one that was committed there: nothing false, nothing twice, order kept.
    private func check(_ message: SimulatedMessage, count: Int) throws {
        guard Int(message.seq) == count else { throw Violation(description: "event \(message.seq) was stored as number \(count)") }
        guard let happened = truth[message.stream], happened.count >= count, happened[count - 1] == message.digest else {
            throw Violation(description: "event \(message.seq) was stored though it never happened")
        }
    }

    // MARK: Marks

    mutating func askForMarks() {
        guard auditIsUp, relay?.isIdle == false, answers.count < 4 else { return }
        let marks = relay!.questions(atMost: 3).map { question in
            let log = logs[question.stream.tenant]!
            return StreamMark(
                stream: question.stream, mark: log.disk.machine.mark(of: question.stream),
                backedUp: reportsBackups ? log.backups.last.map { $0.disk.machine.mark(of: question.stream) } : nil)
        }
        if isHostile, random.oneIn(30) { return }
        answers.append(marks)
    }

    /// An answer arrives, perhaps late, perhaps after a newer one.
    mutating func hearMarks() {
        guard relay != nil, !answers.isEmpty, random.oneIn(2) else { return }
        for mark in answers.remove(at: isHostile ? random.below(answers.count) : 0) {
            relay!.marked(mark.stream, mark: mark.mark, now: now)
            for i in shards.indices where shards[i].tenant == mark.stream.tenant && shards[i].number == mark.stream.shard {
                shards[i].disk.machine.confirm(epoch: mark.stream.epoch, mark: mark.mark, backedUp: mark.backedUp)
                shards[i].disk.dropTrimmed()
            }
        }
    }

    // MARK: Replays and completeness

    mutating func replay() throws {
        guard auditIsUp else { return }
        if random.oneIn(isHostile ? 40 : 4) { try reconcile() }
        for tenant in logs.keys.sorted() {
            replays += logs[tenant]!.disk.machine.startReplays(now: now).sorted { $0.stream.epoch < $1.stream.epoch }
        }
        guard !replays.isEmpty else { return }
        let replay = replays.remove(at: random.below(replays.count))
        let tenant = replay.stream.tenant
        guard relay != nil, let shard = shard(replay.stream), !(isHostile && random.oneIn(10)) else {
            logs[tenant]!.disk.machine.endReplay(replay, head: nil, now: now)
            return
        }
        let head = shard.heads.first { $0.stream == replay.stream }?.head ?? 0
        let events = shard.events(of: replay.stream, from: replay.from, to: replay.to, count: 4)
        note("replay")
        guard try store(events) else { return crashAudit() }
        logs[tenant]!.disk.machine.endReplay(replay, head: head, now: now)
    }

    /// Audit asks the sources how far their streams reach, and says how complete the log is.
    mutating func reconcile() throws {
        for tenant in logs.keys.sorted() {
            let heads: [StreamHead]? = relay == nil ? nil : shards.filter { $0.tenant == tenant }.flatMap(\.heads)
            for head in heads ?? [] { logs[tenant]!.disk.machine.reaches(head.stream, head: head.head) }
            for claim in Completeness.compare(log: logs[tenant]!.disk.machine.streams, sources: [.notes: heads]) {
                let rows = logs[tenant]!.disk.rows[claim.stream]?.count ?? 0
                guard claim.completeUpTo <= rows else { throw Violation(description: "completeness claims event \(claim.completeUpTo) of \(rows)") }
                guard claim.status == .complete, let shard = shard(claim.stream) else { continue }
                let head = shard.heads.first { $0.stream == claim.stream }?.head ?? 0
                guard rows >= head else { throw Violation(description: "completeness says complete at \(rows) of \(head)") }
            }
        }
    }
}
