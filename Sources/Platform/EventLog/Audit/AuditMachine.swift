public import Contracts
public import Crypto

/// The high-water marks of one tenant's log, and what they say about each event that arrives. Pure: the audit service keeps marks and
/// rows in SQLite, in one transaction, and throws a copy away when that fails.
///
/// Only what ``EventVerifier`` has verified may be handed in: so nobody who can merely write to the broker moves a mark.
public struct AuditMachine: Equatable, Sendable {
    /// A replay to ask a source for.
    public typealias Replay = ReplayRequest

    public private(set) var streams: [StreamID: AuditStream]
    /// Milliseconds after which a replay that brought nothing is tried again.
    private let retryAfter: UInt64

    public init(streams: [StreamID: AuditStream] = [:], retryAfter: UInt64 = 5_000) {
        self.streams = streams
        self.retryAfter = retryAfter
    }

    public func mark(of stream: StreamID) -> UInt64 { streams[stream]?.mark ?? 0 }

    /// Judges one event and moves the mark if it is the next. `stored` gives the digest of an event at or below the mark.
    public mutating func receive<E: Error>(
        _ stream: StreamID, seq: UInt64, previous: SHA256Digest?, digest: SHA256Digest, stored: (UInt64) throws(E) -> SHA256Digest?
    ) throws(E) -> AuditDecision {
        var state = streams[stream] ?? AuditStream()
        let decision: AuditDecision
        if seq <= state.mark {
            let known = try seq == state.mark ? state.digest : stored(seq)
            decision = known == digest ? .duplicate : .conflict
        } else if seq > state.mark + 1 {
            decision = .gap
        } else {
            decision = previous == state.digest ? .append : .conflict
        }
        switch decision {
        case .append:
            state.mark = seq
            state.digest = digest
            state.isLost = false
        case .conflict: state.conflicts += 1
        case .duplicate, .gap: break
        }
        state.known = max(state.known, seq)
        streams[stream] = state
        return decision
    }

    /// Gives up what no source has any more. Returns the streams that changed.
    public mutating func settle() -> [StreamID] {
        let open = streams.filter { $0.value.known > $0.value.mark }
        for (stream, state) in open { streams[stream]?.known = state.mark }
        return Array(open.keys)
    }

    // MARK: Replays

    /// The source has said how far a stream reaches. A stream never seen shows so.
    public mutating func reaches(_ stream: StreamID, head: UInt64) {
        guard head > 0 else { return }
        streams[stream, default: AuditStream()].known = max(streams[stream]?.known ?? 0, head)
    }

    /// The replays to start now, for streams that are known to go on beyond their marks: one at a time for each, unless it takes very long.
    public mutating func startReplays(now: UInt64) -> [Replay] {
        var replays: [Replay] = []
        for (stream, state) in streams where state.known > state.mark && now >= state.retryAt {
            // Whatever becomes of it: one of which nothing more is heard would keep the stream from being asked for ever.
            streams[stream]?.retryAt = now + retryAfter
            replays.append(Replay(stream: stream, from: state.mark + 1, to: state.known))
        }
        return replays
    }

    /// A replay has ended; what it brought went through ``receive(_:seq:previous:digest:stored:)`` before.
    /// - Parameter head: the source's own word of how far the stream reaches, nil if it could not be asked.
    /// - Returns: whether it brought the log forward.
    @discardableResult
    public mutating func endReplay(_ replay: Replay, head: UInt64?, now: UInt64) -> Bool {
        guard var state = streams[replay.stream] else { return false }
        let hasProgress = state.mark >= replay.from
        if hasProgress {
            state.retryAt = now
        } else {
            state.retryAt = now + retryAfter
            if head != nil { state.isLost = true }
        }
        streams[replay.stream] = state
        return hasProgress
    }
}
