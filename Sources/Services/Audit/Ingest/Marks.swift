internal import Contracts
internal import EventLog
internal import Shards
internal import Transport

/// Answers up to where streams have arrived, and waits for them to.
struct Marks: Sendable {
    let board: MarkBoard
    let log: AuditLog
    let gaps: GapWatch
    private let places = WaitingPlaces()

    /// How often one who waits looks whether the server is about to stop.
    private static let turnMilliseconds: UInt64 = 500

    // MARK: For sources

    /// The answer as soon as a mark is another than the asker knows, or when the time is up; without those of logs that can't be read.
    func answer(_ request: MarksRequest, isDraining: @Sendable () -> Bool) async throws(AuditError) -> MarksResponse {
        var left = UInt64(request.wait) * 1000
        let streams = Set(request.streams.map(\.stream))
        while true {
            let waiter = board.waiter(for: streams)
            defer { board.forget(waiter) }
            let marks = try await current(of: request.streams.map(\.stream))
            let hasNews = request.streams.contains { asked in marks[asked.stream].map { $0 != asked.mark } ?? false }
            if hasNews || left == 0 || isDraining() || Task.isCancelled {
                return MarksResponse(
                    marks: request.streams.compactMap { asked in marks[asked.stream].map { StreamMark(stream: asked.stream, mark: $0) } })
            }
            let turn = min(left, Self.turnMilliseconds)
            await Self.wait(for: waiter, milliseconds: turn)
            left -= turn
        }
    }

    /// The marks as they are; 0 for a stream never seen, none where the tenant's log can't be read: that keeps nobody else's from being told.
    func current(of streams: [StreamID]) async throws(AuditError) -> [StreamID: UInt64] {
        var marks: [StreamID: UInt64] = [:]
        var files: [String: [StreamID: AuditStream]?] = [:]
        for stream in streams {
            do throws(AuditError) {
                if let mark = try await mark(of: stream, in: &files) { marks[stream] = mark }
            } catch {
                if error.isOfTheService { throw error }
                files[stream.tenant] = .some(nil)
                // Who fills logs tries it, and warns of it, until it can be had.
                if let tenant = TenantName(stream.tenant) { gaps.found(tenant) }
            }
        }
        return marks
    }

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
            guard let missing = try await firstMissing(of: positions) else { return }
            let left = ContinuousClock.now.duration(to: deadline) / .milliseconds(1)
            if left < 1 || isDraining() || Task.isCancelled { throw .notCovered(missing.headerValue) }
            await Self.wait(for: waiter, milliseconds: min(UInt64(left), Self.turnMilliseconds))
        }
    }

    private func firstMissing(of positions: [StreamPosition]) async throws(AuditError) -> StreamPosition? {
        var files: [String: [StreamID: AuditStream]?] = [:]
        for position in positions where position.seq > (try await mark(of: position.stream, in: &files) ?? 0) { return position }
        return nil
    }

    /// - Parameter files: what was read for the same question; a nil in it is a log that could not be.
    private func mark(of stream: StreamID, in files: inout [String: [StreamID: AuditStream]?]) async throws(AuditError) -> UInt64? {
        if let mark = board.mark(of: stream) { return mark }
        if files[stream.tenant] == nil {
            // What is no tenant's name has no log.
            files[stream.tenant] = if let tenant = TenantName(stream.tenant) { try await log.streams(of: tenant) } else { [:] }
        }
        guard let streams = files[stream.tenant] ?? nil else { return nil }
        let read = StreamMark(stream: stream, mark: streams[stream]?.mark ?? 0)
        board.learn([read])
        return board.mark(of: stream) ?? read.mark
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
