internal import Contracts
internal import EventLog

/// What a log lacks, and what is done about it.
extension AuditWriter {
    /// The source has said that these streams reach that far.
    func reaches(_ heads: [StreamMark]) throws {
        for head in heads where head.stream.tenant == tenant {
            guard try streams.entry(of: head.stream) != nil else { continue }
            state.machine.reaches(head.stream, head: head.mark)
            state.changed.insert(head.stream)
        }
    }

    /// The replays to start now.
    func startReplays(now: UInt64) -> [AuditMachine.Replay] { state.machine.startReplays(now: now) }

    /// A replay has ended; what it brought was stored before.
    func endReplay(_ replay: AuditMachine.Replay, head: UInt64?, now: UInt64) {
        state.machine.endReplay(replay, head: head, now: now)
        state.changed.insert(replay.stream)
    }

    /// Whether the log has all that is known to exist, but for what its source says is lost.
    var isSettled: Bool { state.machine.streams.allSatisfy { $0.value.known <= $0.value.mark || $0.value.isLost } }
}
