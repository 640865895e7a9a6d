internal import CKafka

/// Making topics on a broker.
public enum Topics {
    public struct Specification: Sendable {
        public let name: String
        public let partitions: Int
        /// -1 lets the broker decide.
        public let replicas: Int
        /// Settings of the topic's own, such as `retention.ms`; the broker's stand for all others.
        public let settings: [String: String]

        public init(name: String, partitions: Int, replicas: Int = -1, settings: [String: String] = [:]) {
            self.name = name
            self.partitions = partitions
            self.replicas = replicas
            self.settings = settings
        }
    }

    /// The names of the topics that this client may see, blocking for up to `timeout` milliseconds.
    public static func names(brokers: String, properties: [(String, String)] = [], timeout: Int, log: KafkaLog) throws(KafkaError) -> Set<String> {
        let handle = try ClientHandle(.producer, properties: [("bootstrap.servers", brokers)] + properties, log: log)
        var found: UnsafePointer<rd_kafka_metadata>?
        // All of them: to be asked for one by name makes it, on a broker that may.
        let code = unsafe rd_kafka_metadata(handle.client, 1, nil, &found, Int32(timeout))
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR, let metadata = unsafe found else { throw KafkaError(code) }
        defer { unsafe rd_kafka_metadata_destroy(metadata) }
        // Valid until it is destroyed: `topic_cnt` topics, each with a name that ends in a zero.
        return unsafe Set((0..<Int(metadata.pointee.topic_cnt)).map { unsafe String(cString: metadata.pointee.topics[$0].topic) })
    }

    /// Makes what is not there yet, blocking for up to `timeout` milliseconds. A topic that exists is left as it is.
    public static func create(_ topics: [Specification], brokers: String, properties: [(String, String)] = [], timeout: Int, log: KafkaLog)
        throws(KafkaError)
    {
        let handle = try ClientHandle(.producer, properties: [("bootstrap.servers", brokers)] + properties, log: log)
        var made: [OpaquePointer?] = unsafe []
        defer { unsafe made.forEach { unsafe rd_kafka_NewTopic_destroy($0) } }
        var reason = [CChar](repeating: 0, count: 512)
        for topic in topics {
            guard let new = unsafe rd_kafka_NewTopic_new(topic.name, Int32(topic.partitions), Int32(topic.replicas), &reason, reason.count) else {
                throw KafkaError(RD_KAFKA_RESP_ERR__INVALID_ARG, "the topic \(topic.name) cannot be described")
            }
            unsafe made.append(new)
            for (name, value) in topic.settings {
                guard unsafe rd_kafka_NewTopic_set_config(new, name, value) == RD_KAFKA_RESP_ERR_NO_ERROR else {
                    throw KafkaError(RD_KAFKA_RESP_ERR__INVALID_ARG, "the topic \(topic.name) cannot have the setting \(name)")
                }
            }
        }
        let options = unsafe rd_kafka_AdminOptions_new(handle.client, RD_KAFKA_ADMIN_OP_CREATETOPICS)
        defer { unsafe rd_kafka_AdminOptions_destroy(options) }
        unsafe _ = rd_kafka_AdminOptions_set_request_timeout(options, Int32(timeout), &reason, reason.count)
        let queue = unsafe rd_kafka_queue_new(handle.client)
        defer { unsafe rd_kafka_queue_destroy(queue) }
        unsafe rd_kafka_CreateTopics(handle.client, &made, made.count, options, queue)
        guard let event = unsafe rd_kafka_queue_poll(queue, Int32(timeout)) else { throw KafkaError(RD_KAFKA_RESP_ERR__TIMED_OUT) }
        defer { unsafe rd_kafka_event_destroy(event) }
        let code = unsafe rd_kafka_event_error(event)
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { throw KafkaError(code) }
        guard let result = unsafe rd_kafka_event_CreateTopics_result(event) else { throw KafkaError(RD_KAFKA_RESP_ERR__BAD_MSG) }
        var count = 0
        let results = unsafe rd_kafka_CreateTopics_result_topics(result, &count)
        for i in 0..<count {
            let error = unsafe KafkaError(rd_kafka_topic_result_error(results?[i]))
            if error.code != 0, !error.isTopicAlreadyExists { throw error }
        }
    }
}
