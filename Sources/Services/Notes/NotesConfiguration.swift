internal import Backups
public import Bootstrap
internal import Contracts
internal import EventLog
internal import Shards

/// The settings of the notes service.
public struct NotesConfiguration: ServiceConfiguration {
    /// The folder of tenants' folders.
    public let folder: String
    /// Where backups are written to.
    let backups: String
    let shards: ShardSettings
    let limits: NoteLimits
    let kafka: KafkaAccess
    /// Bytes of events that may be on their way to the audit service.
    let relayWindow: Int

    public init(reading reader: inout ConfigurationReader) throws(ConfigurationError) {
        folder = try reader.string("notes-data", default: "data/notes", help: "The folder that holds the tenants' notes.")
        backups = reader.backups(of: .notes, beside: folder)
        var shards = ShardSettings(name: "notes")
        shards.shardsPerTenant = try reader.integer(
            "notes-shards", default: 4, in: 1...256,
            help:
                "Files that a new tenant's users are spread over, fixed for each tenant once it has notes. Fewer share more commits, more can use more writers."
        )
        shards.writerThreads = try reader.integer(
            "notes-writers", default: 3, in: 1...64, help: "Threads that write: more of them overlap more waits for a slow disk.")
        shards.readerThreads = try reader.integer("notes-readers", default: 1, in: 1...64, help: "Threads that read.")
        shards.openFiles = try reader.integer("notes-open-files", default: 1000, in: 8...1000, help: "Files open for writing at a time.")
        self.shards = shards
        var limits = NoteLimits()
        limits.notesPerUser = try reader.integer(
            "notes-per-user", default: limits.notesPerUser, in: 1...100_000_000, help: "Notes a user may have.")
        limits.outbox = UInt64(
            try reader.integer(
                "notes-outbox", default: Int(limits.outbox), in: 1...100_000_000,
                help: "Events of one file that may wait for the audit service before writes are refused."))
        limits.idempotencySeconds = Int64(
            try reader.integer(
                "notes-idempotency-seconds", default: Int(limits.idempotencySeconds), in: 1...2_592_000,
                help: "How long an Idempotency-Key is remembered."))
        self.limits = limits
        kafka = try KafkaAccess(reading: &reader)
        relayWindow = try reader.integer(
            "relay-window", default: 2 << 20, in: 65_536...1 << 30,
            help: "Bytes of events on their way to the audit service, half of them of one shard; the embedded broker keeps no more than 5 MB.")
    }
}
