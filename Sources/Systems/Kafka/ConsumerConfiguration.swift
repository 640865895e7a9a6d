/// How a consumer is set up: in a group, cooperative rebalancing, offsets committed by hand, from the earliest message on.
public struct ConsumerConfiguration: Sendable {
    public var brokers: String
    public var clientID: String
    public var group: String
    /// Milliseconds a broker may keep a fetch waiting. The embedded broker has no wake-up on produce, so this is its latency.
    public var fetchWait: Int
    /// Kibibytes read ahead for all partitions. The library sleeps for up to a second once it has more, so it is to last about that long.
    public var prefetch: Int
    /// Reads that many partitions of each topic without asking the group's coordinator who reads what: for the embedded broker, which has one reader
    /// and lets a new group wait for three seconds.
    public var ownPartitions: Int?
    public var properties: [(String, String)]

    public init(
        brokers: String, clientID: String, group: String, fetchWait: Int = 100, prefetch: Int = 49_152, ownPartitions: Int? = nil,
        properties: [(String, String)] = []
    ) {
        self.brokers = brokers
        self.clientID = clientID
        self.group = group
        self.fetchWait = fetchWait
        self.prefetch = prefetch
        self.ownPartitions = ownPartitions
        self.properties = properties
    }

    var all: [(String, String)] {
        [
            ("bootstrap.servers", brokers), ("client.id", clientID), ("group.id", group), ("partition.assignment.strategy", "cooperative-sticky"),
            ("enable.auto.commit", "false"), ("enable.auto.offset.store", "false"), ("auto.offset.reset", "earliest"),
            ("fetch.wait.max.ms", String(fetchWait)), ("queued.max.messages.kbytes", String(prefetch)), ("enable.partition.eof", "false"),
            ("allow.auto.create.topics", "true"), ("topic.metadata.refresh.interval.ms", "10000"), ("socket.keepalive.enable", "true"),
            // A broker that says nothing is asked again in seconds, not in the default minute.
            ("socket.timeout.ms", "15000"), ("socket.connection.setup.timeout.ms", "5000"), ("api.version.request.timeout.ms", "5000"),
            ("reconnect.backoff.max.ms", "2000"), ("fetch.error.backoff.ms", "100"),
            // A killed member's partitions go to another after 10 seconds, not the default 45.
            ("session.timeout.ms", "10000"), ("heartbeat.interval.ms", "3000"),
        ] + properties
    }
}
