import Contracts
import Crypto
import EventLog

extension Simulation {
    /// Runs until `total` steps were made, with a recovery after every 5,000 and at the end.
    package mutating func run(steps total: Int) throws {
        while steps < total {
            try step()
            if steps % 5_000 == 0 { try recover() }
        }
        try recover()
    }

    /// No more faults: everything starts and has time. Then the log must hold all that was acknowledged, once, and say so.
    package mutating func recover() throws {
        isHostile = false
        defer { isHostile = true }
        if relay == nil { startSource() }
        if !auditIsUp { startAudit() }
        answers = []
        for _ in 0..<400 {
            for _ in 0..<40 {
                read()
                produce()
                askForMarks()
                hearMarks()
                try consume()
                try replay()
            }
            passTime()
            if try isSettled() { break }
        }
        try checkAll()
    }

    private mutating func isSettled() throws -> Bool {
        try reconcile()
        return shards.allSatisfy { shard in
            shard.heads.allSatisfy { logs[shard.tenant]!.disk.machine.mark(of: $0.stream) >= $0.head }
        }
    }

    private func checkAll() throws {
        for (stream, seq) in acknowledged {
            let rows = logs[stream.tenant]!.disk.rows[stream] ?? []
            guard rows.count >= Int(seq) else {
                throw Violation(description: "acknowledged event \(seq) of \(stream) is missing: the log ends at \(rows.count)")
            }
            guard rows == Array(truth[stream]!.prefix(rows.count)) else {
                throw Violation(description: "the log of \(stream) differs from what happened")
            }
        }
        for shard in shards {
            let log = logs[shard.tenant]!.disk.machine.streams
            for claim in Completeness.compare(log: log, sources: [.notes: shards.filter { $0.tenant == shard.tenant }.flatMap(\.heads)]) {
                guard shard.heads.contains(where: { $0.stream == claim.stream }) else { continue }
                let acceptable: [StreamCompleteness.Status] =
                    claim.stream.epoch == shard.disk.machine.current.epoch ? [.complete] : [.complete, .ahead, .lost, .missing]
                guard acceptable.contains(claim.status) else { throw Violation(description: "after recovery \(claim.stream) is \(claim.status)") }
                let kept = shard.heads.first { $0.stream == claim.stream }?.head ?? 0
                guard claim.status != .complete || claim.completeUpTo == kept else {
                    throw Violation(description: "\(claim.stream) was set back to \(kept), and is said to be complete up to \(claim.completeUpTo)")
                }
            }
        }
    }
}
