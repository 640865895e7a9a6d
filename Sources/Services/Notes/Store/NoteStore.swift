internal import Contracts
internal import Crypto
internal import Encodings
internal import EventLog
internal import SQLite
internal import Shards

/// Makes readers and writers of notes for shards that are opened.
struct NoteStore: ShardStore {
    let master: MasterKey
    let signer: EventSigner
    let limits: NoteLimits
    let witnesses: OutboxWitnesses
    let now: @Sendable () -> Timestamp
    /// Told, on the writing thread, of what a commit appended to a stream.
    let committed: @Sendable ([CommittedEvent]) -> Void
    /// What was erased in a tenant, and what could not be yet, of those that a file lacks: who is asked for each, or for the tenant itself.
    let erasures: @Sendable (TenantName, (String?) throws -> Bool) throws -> [(erasure: Erasure, isOwed: Bool)]
    /// Told, on the writing thread, that a file was opened which had been set back to an older state.
    let setBack: @Sendable (ShardID) -> Void
    /// Told that a file, or its tenant's manifest, is gone.
    let missing: @Sendable (ShardID) -> Void

    var schema: Schema { NoteSchema.schema }

    func makeReader(_ connection: Connection, of shard: ShardID, manifest: TenantManifest) throws -> NoteReader {
        NoteReader(connection: connection, users: UserKeys(connection, try TenantKeyring(manifest, master: master)))
    }

    func makeWriter(_ connection: Connection, of shard: ShardID, manifest: TenantManifest) throws -> NoteWriter {
        try requireWitnesses()
        let witness = try witnesses.witness(tenant: shard.tenant.text, shard: UInt32(shard.number))
        let outbox: Outbox
        do throws(OutboxError) {
            outbox = try Outbox(
                connection: connection, tenant: shard.tenant.text, shard: UInt32(shard.number), signer: signer, limit: limits.outbox,
                witness: witness, makeEpoch: makeID)
        } catch {
            throw error.cause
        }
        let writer = NoteWriter(
            connection: connection, users: UserKeys(connection, try TenantKeyring(manifest, master: master)), outbox: outbox, store: self)
        // A file of before an erasure, which its witness alone doesn't tell where nothing else was written since.
        let lacking = try erasures(shard.tenant) { user in
            guard let user else { throw ShardError.tenantDeleted }
            return try manifest.shard(ofUser: user) == shard && !writer.isRecordedAsErased(user)
        }
        // What could not be done before may fail again, and leaves the others done.
        for owed in [false, true] { try writer.eraseAgain(lacking.filter { $0.isOwed == owed }.compactMap(\.erasure.user)) }
        if outbox.wasSetBack || lacking.contains(where: { !$0.isOwed }) { setBack(shard) }
        return writer
    }

    // MARK: Witnesses

    func remembered() throws -> [ShardID] {
        try witnesses.all().compactMap { each in TenantName(each.tenant).map { ShardID(tenant: $0, number: Int(each.shard)) } }
    }

    func remembers(_ shard: ShardID) throws -> Bool {
        try requireWitnesses()
        return witnesses.contains(tenant: shard.tenant.text, shard: UInt32(shard.number))
    }

    func isMissing(_ shard: ShardID) { missing(shard) }

    func forget(_ tenant: TenantName) throws { try witnesses.forget(tenant: tenant.text) }

    private func requireWitnesses() throws {
        guard witnesses.isInPlace else { throw ShardError.moved(path: witnesses.folder) }
    }

    func stamp(backup: Connection) throws {
        try Outbox.stampBackup(backup)
    }

    func makeID() -> UUID { UUID.v7(at: now(), random: (Random.uint64(), Random.uint64())) }
}
