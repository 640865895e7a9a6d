internal import Backups
public import Bootstrap
internal import Contracts
internal import EventLog
internal import Shards

/// The settings of the audit service.
public struct AuditConfiguration: ServiceConfiguration {
    /// The folder of tenants' folders, one file in each.
    public let folder: String
    /// Where backups are written to.
    let backups: String
    let shards: ShardSettings
    let page = PageLimits()
    /// The group whose members see the whole tenant's events.
    let auditors: String
    /// How long a query waits for the positions it names.
    let waitMilliseconds: UInt64
    let kafka: KafkaAccess
    /// Partitions of each topic that are read without asking the broker's group coordinator; nil is the group's way.
    let ownPartitions: Int?
    let fetchWait: Int
    /// Partitions of topics that have to be made.
    let partitions: Int
    let retentionHours: Int

    public init(reading reader: inout ConfigurationReader) throws(ConfigurationError) {
        folder = try reader.string("audit-data", default: "data/audit", help: "The folder that holds the tenants' audit logs.")
        backups = reader.backups(of: .audit, beside: folder)
        var shards = ShardSettings(name: "audit")
        // A tenant's log is one file, one order, one tree.
        shards.shardsPerTenant = 1
        shards.writerThreads = try reader.integer(
            "audit-writers", default: 4, in: 1...64, help: "Threads that write: more of them overlap more waits for a slow disk.")
        shards.readerThreads = try reader.integer("audit-readers", default: 1, in: 1...64, help: "Threads that read.")
        shards.openFiles = try reader.integer("audit-open-files", default: 256, in: 8...1000, help: "Files open for writing at a time.")
        // Indexes grow in a few places each, which are to stay in memory; a log that is not busy takes what it has.
        shards.pageCache = try reader.integer(
            "audit-page-cache", default: 8192, in: 512...1 << 20, help: "KiB of a log kept in memory while its file is open.")
        self.shards = shards
        auditors = try reader.string("auditors-group", default: "auditors", help: "The group whose members see the whole tenant's events.")
        waitMilliseconds =
            UInt64(try reader.integer("audit-wait", default: 10, in: 0...25, help: "Seconds a query waits for the positions it names.")) * 1000
        kafka = try KafkaAccess(reading: &reader)
        let partitions = try reader.integer(
            "kafka-own-partitions", default: 0, in: 0...1024,
            help: "Read that many partitions of each topic outside any consumer group, as with the embedded broker; 0 joins the group.")
        ownPartitions = partitions == 0 ? nil : partitions
        fetchWait = try reader.integer(
            "kafka-fetch-wait", default: 100, in: 1...5000, help: "Milliseconds a broker may wait before it answers that nothing is new.")
        self.partitions = try reader.integer(
            "kafka-partitions", default: 6, in: 1...1024,
            help: "Partitions of the topics, where they have to be made; those that exist stay as they are.")
        retentionHours = try reader.integer(
            "kafka-retention-hours", default: 168, in: 1...87_600, help: "How long topics that have to be made keep an event.")
    }
}
