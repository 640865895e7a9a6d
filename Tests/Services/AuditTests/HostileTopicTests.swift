import Contracts
import Crypto
import EventLog
import JSON
import Kafka
import Observability
import Shards
import Testing
import Transport

@testable import Audit

/// Somebody who can write to the topic, against the log that ships: nothing false enters, no mark moves, true events arrive.
struct HostileTopicTests {
    static let topic = "strongroom.notes.v1"

    /// Has everything the stream ever signed.
    struct Source: EventSourceClient {
        let source = ServiceName.notes
        let envelopes: [[UInt8]]

        func streams(tenant: String?, after: String?, cause: RequestEvent?) async throws -> StreamsPage { StreamsPage(streams: [], next: nil) }

        func replay(_ request: ReplayRequest) async throws -> ReplayResponse {
            ReplayResponse(head: UInt64(envelopes.count), envelopes: Array(envelopes[(Int(request.from) - 1)..<Int(request.to)]))
        }
    }

    @Test func `a hostile topic leaves the log exactly what its source signed`() async throws {
        let broker = try MockCluster(log: .silent)
        for topic in [Self.topic, EventTopic.deadLetters] { try broker.createTopic(topic, partitions: 1) }
        try await TestLog.run { (log: TestLog) async throws in
            var (stream, other) = (EventStream(), EventStream(key: [UInt8](repeating: 66, count: 32)))
            let envelopes = try (0..<60).map { try stream.next(note: $0) }
            let forged = try (0..<60).map { try other.next(user: "mallory", note: $0) }
            var altered = envelopes[40]
            altered[altered.count / 2] ^= 1
            // Empty, far too large, malformed, altered and forged ones before the true ones; then a hole, the rest backwards, and a flood.
            var topic: [[UInt8]] = [[], [UInt8](repeating: 0x0a, count: 900_000), [0x0b], altered]
            topic += forged
            topic += envelopes[..<20]
            topic += envelopes[30...].reversed()
            topic += envelopes[..<20]
            for n in 0..<2_000 { topic.append([UInt8(truncatingIfNeeded: n), 1, 2]) }
            topic.append(envelopes[59])
            try await consume(topic, from: broker, into: log, source: Source(envelopes: envelopes)) {
                try await log.mark(of: stream.stream) == 60
            }
            let all = try await log.all(EventQuery(order: .oldest))
            #expect(all.map { $0["position"]?.string } == (1...60).map { StreamPosition(stream: stream.stream, seq: $0).headerValue })
            #expect(all.allSatisfy { $0["userId"]?.string == "ada" })
            #expect(try await log.log.streams(of: TestLog.tenant).values.map(\.conflicts) == [0])
        }
    }

    private func consume(
        _ values: [[UInt8]], from broker: MockCluster, into log: TestLog, source: Source, until isDone: () async throws -> Bool
    ) async throws {
        let attacker = try Producer(ProducerConfiguration(brokers: broker.brokers, clientID: "attacker"), log: .silent)
        for value in values {
            try attacker.produce(topic: Self.topic, key: Array(EventStream.tenant.utf8), value: value, tag: 1)
        }
        #expect(attacker.flush(milliseconds: 20_000).count == values.count)
        let registry = MetricsRegistry()
        let intake = try EventIntake(
            log: log.log, verifier: EventStream.verifier,
            deadLetters: DeadLetters(
                producer: ProducerConfiguration(brokers: broker.brokers, clientID: "audit"), log: log.logger, metrics: DeadLetterMetrics(registry)),
            gaps: log.gaps, metrics: log.metrics, logger: log.logger)
        let loop = EventLoop.start(name: "consumer")
        let consumer = EventConsumer(
            configuration: ConsumerConfiguration(brokers: broker.brokers, clientID: "audit", group: "audit", fetchWait: 10, ownPartitions: 1),
            topics: [Self.topic], sink: intake, batchLimit: 300, loop: loop, log: log.logger, metrics: ConsumerMetrics(registry))
        let filler = GapFiller(
            log: log.log, gaps: log.gaps, intake: intake, sources: [source], metrics: log.metrics, logger: log.logger, patience: .milliseconds(500))
        let reading = loop.spawn { try? await consumer.run() }
        let filling = Task { try await filler.run() }
        for _ in 0..<3_000 where try await !isDone() { try await Task.sleep(for: .milliseconds(10)) }
        #expect(try await isDone())
        // Read while the intake is there: a producer that goes takes along what it has not sent.
        #expect(try read(EventTopic.deadLetters, from: broker).isSuperset(of: ["forged", "malformed", "too-large", "unknown-key"]))
        reading.cancel()
        filling.cancel()
        await reading.value
        try await filling.value
        loop.stop()
    }

    /// The reasons of a topic's dead letters.
    private func read(_ topic: String, from broker: MockCluster) throws -> Set<String> {
        let consumer = try Consumer(
            ConsumerConfiguration(brokers: broker.brokers, clientID: "operator", group: "operator", fetchWait: 10, ownPartitions: 1), topics: [topic],
            log: .silent)
        var reasons: Set<String> = []
        let clock = ContinuousClock()
        let deadline = clock.now + .seconds(20)
        while reasons.count < 4, clock.now < deadline {
            guard let batch = consumer.poll(atMost: 100).batch else { continue }
            for i in 0..<batch.count {
                for header in batch.headers(i) where header.name == "strongroom-reason" {
                    reasons.insert(String(decoding: header.value, as: UTF8.self))
                }
            }
        }
        return reasons
    }
}
