/// How a producer is set up: idempotent, and done with a message only when all in-sync replicas have it.
public struct ProducerConfiguration: Sendable {
    /// `host:port`, several separated by commas.
    public var brokers: String
    /// Shows in the broker's logs.
    public var clientID: String
    /// Milliseconds a batch is waited for: small batches cost the broker and the audit service more than the events in them.
    public var linger: Int
    /// Milliseconds after which an undelivered message is reported as failed.
    public var deliveryTimeout: Int
    /// Further properties of librdkafka's CONFIGURATION.md, which win over these; TLS and SASL among them.
    public var properties: [(String, String)]

    public init(brokers: String, clientID: String, linger: Int = 10, deliveryTimeout: Int = 30_000, properties: [(String, String)] = []) {
        self.brokers = brokers
        self.clientID = clientID
        self.linger = linger
        self.deliveryTimeout = deliveryTimeout
        self.properties = properties
    }

    var all: [(String, String)] {
        [
            ("bootstrap.servers", brokers), ("client.id", clientID), ("enable.idempotence", "true"), ("acks", "all"),
            ("linger.ms", String(linger)), ("message.timeout.ms", String(deliveryTimeout)), ("compression.codec", "lz4"),
            ("queue.buffering.max.messages", "100000"), ("queue.buffering.max.kbytes", "131072"),
            ("partitioner", "murmur2_random"), ("socket.keepalive.enable", "true"), ("reconnect.backoff.max.ms", "2000"),
            // As for the consumer.
            ("socket.timeout.ms", "15000"), ("socket.connection.setup.timeout.ms", "5000"), ("api.version.request.timeout.ms", "5000"),
        ] + properties
    }
}
