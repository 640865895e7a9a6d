internal import Contracts
internal import EventLog
internal import Shards

/// The logs of every tenant: decides nothing about HTTP, and hands each call to the tenant's own file.
struct AuditLog: Sendable {
    let shards: ShardSet<AuditStore>
    let limits: PageLimits

    /// A tenant has one file, so which user is named does not matter.
    private static let anyone = ""

    /// Nil for a tenant of whom nothing was ever recorded.
    func shard(of tenant: TenantName) async throws(AuditError) -> ShardID? {
        do throws(ShardError) { return try await shards.shard(ofUser: Self.anyone, in: tenant) } catch { throw AuditError(error) }
    }

    func makeShard(of tenant: TenantName) async throws(AuditError) -> ShardID {
        do throws(ShardError) { return try await shards.makeShard(ofUser: Self.anyone, in: tenant) } catch { throw AuditError(error) }
    }

    // MARK: Writing

    /// Appends an event of the service itself; returns when it is on the disk.
    func record(_ occurrence: Occurrence, in tenant: TenantName) async throws(AuditError) -> StreamPosition {
        try await write(tenant) { try $0.record(occurrence) }
    }

    func write<R: Sendable>(_ tenant: TenantName, _ body: @escaping @Sendable (AuditWriter) throws -> R) async throws(AuditError) -> R {
        let shard = try await makeShard(of: tenant)
        do { return try await shards.write(shard, body) } catch { throw AuditError(error) }
    }

    /// Carries out an erasure: durable, and gone from memory and the file's log, when it returns. Twice is the same as once.
    func erase(_ erasure: Erasure) async throws {
        guard let tenant = TenantName(erasure.tenant) else { return }
        let shard = try await makeShard(of: tenant)
        _ = try await shards.write(shard) { try $0.erase(erasure) }
        _ = try await shards.read(shard) { $0.forget(erasure.user) }
        var leaf: Int64? = -1
        while let last = leaf { leaf = try await shards.write(shard) { try $0.forgetAddresses(of: erasure.user, after: last) } }
        try await shards.scrub(shard)
    }

    // MARK: Reading

    /// Every stream the tenant's log has heard of.
    func streams(of tenant: TenantName) async throws(AuditError) -> [StreamID: AuditStream] {
        try await read(tenant) { try $0.streams() } ?? [:]
    }

    /// Whether the user, or the whole tenant, was erased: a token outlives its user.
    func isErased(_ user: String, of tenant: TenantName) async throws(AuditError) -> Bool {
        try await read(tenant) { try $0.isErased(user) } ?? false
    }

    /// One page: as many turns of a reading thread as it takes, with other tenants' turns between them.
    func page(_ query: EventQuery, of tenant: TenantName) async throws(AuditError) -> EventPage {
        var page = EventPage(next: query.after)
        var scanned = 0
        while true {
            let (filter, order, after) = (query.filter, query.order, page.next)
            let (count, bytes) = (query.limit - page.count, max(1, limits.pageBytes - page.json.count))
            let rows = limits.turnRows
            let slice = try await read(tenant) { try $0.slice(filter, order, after: after, count: count, bytes: bytes, rows: rows) }
            guard let slice else { return EventPage(isComplete: true) }
            // An event that would be the first of its slice is whole, but not so of its page.
            if page.count > 0, slice.count > 0, page.json.count + slice.json.count > limits.pageBytes { return page }
            page.add(slice)
            scanned += slice.scanned
            if slice.isFull || page.isComplete || scanned >= limits.queryRows { return page }
        }
    }

    private func read<R: Sendable>(_ tenant: TenantName, _ body: @escaping @Sendable (AuditReader) throws -> R) async throws(AuditError) -> R? {
        guard let shard = try await shard(of: tenant) else { return nil }
        do { return try await shards.read(shard, body) } catch { throw AuditError(error) }
    }
}
