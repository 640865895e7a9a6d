import Kafka

/// The broker of a cluster on one machine.
enum EmbeddedBroker {
    /// The topics of the cluster. Within a partition the order of one tenant's events is kept.
    static let topics = ["strongroom.notes.v1", "strongroom.identity.v1", "strongroom.access.v1"]

    /// What its clients do differently: nobody else consumes here, so partitions need no dividing up, and it answers a fetch only when its wait is over.
    static let settings = ["kafka-own-partitions": "\(partitions)", "kafka-fetch-wait": "10"]
    private static let partitions = 4

    static func start() throws(KafkaError) -> MockCluster {
        let broker = try MockCluster(log: .silent)
        for topic in topics { try broker.createTopic(topic, partitions: partitions) }
        return broker
    }
}
