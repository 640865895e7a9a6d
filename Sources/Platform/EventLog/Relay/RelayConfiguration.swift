public import Kafka

/// Where and how a relay publishes.
public struct RelayConfiguration: Sendable {
    public var producer: ProducerConfiguration
    public var topic: String
    public var limits: RelayLimits
    /// Milliseconds between two questions to audit.
    public var marksInterval: UInt64
    /// Milliseconds between two times that the marks heard are stored in the outboxes.
    public var confirmInterval: UInt64

    public init(
        producer: ProducerConfiguration, topic: String, limits: RelayLimits, marksInterval: UInt64 = 50, confirmInterval: UInt64 = 1_000
    ) {
        self.producer = producer
        self.topic = topic
        self.limits = limits
        self.marksInterval = marksInterval
        self.confirmInterval = confirmInterval
    }
}
