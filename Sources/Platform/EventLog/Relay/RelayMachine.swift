public import Contracts

/// Decides what a source publishes when: in each stream's order, never more than a window ahead of audit's marks, and again what stays
/// unconfirmed. Pure: ``RelayCore`` does the reading, producing and asking.
///
/// Nothing here has to survive: after a crash a new machine starts from the source's own marks and sends more than is needed,
/// which audit drops as duplicates.
public struct RelayMachine: Sendable {
    /// A read of the outbox that the machine wants: events from `from` on.
    public struct Read: Equatable, Sendable {
        public let stream: StreamID
        public let from: UInt64
        public let to: UInt64
        public let pass: UInt64
    }

    public let limits: RelayLimits
    private var streams: [StreamID: RelayStream] = [:]
    /// Streams that may have something to send, each at most once, served in turn.
    private var ready: [StreamID] = []
    private var isReady: Set<StreamID> = []
    private var rechecks: [StreamID: UInt64] = [:]
    private var lastAsked: StreamID?
    /// Bytes sent and not confirmed.
    public private(set) var unconfirmedBytes = 0
    /// When audit last took an event of any stream.
    private var takenAt: UInt64 = 0

    public init(limits: RelayLimits) {
        self.limits = limits
    }

    /// Events that audit is not known to have.
    public var backlog: UInt64 { streams.values.reduce(0) { $0 + ($1.head - $1.mark) } }

    /// The longest that a stream's events have waited without audit having taken one, in milliseconds.
    public func longestWait(now: UInt64) -> UInt64 { streams.values.reduce(0) { max($0, now - min(now, $1.waitingSince)) } }

    /// What to ask audit about: the streams to be checked again, and those with events above their mark, in turn where they are too many for one question.
    public mutating func questions(atMost limit: Int) -> [StreamMark] {
        let checks = inOrder(rechecks.keys).prefix(limit).map { StreamMark(stream: $0, mark: 0) }
        let waiting = inOrder(streams.keys)
        let room = limit - checks.count
        var next = 0
        if waiting.count > room, let lastAsked { next = waiting.firstIndex { $0.epoch > lastAsked.epoch } ?? 0 }
        let asked = (waiting[next...] + waiting[..<next]).prefix(room)
        lastAsked = asked.last
        return checks + asked.map { StreamMark(stream: $0, mark: streams[$0]?.mark ?? 0) }
    }

    // The order of a dictionary differs between runs; a simulation's must not.
    private func inOrder(_ streams: some Collection<StreamID>) -> [StreamID] {
        streams.count < 2 ? Array(streams) : streams.sorted { $0.epoch < $1.epoch }
    }

    public var isIdle: Bool { streams.isEmpty && rechecks.isEmpty }

    /// The source wants to hear audit's mark of this stream again, though everything was confirmed.
    /// - Parameter head: how far the stream reaches.
    public mutating func recheck(_ stream: StreamID, head: UInt64) {
        if streams[stream] == nil { rechecks[stream] = head }
    }

    // MARK: From the source

    /// A stream reaches up to `head`, and audit was known to have it up to `mark`.
    public mutating func found(_ stream: StreamID, head: UInt64, mark: UInt64, now: UInt64) {
        guard head > mark else { return }
        if streams[stream] == nil {
            streams[stream] = RelayStream(mark: mark, head: head, now: now, patience: limits.resendAfter)
        } else if let known = streams[stream]?.head, head > known {
            streams[stream]?.head = head
        }
        makeReady(stream)
    }

    /// Events `first …` with these sizes were committed. Returns how many of them, from the first on, are to be produced at once,
    /// with the pass they belong to; the rest is asked for by ``nextRead()``.
    public mutating func committed(_ stream: StreamID, first: UInt64, sizes: [Int], now: UInt64) -> (count: Int, pass: UInt64) {
        let head = first + UInt64(sizes.count) - 1
        found(stream, head: head, mark: first - 1, now: now)
        guard let state = streams[stream], !state.reading, state.heldUntil == 0 else { return (0, 0) }
        return (send(stream, first: first, sizes: sizes), state.pass)
    }

    /// The tenant was deleted, and its outboxes with it.
    public mutating func forget(tenant: String) {
        for (stream, state) in streams where stream.tenant == tenant {
            unconfirmedBytes -= state.sizes.total
            streams[stream] = nil
        }
        rechecks = rechecks.filter { $0.key.tenant != tenant }
    }

    // MARK: Reading

    /// The next read to make, while the window has room. A stream is read by one read at a time.
    public mutating func nextRead() -> Read? {
        while unconfirmedBytes < limits.windowBytes, let next = ready.firstIndex(where: { streams[$0].map(hasRoom) ?? true }) {
            let stream = ready.remove(at: next)
            isReady.remove(stream)
            guard let state = streams[stream], state.sent < state.head, !state.reading, state.heldUntil == 0 else { continue }
            streams[stream]?.reading = true
            let to = min(state.head, state.sent + (state.isOnTrial ? 1 : UInt64(limits.readEvents)))
            return Read(stream: stream, from: state.sent + 1, to: to, pass: state.pass)
        }
        return nil
    }

    /// What a read brought: events `first …` with these sizes; none if it failed. Returns how many of them are to be produced.
    public mutating func loaded(_ read: Read, sizes: [Int]) -> Int {
        guard let state = streams[read.stream] else { return 0 }
        streams[read.stream]?.reading = false
        // Sending may have started again, or been confirmed by a replay, while the read was under way.
        let count = state.pass == read.pass ? send(read.stream, first: read.from, sizes: sizes) : 0
        // What a failed read did not bring is tried again by the resend timer.
        if !sizes.isEmpty { makeReady(read.stream) }
        return count
    }

    private mutating func send(_ stream: StreamID, first: UInt64, sizes: [Int]) -> Int {
        guard var state = streams[stream], first == state.sent + 1 else { return 0 }
        var count = 0
        for size in sizes {
            guard hasRoom(state) else { break }
            state.sizes.append(size)
            state.sent += 1
            unconfirmedBytes += size
            count += 1
        }
        streams[stream] = state
        if state.sent < state.head { makeReady(stream) }
        return count
    }

    /// A stream has as much of the window as all leave free: half of it where it is alone. So what audit takes of some need not wait for what it does not
    /// take of a few others, nor, once those are on trial, of many.
    private func hasRoom(_ state: RelayStream) -> Bool {
        if state.isOnTrial, state.sent > state.mark { return false }
        return state.sizes.total < limits.windowBytes - unconfirmedBytes
    }

    // MARK: From the broker

    /// The producer gave up on an event of this pass: it is sent again after a while.
    public mutating func deliveryFailed(_ stream: StreamID, pass: UInt64, now: UInt64) {
        guard let state = streams[stream], state.pass == pass else { return }
        streams[stream]?.heldUntil = now + limits.resendAfter
        startAgain(stream, now: now)
    }

    /// The producer cannot be used any more: all of it is sent again by a new one.
    public mutating func producerFailed(now: UInt64) {
        for stream in inOrder(streams.keys) {
            streams[stream]?.heldUntil = 0
            startAgain(stream, now: now)
        }
    }

    // MARK: From audit

    /// Audit has said up to where it has a stream. Returns whether the stream's mark changed.
    @discardableResult
    public mutating func marked(_ stream: StreamID, mark: UInt64, now: UInt64) -> Bool {
        if let head = rechecks.removeValue(forKey: stream) {
            // Audit was restored from a backup, perhaps: what it lacks is waited for again, and sent to it.
            found(stream, head: head, mark: mark, now: now)
            return true
        }
        guard var state = streams[stream], mark != state.mark else { return false }
        let mark = min(mark, state.head)
        if mark < state.mark {
            // Audit was restored from a backup.
            state.mark = mark
            streams[stream] = state
            startAgain(stream, now: now)
            return true
        }
        let confirmed = min(mark, state.sent) - min(state.mark, state.sent)
        unconfirmedBytes -= state.sizes.total
        state.sizes.removeFirst(Int(confirmed))
        unconfirmedBytes += state.sizes.total
        state.mark = mark
        state.progressAt = now
        if confirmed > 0 || mark > state.sent {
            state.waitingSince = now
            takenAt = now
        }
        state.patience = limits.resendAfter
        state.isOnTrial = false
        if mark > state.sent {
            // By a replay: what is being read right now is no longer wanted.
            state.sent = mark
            state.pass += 1
        }
        streams[stream] = mark == state.head ? nil : state
        makeReady(stream)
        return true
    }

    /// Audit could not be asked. Its silence says nothing of what has arrived, so nothing is sent again for it.
    public mutating func unanswered(now: UInt64) {
        for stream in streams.keys { streams[stream]?.progressAt = now }
    }

    // MARK: Time

    /// Starts again with streams whose mark has not moved for too long, and with those whose delivery failed a while ago. `now` is in milliseconds of a monotonic clock.
    ///
    /// While audit takes events of others, a stream may only be waiting for its turn behind them, and to send it again would make the queue longer.
    /// What the broker lost shows as a gap then, for which audit asks by itself, or at the latest when the longest patience ends.
    public mutating func tick(now: UInt64) {
        let released = streams.filter { $0.value.heldUntil > 0 && $0.value.heldUntil <= now }
        for stream in inOrder(released.keys) {
            streams[stream]?.heldUntil = 0
            makeReady(stream)
        }
        let isAuditBusy = now < takenAt + limits.resendAfter
        let late = streams.filter { now >= $0.value.progressAt + (isAuditBusy ? limits.resendAtMost : $0.value.patience) }
        for stream in inOrder(late.keys) {
            startAgain(stream, now: now)
            streams[stream]?.patience = min((late[stream]?.patience ?? 0) * 2, limits.resendAtMost)
            streams[stream]?.isOnTrial = true
        }
    }

    private mutating func startAgain(_ stream: StreamID, now: UInt64) {
        guard var state = streams[stream] else { return }
        unconfirmedBytes -= state.sizes.total
        state.sizes.removeAll()
        state.sent = state.mark
        state.pass += 1
        state.reading = false
        state.progressAt = now
        streams[stream] = state
        makeReady(stream)
    }

    private mutating func makeReady(_ stream: StreamID) {
        guard streams[stream]?.heldUntil == 0, isReady.insert(stream).inserted else { return }
        ready.append(stream)
    }
}
