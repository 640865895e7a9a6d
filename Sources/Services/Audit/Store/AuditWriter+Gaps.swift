internal import Contracts
internal import EventLog

/// What a log lacks, and what is done about it.
extension AuditWriter {
    /// The source has said that these streams reach that far.
    func reaches(_ heads: [StreamID: UInt64]) throws {
        for (stream, head) in heads where stream.tenant == tenant && head > state.machine.streams[stream]?.known ?? 0 {
            guard try streams.entry(of: stream) != nil else { continue }
            state.machine.reaches(stream, head: head)
            state.changed.insert(stream)
        }
    }

    /// The replays to start now.
    func startReplays(now: UInt64) -> [AuditMachine.Replay] { state.machine.startReplays(now: now) }

    /// A replay has ended; what it brought was stored before.
    /// - Returns: whether it brought the log forward.
    func endReplay(_ replay: AuditMachine.Replay, head: UInt64?, now: UInt64) -> Bool {
        state.changed.insert(replay.stream)
        return state.machine.endReplay(replay, head: head, now: now)
    }

    /// Whether the log has all that is known to exist, but for what its source says is lost.
    var isSettled: Bool { state.machine.streams.allSatisfy { $0.value.known <= $0.value.mark || $0.value.isLost } }
}
