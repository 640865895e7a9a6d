internal import CKafka

/// A member of a consumer group.
///
/// ``poll(atMost:)`` has to be called every few seconds even when nothing comes: it is what serves rebalances. Dropping the last
/// reference leaves the group and joins the library's threads, so do that where blocking is allowed.
@safe public final class Consumer: Sendable {
    /// What one call of ``poll(atMost:)`` brought.
    public struct Polled: Sendable {
        /// Nil when no message came.
        public let batch: RecordBatch?
        /// What the library had to say besides; most errors pass by themselves.
        public let errors: [KafkaError]
    }

    private let handle: ClientHandle
    private let topics: [String]
    private let ownPartitions: Int?

    /// Joins the group and asks for `topics`, or takes all their partitions as the configuration says.
    public init(_ configuration: ConsumerConfiguration, topics: [String], log: KafkaLog) throws(KafkaError) {
        handle = try ClientHandle(.consumer, properties: configuration.all, log: log)
        self.topics = topics
        ownPartitions = configuration.ownPartitions
        try take()
    }

    /// Takes the configured partitions again, from where they were committed: the library may wait for ever for those of a topic that was made only
    /// after it had looked. Nothing to do for a member of a group, whose coordinator does it.
    public func takeAgain() throws(KafkaError) {
        if ownPartitions != nil { try take() }
    }

    private func take() throws(KafkaError) {
        let list = unsafe rd_kafka_topic_partition_list_new(Int32(topics.count))
        defer { unsafe rd_kafka_topic_partition_list_destroy(list) }
        for topic in topics {
            guard let count = ownPartitions else {
                unsafe rd_kafka_topic_partition_list_add(list, topic, RD_KAFKA_PARTITION_UA)
                continue
            }
            for partition in 0..<Int32(count) {
                unsafe rd_kafka_topic_partition_list_add(list, topic, partition).pointee.offset = Int64(RD_KAFKA_OFFSET_STORED)
            }
        }
        let code = unsafe ownPartitions == nil ? rd_kafka_subscribe(handle.client, list) : rd_kafka_assign(handle.client, list)
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { throw KafkaError(code) }
    }

    /// As ``Producer/wakeDescriptor``.
    public var wakeDescriptor: Int32 { handle.wakeDescriptor }

    /// Messages that have come in, in order within a partition; never waits. Empties the eventfd first.
    public func poll(atMost limit: Int) -> Polled {
        handle.acknowledgeWake()
        var messages: [UnsafeMutablePointer<rd_kafka_message_t>?] = unsafe Array(repeating: nil, count: limit)
        let count = unsafe rd_kafka_consume_batch_queue(handle.queue, 0, &messages, limit)
        var good: [UnsafeMutablePointer<rd_kafka_message_t>] = unsafe []
        var errors: [KafkaError] = []
        for index in 0..<max(0, count) {
            guard let message = unsafe messages[index] else { continue }
            if unsafe message.pointee.err == RD_KAFKA_RESP_ERR_NO_ERROR {
                unsafe good.append(message)
            } else {
                unsafe errors.append(KafkaError(message.pointee.err))
                unsafe rd_kafka_message_destroy(message)
            }
        }
        return Polled(batch: unsafe good.isEmpty ? nil : RecordBatch(good, of: handle), errors: errors)
    }

    /// Tells the group how far this member is; does not wait, and what comes of it is not reported: offsets are hints.
    public func commit(_ offsets: [TopicOffset]) {
        let list = unsafe rd_kafka_topic_partition_list_new(Int32(offsets.count))
        defer { unsafe rd_kafka_topic_partition_list_destroy(list) }
        for offset in offsets {
            unsafe rd_kafka_topic_partition_list_add(list, offset.topic, offset.partition).pointee.offset = offset.offset
        }
        unsafe _ = rd_kafka_commit(handle.client, list, 1)
    }

    /// The partitions that are this member's just now.
    public func assignment() -> [TopicOffset] {
        var list: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>?
        guard unsafe rd_kafka_assignment(handle.client, &list) == RD_KAFKA_RESP_ERR_NO_ERROR, let list = unsafe list else { return [] }
        defer { unsafe rd_kafka_topic_partition_list_destroy(list) }
        return (0..<Int(unsafe list.pointee.cnt)).map { i in
            let element = unsafe list.pointee.elems[i]
            return unsafe TopicOffset(topic: String(cString: element.topic), partition: element.partition, offset: element.offset)
        }
    }

    /// Messages of each topic that the broker has and this member has not read yet, as far as the library has heard; asks nobody.
    public func lag() -> [String: Int] {
        var list: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>?
        guard unsafe rd_kafka_assignment(handle.client, &list) == RD_KAFKA_RESP_ERR_NO_ERROR, let list = unsafe list else { return [:] }
        defer { unsafe rd_kafka_topic_partition_list_destroy(list) }
        guard unsafe rd_kafka_position(handle.client, list) == RD_KAFKA_RESP_ERR_NO_ERROR else { return [:] }
        var lag: [String: Int] = [:]
        for i in 0..<Int(unsafe list.pointee.cnt) {
            let element = unsafe list.pointee.elems[i]
            let (topic, position) = unsafe (String(cString: element.topic), element.offset)
            var (low, high): (Int64, Int64) = (0, 0)
            // Both are unknown until the partition's first message and first fetch.
            let isKnown =
                unsafe rd_kafka_get_watermark_offsets(handle.client, topic, element.partition, &low, &high) == RD_KAFKA_RESP_ERR_NO_ERROR
                && position >= 0 && high >= 0
            lag[topic, default: 0] += isKnown ? Int(max(0, high - position)) : 0
        }
        return lag
    }

    /// Leaves the group, blocking, so that others take over at once.
    public func close() {
        unsafe _ = rd_kafka_consumer_close(handle.client)
    }
}
