internal import CKafka

/// librdkafka's mock cluster: brokers that speak the real protocol on loopback ports, inside this process.
///
/// It forgets everything with the process, silently drops the oldest beyond 5 MB of a partition, and appends a replayed batch
/// twice: nothing of ours may rest on it.
///
/// `@safe`, `@unchecked Sendable`: librdkafka documents the mock API as thread-safe; the cluster lives as long as its client, and both end
/// in `deinit`.
@safe public final class MockCluster: @unchecked Sendable {
    private let handle: ClientHandle
    private let cluster: OpaquePointer
    /// `127.0.0.1:port`, several separated by commas.
    public let brokers: String

    public init(brokerCount: Int = 1, log: KafkaLog) throws(KafkaError) {
        handle = try ClientHandle(.producer, properties: [("client.id", "embedded-broker")], log: log)
        guard let cluster = unsafe rd_kafka_mock_cluster_new(handle.client, Int32(brokerCount)),
            let bootstraps = unsafe rd_kafka_mock_cluster_bootstraps(cluster)
        else { throw KafkaError(RD_KAFKA_RESP_ERR__CRIT_SYS_RESOURCE, "the embedded broker did not start") }
        unsafe self.cluster = cluster
        brokers = unsafe String(cString: bootstraps)
    }

    deinit {
        unsafe rd_kafka_mock_cluster_destroy(cluster)
    }

    /// Topics that are not made so get four partitions at their first use.
    public func createTopic(_ name: String, partitions: Int, replicas: Int = 1) throws(KafkaError) {
        let code = unsafe rd_kafka_mock_topic_create(cluster, name, Int32(partitions), Int32(replicas))
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { throw KafkaError(code) }
    }

    /// Cuts a broker (counted from 1) off from its clients, or brings it back.
    public func setBroker(_ id: Int, isUp: Bool) throws(KafkaError) {
        let code = unsafe isUp ? rd_kafka_mock_broker_set_up(cluster, Int32(id)) : rd_kafka_mock_broker_set_down(cluster, Int32(id))
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { throw KafkaError(code) }
    }

    /// The next produce requests fail with this protocol error code, one for each.
    public func failProduce(codes: [Int32]) {
        let errors = codes.map { rd_kafka_resp_err_t($0) }
        // ApiKey 0 is Produce.
        unsafe rd_kafka_mock_push_request_errors_array(cluster, 0, errors.count, errors)
    }
}
