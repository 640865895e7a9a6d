internal import CKafka

/// What librdkafka or a broker refused.
public struct KafkaError: Error, Equatable, Sendable, CustomStringConvertible {
    /// `rd_kafka_resp_err_t`: negative ones are librdkafka's own, positive ones the Kafka protocol's.
    public let code: Int32
    public let message: String

    init(_ code: rd_kafka_resp_err_t, _ message: String? = nil) {
        self.code = code.rawValue
        // rd_kafka_err2str returns a string with static lifetime.
        self.message = message ?? (unsafe String(cString: rd_kafka_err2str(code)))
    }

    /// There is no producer just now.
    public static let noProducer = KafkaError(RD_KAFKA_RESP_ERR__STATE, "no producer")

    public var description: String { "\(message) (Kafka code \(code))" }

    /// No broker can be reached just now; the library goes on trying.
    public var isTransport: Bool {
        code == RD_KAFKA_RESP_ERR__TRANSPORT.rawValue || code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN.rawValue
            || code == RD_KAFKA_RESP_ERR__RESOLVE.rawValue
    }
    /// The broker does not have the topic, or not yet.
    public var isUnknownTopic: Bool {
        code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART.rawValue || code == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC.rawValue
            || code == RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION.rawValue
    }
    /// The topic exists already.
    public var isTopicAlreadyExists: Bool { code == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS.rawValue }
}
