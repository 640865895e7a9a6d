public import Kafka

/// Where and how a relay publishes.
public struct RelayConfiguration: Sendable {
    public var producer: ProducerConfiguration
    public var topic: String
    public var limits: RelayLimits
    /// Milliseconds between two questions to audit.
    public var marksInterval: UInt64

    public init(producer: ProducerConfiguration, topic: String, limits: RelayLimits, marksInterval: UInt64 = 50) {
        self.producer = producer
        self.topic = topic
        self.limits = limits
        self.marksInterval = marksInterval
    }
}
