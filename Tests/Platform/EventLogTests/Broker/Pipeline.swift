import Contracts
import Encodings
import EventLog
import Foundation
import Kafka
import Observability
import Testing
import Transport

extension RelayLimits {
    /// For the embedded broker, which silently drops what is older than its newest 5 MB of a partition.
    static let embeddedBroker = RelayLimits(windowBytes: 2 << 20)
    /// For Kafka, which keeps what it acknowledged.
    static let kafka = RelayLimits(windowBytes: 64 << 20)
}

/// Source, relay, a broker, consumer and log, running on one loop.
final class Pipeline: Sendable {
    let source: PlayedSource
    let log: PlayedLog
    let relay: EventRelay
    let topic: String
    let metrics = MetricsRegistry()
    private let loop: EventLoop
    private let tasks: [Task<Void, Never>]

    init(brokers: String, tenants: [String], limits: RelayLimits = .embeddedBroker, ownPartitions: Int? = 4, partitions: Int? = nil) throws {
        let topic = "events-\(Foundation.UUID().uuidString.lowercased())"
        if let partitions { try Topics.create([.init(name: topic, partitions: partitions)], brokers: brokers, timeout: 20_000, log: .silent) }
        let source = try PlayedSource(tenants: tenants)
        let log = PlayedLog(source: source)
        let logger = Logger(service: "test", minimum: .error, buffer: LogBuffer(wake: { _ in }), now: { .epoch })
        let loop = EventLoop.start(name: "pipeline")
        let relay = EventRelay(
            source: source, marks: log,
            configuration: RelayConfiguration(
                producer: ProducerConfiguration(brokers: brokers, clientID: "test", deliveryTimeout: 3_000), topic: topic, limits: limits,
                marksInterval: 10, confirmInterval: 10),
            loop: loop, log: logger, metrics: RelayMetrics(metrics))
        let consumer = EventConsumer(
            configuration: ConsumerConfiguration(brokers: brokers, clientID: "test", group: topic, fetchWait: 10, ownPartitions: ownPartitions),
            topics: [topic], sink: log,
            loop: loop, log: logger, metrics: ConsumerMetrics(metrics))
        (self.topic, self.source, self.log, self.loop, self.relay) = (topic, source, log, loop, relay)
        tasks = [loop.spawn { try? await relay.run() }, loop.spawn { try? await consumer.run() }]
    }

    /// Commits events and tells the relay, as a shard's writer does.
    func write(_ count: Int, tenant: String, dataBytes: Int = 40) async throws {
        relay.committed(try await source.write(count, tenant: tenant, dataBytes: dataBytes))
    }

    /// Waits until the log holds everything, and says whether it then equals the source.
    func settles(within seconds: Double = 120) async throws -> Bool {
        let deadline = Date().addingTimeInterval(seconds)
        while !(await log.holdsAll(source.heads)) {
            if Date() > deadline { return false }
            try await Task.sleep(for: .milliseconds(10))
        }
        return try await log.equals(source)
    }

    func stop() async {
        for task in tasks { task.cancel() }
        for task in tasks { await task.value }
        loop.stop()
    }
}
