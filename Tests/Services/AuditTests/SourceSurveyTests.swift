import Contracts
import EventLog
import Observability
import Synchronization
import Testing

@testable import Audit

/// What nobody sends any more is missed all the same.
struct SourceSurveyTests {
    /// A source that believes it has delivered everything.
    final class Source: EventSourceClient {
        let source = ServiceName.notes
        private let heads: [StreamHead]
        private let envelopes: [[UInt8]]
        private let failures: Mutex<Int>

        init(_ head: StreamHead, _ envelopes: [[UInt8]], failures: Int = 0) {
            // A page of another tenant's streams comes first.
            heads = [StreamHead(stream: EventStream(tenant: "us-east-1_Empty", epoch: 7).stream, head: 0, digest: nil), head]
            self.envelopes = envelopes
            self.failures = Mutex(failures)
        }

        struct Away: Error {}

        func streams(tenant: String?, after: String?, cause: RequestEvent?) async throws -> StreamsPage {
            let fails = failures.withLock { left in
                left -= 1
                return left >= 0
            }
            if fails { throw Away() }
            return after == nil ? StreamsPage(streams: [heads[0]], next: "1") : StreamsPage(streams: [heads[1]], next: nil)
        }

        func replay(_ request: ReplayRequest) async throws -> ReplayResponse {
            ReplayResponse(head: UInt64(envelopes.count), envelopes: Array(envelopes[(Int(request.from) - 1)..<Int(request.to)]))
        }
    }

    private func survey(_ log: TestLog, _ source: Source, until mark: UInt64, of stream: StreamID) async throws {
        let survey = SourceSurvey(
            marks: Marks(board: log.board, log: log.log, gaps: log.gaps), gaps: log.gaps, sources: [source], logger: log.logger,
            retry: .milliseconds(20))
        let filler = GapFiller(
            log: log.log, gaps: log.gaps, intake: log.intake, sources: [source], metrics: log.metrics, logger: log.logger,
            patience: .milliseconds(500))
        let tasks = [Task { try await survey.run() }, Task { try await filler.run() }]
        for _ in 0..<2_000 where try await log.mark(of: stream) != mark { try await Task.sleep(for: .milliseconds(10)) }
        #expect(try await log.mark(of: stream) == mark)
        for task in tasks { task.cancel() }
        for task in tasks { try await task.value }
    }

    @Test(arguments: [0, 3])
    func `a log restored from an old backup fills up though its source is idle`(failures: Int) async throws {
        try await TestLog.run { (log: TestLog) async throws in
            var stream = EventStream()
            let events = try (0..<6).map { _ in try stream.next() }
            _ = try await log.store(Array(events[..<2]))
            let digest = try EventStream.verifier.verify(events[5]).digest
            let source = Source(StreamHead(stream: stream.stream, head: 6, digest: digest), events, failures: failures)
            try await survey(log, source, until: 6, of: stream.stream)
            #expect(try await log.all(EventQuery(order: .oldest)).count == 6)
        }
    }
}
