public import Bootstrap
internal import Contracts
internal import Kafka
public import Observability
internal import Threads

/// Makes the cluster's topics on a broker that does not have them yet, as soon as it can be reached.
public struct TopicSetup: BackgroundService {
    public let name = "topic-setup"
    private let kafka: KafkaAccess
    private let partitions: Int
    private let retentionHours: Int
    private let log: Logger

    /// - Parameters:
    ///   - partitions: of each topic of events; a topic that exists is left as it is.
    ///   - retentionHours: how long the broker keeps an event. The sources' outboxes keep it until audit has it, so nothing rests on this.
    public init(kafka: KafkaAccess, partitions: Int, retentionHours: Int, log: Logger) {
        self.kafka = kafka
        self.partitions = partitions
        self.retentionHours = retentionHours
        self.log = log
    }

    public func run() async throws {
        let settings = ["retention.ms": "\(retentionHours * 3_600_000)", "cleanup.policy": "delete"]
        let topics =
            EventTopic.sources.map { Topics.Specification(name: $0, partitions: partitions, settings: settings) }
            + [.init(name: EventTopic.deadLetters, partitions: 1, settings: settings)]
        let thread = try WorkerThread(name: "topic-setup")
        let (kafka, log) = (kafka, log)
        while !Task.isCancelled {
            let error: KafkaError? = await withCheckedContinuation { continuation in
                thread.submit {
                    continuation.resume(returning: Self.setUp(topics, kafka, log))
                }
            }
            if let error { log.warning("The topics could not be made yet", .error(error)) }
            // Looked at again now and then: a broker that lost everything gets its topics back with their partitions. Cut short when the service stops.
            try? await Task.sleep(for: error == nil ? .seconds(60) : .seconds(2))
        }
    }

    /// - Returns: why the topics are not there.
    private static func setUp(_ topics: [Topics.Specification], _ kafka: KafkaAccess, _ log: Logger) -> KafkaError? {
        do throws(KafkaError) {
            try Topics.create(topics, brokers: kafka.brokers, properties: kafka.properties, timeout: 5_000, log: .to(log))
            return nil
        } catch {
            // Somebody else may have made them, on a broker that doesn't let us, or that makes none when it is asked, as the embedded one.
            let names = try? Topics.names(brokers: kafka.brokers, properties: kafka.properties, timeout: 5_000, log: .to(log))
            return names?.isSuperset(of: topics.map(\.name)) == true ? nil : error
        }
    }
}
