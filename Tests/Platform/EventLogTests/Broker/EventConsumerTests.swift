import Encodings
import EventLog
import Kafka
import Observability
import Testing
import Transport

@Suite struct EventConsumerTests {
    /// Stores nothing until it is told to.
    private actor HeldSink: EventSink {
        private var waiting: [CheckedContinuation<Void, Never>] = []
        private var isHeld = true
        private(set) var received = 0

        func receive(_ batch: RecordBatch) async {
            received += batch.count
            if isHeld { await withCheckedContinuation { waiting.append($0) } }
        }

        func letGo() {
            isHeld = false
            for continuation in waiting { continuation.resume() }
        }
    }

    @Test func `with offsets to commit and no broker left it stops all the same`() async throws {
        let broker = try MockCluster(log: .silent)
        let producer = try Producer(ProducerConfiguration(brokers: broker.brokers, clientID: "test"), log: .silent)
        try producer.produce(topic: "events", key: [1], value: [1], tag: 1)
        #expect(producer.flush(milliseconds: 10_000).allSatisfy { $0.error == nil })

        let sink = HeldSink()
        let loop = EventLoop.start(name: "consumer")
        let consumer = EventConsumer(
            configuration: ConsumerConfiguration(
                brokers: broker.brokers, clientID: "test", group: "test", fetchWait: 10, ownPartitions: 4,
                // What the library would wait for, left alone.
                properties: [("session.timeout.ms", "300000"), ("max.poll.interval.ms", "300000")]),
            topics: ["events"], sink: sink, loop: loop,
            log: Logger(service: "test", minimum: .error, buffer: LogBuffer(wake: { _ in }), now: { .epoch }),
            metrics: ConsumerMetrics(MetricsRegistry()))
        let task = loop.spawn { try? await consumer.run() }
        var patience = 6_000
        while await sink.received == 0, patience > 0 {
            patience -= 1
            try await Task.sleep(for: .milliseconds(10))
        }
        #expect(await sink.received == 1)
        try broker.setBroker(1, isUp: false)
        try await Task.sleep(for: .milliseconds(200))
        await sink.letGo()
        // For the offset to be handed over.
        try await Task.sleep(for: .milliseconds(500))
        task.cancel()
        let took = await ContinuousClock().measure { await task.value }
        // Three, and what a sanitizer and other tests take.
        #expect(took < .seconds(60))
        loop.stop()
    }
}
