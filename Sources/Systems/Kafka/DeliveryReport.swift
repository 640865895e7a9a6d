/// What became of one message.
public struct DeliveryReport: Equatable, Sendable {
    /// What ``Producer/produce(topic:key:value:tag:headers:)`` was given.
    public let tag: UInt64
    /// Nil when the broker has it.
    public let error: KafkaError?
    public let partition: Int32
    public let offset: Int64
}
