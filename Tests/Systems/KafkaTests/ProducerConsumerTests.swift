import Kafka
import Synchronization
import Testing

/// The binding against the mock cluster.
@Suite struct ProducerConsumerTests {
    let topic = "words"

    func cluster() throws -> MockCluster {
        let cluster = try MockCluster(log: .silent)
        try cluster.createTopic(topic, partitions: 2)
        return cluster
    }

    func producer(_ cluster: MockCluster, _ properties: [(String, String)] = []) throws -> Producer {
        try Producer(ProducerConfiguration(brokers: cluster.brokers, clientID: "test", properties: properties), log: .silent)
    }

    func consumer(_ cluster: MockCluster, group: String = "readers") throws -> Consumer {
        try Consumer(
            ConsumerConfiguration(brokers: cluster.brokers, clientID: "test", group: group, fetchWait: 10, ownPartitions: 2), topics: [topic],
            log: .silent)
    }

    /// Polls until `count` messages have come.
    func read(_ count: Int, from consumer: Consumer) async throws -> [RecordBatch] {
        var batches: [RecordBatch] = []
        for _ in 0..<2_000 where batches.reduce(0, { $0 + $1.count }) < count {
            if let batch = consumer.poll(atMost: 100).batch { batches.append(batch) } else { try await Task.sleep(for: .milliseconds(5)) }
        }
        return batches
    }

    @Test func `key, value and headers arrive as they were sent`() async throws {
        let cluster = try cluster()
        let producer = try producer(cluster)
        try producer.produce(topic: topic, key: [1, 0, 2], value: [0, 255], tag: 7) { headers in
            headers.add("first", [])
            headers.add("second", [9, 0, 9])
            headers.add("second", [8])
        }
        let reports = producer.flush(milliseconds: 10_000)
        #expect(reports.map(\.tag) == [7])
        #expect(reports.allSatisfy { $0.error == nil && $0.offset == 0 })
        let batch = try #require(try await read(1, from: consumer(cluster)).first)
        #expect(batch.count == 1)
        #expect(batch.topic(0) == topic)
        #expect(batch.key(0) == [1, 0, 2])
        #expect(batch.value(0) == [0, 255])
        #expect(batch.withValue(0) { $0.count } == 2)
        #expect(batch.headers(0).map(\.name) == ["first", "second", "second"])
        #expect(batch.headers(0).map(\.value) == [[], [9, 0, 9], [8]])
        #expect(batch.withHeader("second", of: 0) { $0.count == 1 && $0[0] == 8 } == true)
        #expect(batch.withHeader("third", of: 0) { _ in true } == nil)
    }

    @Test func `messages of one key keep their order, and their batches outlive the consumer`() async throws {
        let cluster = try cluster()
        let producer = try producer(cluster)
        for n in 0..<200 { try producer.produce(topic: topic, key: [1], value: [UInt8(n)], tag: 1) }
        #expect(producer.flush(milliseconds: 10_000).count == 200)
        let batches = try await read(200, from: consumer(cluster))
        let values = batches.flatMap { batch in (0..<batch.count).flatMap { batch.value($0) } }
        #expect(values == (0..<200).map { UInt8($0) })
    }

    @Test func `a committed offset is where the group goes on`() async throws {
        let cluster = try cluster()
        let producer = try producer(cluster)
        for n in 0..<10 { try producer.produce(topic: topic, key: [1], value: [UInt8(n)], tag: 1) }
        _ = producer.flush(milliseconds: 10_000)
        do {
            let first = try consumer(cluster)
            let batch = try #require(try await read(10, from: first).first)
            first.commit([TopicOffset(topic: topic, partition: batch.partition(0), offset: 6)])
            // Committing does not wait; closing does.
            first.close()
        }
        let rest = try await read(4, from: consumer(cluster)).flatMap { batch in (0..<batch.count).flatMap { batch.value($0) } }
        #expect(rest == [6, 7, 8, 9])
        let others = try await read(10, from: consumer(cluster, group: "others"))
        #expect(others.reduce(0) { $0 + $1.count } == 10)
    }

    @Test func `lag is what the broker has and the consumer has not read yet`() async throws {
        let cluster = try cluster()
        let producer = try producer(cluster)
        for n in 0..<10 { try producer.produce(topic: topic, key: [1], value: [UInt8(n)], tag: 1) }
        _ = producer.flush(milliseconds: 10_000)
        let consumer = try consumer(cluster)
        #expect(consumer.lag() == [topic: 0], "nothing is known before the first fetch")
        var read = 0
        for _ in 0..<2_000 where read < 3 {
            if let batch = consumer.poll(atMost: 3 - read).batch { read += batch.count } else { try await Task.sleep(for: .milliseconds(5)) }
        }
        #expect(read == 3)
        #expect(consumer.lag() == [topic: 7])
        #expect(try await self.read(7, from: consumer).reduce(0) { $0 + $1.count } == 7)
        #expect(consumer.lag() == [topic: 0])
    }

    @Test func `what is too large is refused at once`() throws {
        let cluster = try cluster()
        let producer = try producer(cluster)
        let error = #expect(throws: KafkaError.self) {
            try producer.produce(topic: topic, key: [1], value: [UInt8](repeating: 0, count: 2_000_000), tag: 1)
        }
        #expect(error?.code == 10, "Kafka's MESSAGE_TOO_LARGE")
        #expect(producer.pendingCount == 0)
    }

    @Test func `a broker that is away fails deliveries by their own time limit`() throws {
        let cluster = try cluster()
        let producer = try Producer(ProducerConfiguration(brokers: cluster.brokers, clientID: "test", deliveryTimeout: 500), log: .silent)
        try cluster.setBroker(1, isUp: false)
        try producer.produce(topic: topic, key: [1], value: [1], tag: 3)
        let reports = producer.flush(milliseconds: 10_000)
        #expect(reports.map(\.tag) == [3])
        #expect(reports.allSatisfy { $0.error != nil })
        #expect(producer.fatalError == nil)
    }

    @Test func `a fatal error stays, and refuses every further message`() throws {
        let cluster = try cluster()
        let producer = try producer(cluster)
        #expect(producer.fatalError == nil)
        producer.injectFatalError()
        #expect(producer.fatalError != nil)
        #expect(throws: KafkaError.self) { try producer.produce(topic: topic, key: [1], value: [1], tag: 1) }
    }

    @Test func `a setting that the library does not know is an error, not a crash`() throws {
        let cluster = try cluster()
        #expect(throws: KafkaError.self) { try producer(cluster, [("no.such.setting", "1")]) }
    }

    @Test func `making topics on a broker that is not there ends in time`() {
        #expect(throws: KafkaError.self) {
            try Topics.create([.init(name: "t", partitions: 1)], brokers: "127.0.0.1:1", timeout: 300, log: .silent)
        }
    }

    @Test func `the library's lines go to the log that was handed in`() async throws {
        let lines = Mutex(0)
        let log = KafkaLog { _, _, _ in lines.withLock { $0 += 1 } }
        let producer = try Producer(ProducerConfiguration(brokers: "127.0.0.1:1", clientID: "test"), log: log)
        for _ in 0..<500 where lines.withLock({ $0 }) == 0 { try await Task.sleep(for: .milliseconds(10)) }
        #expect(lines.withLock { $0 } > 0)
        withExtendedLifetime(producer) {}
    }
}
