internal import Contracts
internal import EventLog
internal import Shards
internal import Transport

/// Answers up to where streams have arrived, and waits for them to.
struct Marks: Sendable {
    let board: MarkBoard
    let log: AuditLog
    private let places = WaitingPlaces()

    /// How often one who waits looks whether the server is about to stop.
    private static let turnMilliseconds: UInt64 = 500

    // MARK: For sources

    /// The answer as soon as a mark is another than the asker knows, or when the time is up.
    func answer(_ request: MarksRequest, isDraining: @Sendable () -> Bool) async throws(AuditError) -> MarksResponse {
        var left = UInt64(request.wait) * 1000
        let streams = Set(request.streams.map(\.stream))
        while true {
            let waiter = board.waiter(for: streams)
            defer { board.forget(waiter) }
            let marks = try await marks(of: request.streams.map(\.stream))
            let hasNews = zip(request.streams, marks).contains { $0.mark != $1.mark }
            if hasNews || left == 0 || isDraining() || Task.isCancelled { return MarksResponse(marks: marks) }
            let turn = min(left, Self.turnMilliseconds)
            await Self.wait(for: waiter, milliseconds: turn)
            left -= turn
        }
    }

    /// The marks as they are, in the order they are asked for; 0 for a stream never seen.
    func current(of streams: [StreamID]) async throws(AuditError) -> [StreamMark] { try await marks(of: streams) }

    // MARK: For queries

    /// Returns once the log has all these positions.
    /// - Throws: `tooManyWait` where it hasn't, and others of the caller's wait already; `notCovered` after the time.
    func wait(
        until positions: [StreamPosition], for caller: AuditCaller, milliseconds: UInt64, unless isDraining: @Sendable () -> Bool
    ) async throws(AuditError) {
        // Who finds what they look for takes no place; who may have to read a file for it does.
        if positions.allSatisfy({ $0.seq <= board.mark(of: $0.stream) ?? 0 }) { return }
        try places.begin(caller)
        defer { places.end(caller) }
        let deadline = ContinuousClock.now + .milliseconds(milliseconds)
        let streams = Set(positions.map(\.stream))
        while true {
            let waiter = board.waiter(for: streams)
            defer { board.forget(waiter) }
            let marks = try await marks(of: positions.map(\.stream))
            guard let missing = zip(positions, marks).first(where: { $0.seq > $1.mark })?.0 else { return }
            let left = ContinuousClock.now.duration(to: deadline) / .milliseconds(1)
            if left < 1 || isDraining() || Task.isCancelled { throw .notCovered(missing.headerValue) }
            await Self.wait(for: waiter, milliseconds: min(UInt64(left), Self.turnMilliseconds))
        }
    }

    /// In the order they are asked for; 0 for a stream never seen.
    private func marks(of streams: [StreamID]) async throws(AuditError) -> [StreamMark] {
        var marks: [StreamMark] = []
        marks.reserveCapacity(streams.count)
        var files: [String: [StreamID: AuditStream]] = [:]
        for stream in streams {
            if let mark = board.mark(of: stream) {
                marks.append(StreamMark(stream: stream, mark: mark))
                continue
            }
            // What is no tenant's name has no log.
            if files[stream.tenant] == nil, let tenant = TenantName(stream.tenant) { files[stream.tenant] = try await log.streams(of: tenant) }
            let read = StreamMark(stream: stream, mark: files[stream.tenant]?[stream]?.mark ?? 0)
            board.learn([read])
            marks.append(StreamMark(stream: stream, mark: board.mark(of: stream) ?? read.mark))
        }
        return marks
    }

    private static func wait(for waiter: MarkBoard.Waiter, milliseconds: UInt64) async {
        await withTaskGroup { group in
            group.addTask { await waiter.wait() }
            group.addTask {
                // Cut short when the other is done.
                if let loop = EventLoop.current {
                    try? await loop.sleep(milliseconds: milliseconds)
                } else {
                    try? await Task.sleep(for: .milliseconds(milliseconds))
                }
            }
            await group.next()
            group.cancelAll()
        }
    }
}
