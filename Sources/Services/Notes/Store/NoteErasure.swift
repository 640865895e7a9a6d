internal import Contracts
internal import EventLog
internal import Processes
internal import Shards

/// Carries out erasures: a user's key and rows, or all of a tenant. Twice is the same as once.
struct NoteErasure: Sendable {
    let shards: ShardSet<NoteStore>
    let relay: EventRelay

    private static let batch = 1000
    private static let afterKey = FailPoint("notes.after-key-destroyed")

    func carryOut(_ erasure: Erasure) async throws {
        // What can't be a folder's name has no data.
        guard let tenant = TenantName(erasure.tenant) else { return }
        do {
            if let user = erasure.user { try await erase(user, of: tenant) } else { try await delete(tenant) }
        } catch ShardError.tenantDeleted {
            // The user went with the tenant.
        } catch ShardError.missing {
            // Whatever is put back has it done when it is opened (`NoteStore`), and nobody else's erasure waits for that.
        }
    }

    private func erase(_ user: String, of tenant: TenantName) async throws {
        let shard = try await shards.makeShard(ofUser: user, in: tenant)
        try await shards.write(shard) { try $0.erase(user) }
        Self.afterKey.pass()
        // From here on their notes open for nobody.
        _ = try await shards.read(shard) { $0.forget(user) }
        while try await shards.write(shard, { try $0.deleteRows(of: user, atMost: Self.batch) }) {}
        try await shards.scrub(shard)
    }

    private func delete(_ tenant: TenantName) async throws {
        try await shards.delete(tenant)
        relay.forget(tenant: tenant.text)
    }
}
