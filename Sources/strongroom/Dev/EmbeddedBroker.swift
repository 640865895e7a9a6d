import Contracts
import Kafka

/// The broker of a cluster on one machine.
enum EmbeddedBroker {
    /// What its clients do differently: nobody else consumes here, so partitions need no dividing up, and it answers a fetch only when its wait is over.
    static let settings = ["kafka-own-partitions": "\(partitions)", "kafka-fetch-wait": "10"]
    private static let partitions = 4

    static func start() throws(KafkaError) -> MockCluster {
        let broker = try MockCluster(log: .silent)
        // Within a partition the order of one tenant's events is kept.
        for topic in EventTopic.sources { try broker.createTopic(topic, partitions: partitions) }
        try broker.createTopic(EventTopic.deadLetters, partitions: 1)
        return broker
    }
}
