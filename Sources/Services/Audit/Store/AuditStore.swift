internal import Contracts
internal import Crypto
internal import Encodings
internal import SQLite
internal import Shards

/// Makes readers and writers of tenants' logs for files that are opened.
struct AuditStore: ShardStore {
    let master: MasterKey
    let now: @Sendable () -> Timestamp
    /// What was erased in a tenant, of those that a file lacks: who is asked for each, or for the tenant itself.
    let erasures: @Sendable (TenantName, (String?) throws -> Bool) throws -> [Erasure]
    /// Told, on the writing thread, of what a commit changed.
    let committed: @Sendable (CommittedLog) -> Void
    let ownSigner: EventSigner
    /// Knows the service's own key only, which no source has.
    let ownVerifier: EventVerifier
    private let indexKey: [UInt8]

    init(
        master: MasterKey, now: @escaping @Sendable () -> Timestamp,
        erasures: @escaping @Sendable (TenantName, (String?) throws -> Bool) throws -> [Erasure],
        committed: @escaping @Sendable (CommittedLog) -> Void
    ) {
        self.master = master
        self.now = now
        self.erasures = erasures
        self.committed = committed
        let key = master.derive("audit-events")
        ownSigner = EventSigner(source: .audit, keyID: "audit", key: key)
        ownVerifier = EventVerifier(keys: [(.audit, "audit", key)])
        indexKey = master.derive("audit-index")
    }

    var schema: Schema { AuditSchema.schema }

    func indexKeys(of tenant: String) -> IndexKeys { IndexKeys(key: indexKey, tenant: tenant) }

    func makeReader(_ connection: Connection, of shard: ShardID, manifest: TenantManifest) throws -> AuditReader {
        AuditReader(
            connection: connection, tenant: shard.tenant.text, subjects: Subjects(connection, try TenantKeyring(manifest, master: master)),
            keys: indexKeys(of: shard.tenant.text))
    }

    func makeWriter(_ connection: Connection, of shard: ShardID, manifest: TenantManifest) throws -> AuditWriter {
        let writer = try AuditWriter(
            connection: connection, tenant: shard.tenant.text, keyring: try TenantKeyring(manifest, master: master), store: self)
        // A file that began anew, or is of before an erasure, would take what its sources send again under a new key.
        try writer.eraseAgain(try erasures(shard.tenant) { try !writer.isErased($0) })
        return writer
    }

    /// What is restored from a backup goes on with a new stream of its own: the events after the backup were of the old one.
    func stamp(backup: Connection) throws {
        try backup.run("UPDATE log SET epoch = NULL")
    }

    func makeID() -> UUID { UUID.v7(at: now(), random: (Random.uint64(), Random.uint64())) }
}
