import Contracts
import EventLog
import JSON
import Observability
import Synchronization
import Testing

@testable import Audit

/// How a log gets what it lacks.
struct GapFillerTests {
    /// A source that has some events, and perhaps does not answer at first.
    final class Source: EventSourceClient {
        let source = ServiceName.notes
        let events: [[UInt8]]
        private let failures: Mutex<Int>

        init(_ events: [[UInt8]], failures: Int = 0) {
            self.events = events
            self.failures = Mutex(failures)
        }

        struct Away: Error {}

        func streams(tenant: String?, after: String?, cause: RequestEvent?) async throws -> StreamsPage { StreamsPage(streams: [], next: nil) }

        func replay(_ request: ReplayRequest) async throws -> ReplayResponse {
            let fails = failures.withLock { left in
                left -= 1
                return left >= 0
            }
            if fails { throw Away() }
            // Two at a time, so that it has to be asked again.
            let wanted = (Int(request.from) - 1)..<min(Int(request.to), Int(request.from) + 1)
            return ReplayResponse(head: UInt64(events.count), envelopes: wanted.map { events[$0] }.filter { !$0.isEmpty })
        }
    }

    private func run(_ log: TestLog, _ source: Source, until isDone: () async throws -> Bool) async throws {
        let filler = GapFiller(
            log: log.log, gaps: log.gaps, intake: log.intake, sources: [source], metrics: log.metrics, logger: log.logger,
            patience: .milliseconds(500))
        let task = Task { try await filler.run() }
        for _ in 0..<1_000 {
            if try await isDone() { break }
            try await Task.sleep(for: .milliseconds(10))
        }
        #expect(try await isDone())
        task.cancel()
        try await task.value
    }

    @Test func `what is missing is asked for again until it is there`() async throws {
        try await TestLog.run { (log: TestLog) async throws in
            var stream = EventStream()
            let events = try (0..<7).map { _ in try stream.next() }
            _ = try await log.store([events[0], events[6]])
            try await run(log, Source(events)) { try await log.mark(of: stream.stream) == 7 }
            #expect(try await log.all(EventQuery(order: .oldest)).map { $0["leaf"]?.int } == Array(0..<7))
        }
    }

    @Test func `a log that lacked something when the process ended is filled after it`() async throws {
        try await TestLog.run { (log: TestLog) async throws in
            var stream = EventStream()
            let events = try (0..<3).map { _ in try stream.next() }
            _ = try await log.store([events[2]])
            let again = try await log.reopened()
            try await run(again, Source(events)) { try await again.mark(of: stream.stream) == 3 }
            await again.close()
        }
    }

    @Test func `what a source tells of a stream that never arrived is asked for`() async throws {
        try await TestLog.run { (log: TestLog) async throws in
            var stream = EventStream()
            let events = try (0..<3).map { _ in try stream.next() }
            log.gaps.suspect([StreamMark(stream: stream.stream, mark: 3)], of: TestLog.tenant)
            try await run(log, Source(events)) { try await log.mark(of: stream.stream) == 3 }
        }
    }

    @Test func `what the source does not have any more is lost, and said to be`() async throws {
        try await TestLog.run { (log: TestLog) async throws in
            var stream = EventStream()
            var events = try (0..<3).map { _ in try stream.next() }
            _ = try await log.store([events[0], events[2]])
            events[1] = []
            events[2] = []
            try await run(log, Source(events)) { try await log.log.streams(of: TestLog.tenant)[stream.stream]?.isLost == true }
            #expect(try await log.mark(of: stream.stream) == 1)
        }
    }

    @Test func `forged events do not fill a gap`() async throws {
        try await TestLog.run { (log: TestLog) async throws in
            var (stream, forger) = (EventStream(), EventStream(key: [UInt8](repeating: 1, count: 32)))
            let events = try (0..<3).map { _ in try stream.next() }
            let forged = try (0..<3).map { _ in try forger.next(user: "mallory") }
            _ = try await log.store([events[2]])
            #expect(try await log.intake.receive(forged) == 3)
            #expect(try await log.mark(of: stream.stream) == 0)
        }
    }
}
