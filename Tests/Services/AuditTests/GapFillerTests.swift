import Contracts
import EventLog
import JSON
import Observability
import Shards
import Synchronization
import Testing

@testable import Audit

/// How a log gets what it lacks.
struct GapFillerTests {
    /// A source that has some events.
    final class Source: EventSourceClient {
        let source = ServiceName.notes
        let streams: [StreamID: [[UInt8]]]

        init(_ streams: [StreamID: [[UInt8]]]) {
            self.streams = streams
        }

        func streams(tenant: String?, after: String?, cause: RequestEvent?) async throws -> StreamsPage { StreamsPage(streams: [], next: nil) }

        func replay(_ request: ReplayRequest) async throws -> ReplayResponse {
            let events = streams[request.stream] ?? []
            // Two at a time, so that it has to be asked again.
            let wanted = (Int(request.from) - 1)..<min(Int(request.to), Int(request.from) + 1)
            return ReplayResponse(head: UInt64(events.count), envelopes: wanted.map { events[$0] }.filter { !$0.isEmpty })
        }
    }

    private func run(
        _ log: TestLog, _ source: Source, patience: Duration = .milliseconds(500), until isDone: () async throws -> Bool
    ) async throws {
        let filler = GapFiller(
            log: log.log, gaps: log.gaps, intake: log.intake, sources: [source], metrics: log.metrics, logger: log.logger,
            patience: patience)
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
            try await run(log, Source([stream.stream: events])) { try await log.mark(of: stream.stream) == 7 }
            #expect(try await log.all(EventQuery(order: .oldest)).map { $0["leaf"]?.int } == Array(0..<7))
        }
    }

    @Test func `a log that lacked something when the process ended is filled after it`() async throws {
        try await TestLog.run { (log: TestLog) async throws in
            var stream = EventStream()
            let events = try (0..<3).map { _ in try stream.next() }
            _ = try await log.store([events[2]])
            let again = try await log.reopened()
            try await run(again, Source([stream.stream: events])) { try await again.mark(of: stream.stream) == 3 }
            await again.close()
        }
    }

    @Test func `what a source tells of a stream that never arrived is asked for`() async throws {
        try await TestLog.run { (log: TestLog) async throws in
            var stream = EventStream()
            let events = try (0..<3).map { _ in try stream.next() }
            log.gaps.suspect([stream.stream: 3], of: TestLog.tenant)
            try await run(log, Source([stream.stream: events])) { try await log.mark(of: stream.stream) == 3 }
        }
    }

    @Test func `a log that lacks much is filled without a pause`() async throws {
        try await TestLog.run { (log: TestLog) async throws in
            var stream = EventStream()
            let events = try (0..<100).map { _ in try stream.next() }
            _ = try await log.store([events[99]])
            try await run(log, Source([stream.stream: events])) { try await log.mark(of: stream.stream) == 100 }
        }
    }

    @Test func `what may still be on its way keeps no other log waiting`() async throws {
        try await TestLog.run { (log: TestLog) async throws in
            let other = try #require(TenantName("us-east-1_Beta"))
            var (stream, suspect) = (EventStream(tenant: other.text), EventStream(epoch: 2))
            let events = try (0..<3).map { _ in try stream.next() }
            let source = Source([stream.stream: events, suspect.stream: [try suspect.next()]])
            log.gaps.suspect([suspect.stream: 1], of: TestLog.tenant)
            try await run(log, source, patience: .seconds(3600)) {
                // Only once the suspicion is taken up.
                if try await log.mark(of: stream.stream, tenant: other) == nil { _ = try await log.store([events[2]], tenant: other) }
                return try await log.mark(of: stream.stream, tenant: other) == 3
            }
            #expect(try await log.mark(of: suspect.stream) == nil)
        }
    }

    @Test func `what is told of one log in two parts is asked for whole`() async throws {
        try await TestLog.run { (log: TestLog) async throws in
            var (stream, second) = (EventStream(), EventStream(epoch: 2))
            let events = try (0..<3).map { _ in try stream.next() }
            let source = Source([stream.stream: events, second.stream: [try second.next()]])
            log.gaps.suspect([stream.stream: 3], of: TestLog.tenant)
            log.gaps.suspect([second.stream: 1], of: TestLog.tenant)
            // What is told later is older.
            log.gaps.suspect([stream.stream: 2], of: TestLog.tenant)
            try await run(log, source) {
                let marks = (try await log.mark(of: stream.stream), try await log.mark(of: second.stream))
                return marks == (3, 1)
            }
        }
    }

    @Test func `what the source does not have any more is lost, and said to be`() async throws {
        try await TestLog.run { (log: TestLog) async throws in
            var stream = EventStream()
            var events = try (0..<3).map { _ in try stream.next() }
            _ = try await log.store([events[0], events[2]])
            events[1] = []
            events[2] = []
            try await run(log, Source([stream.stream: events])) { try await log.log.streams(of: TestLog.tenant)[stream.stream]?.isLost == true }
            #expect(try await log.mark(of: stream.stream) == 1)
        }
    }

    @Test func `what can't be verified is not lost, and is taken once it can be`() async throws {
        try await TestLog.run { (log: TestLog) async throws in
            var (stream, forger) = (EventStream(), EventStream(key: [UInt8](repeating: 1, count: 32)))
            let events = try (0..<3).map { _ in try stream.next() }
            let forged = try (0..<3).map { _ in try forger.next() }
            _ = try await log.store([events[2]])
            try await run(log, Source([stream.stream: forged])) { log.metrics.replaysFailed.value > 0 }
            #expect(try await log.log.streams(of: TestLog.tenant)[stream.stream]?.isLost == false)
            try await run(log, Source([stream.stream: events])) { try await log.mark(of: stream.stream) == 3 }
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
