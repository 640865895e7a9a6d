internal import Backups
internal import Contracts
internal import EventLog
internal import Shards

/// Copies every tenant's log.
///
/// Only a log that lacks nothing of what there was when the backup began may be backed up: sources drop events by what a log has said it holds, so a copy
/// of one that is still being filled after a restore could be the older of the two and lack what nobody has any more
/// (ops/decisions/what-audit-may-be-restored-from.md).
struct LogBackup: Sendable {
    let shards: ShardSet<AuditStore>
    let log: AuditLog
    let sources: [any EventSourceClient]

    func copy(to target: BackupTarget) async throws {
        var heads: [String: [StreamHead]] = [:]
        // Also of tenants that the log has not heard of: a log restored from before their time lacks all they wrote.
        for source in sources {
            for head in try await self.heads(of: source, target) { heads[head.stream.tenant, default: []].append(head) }
        }
        let known = try await shards.tenants()
        let deadline = ContinuousClock.now + .seconds(10)
        let tenants = Set(known).union(heads.filter { $0.value.contains { $0.head > 0 } }.keys.compactMap { TenantName($0) })
        let inOrder = tenants.sorted { $0.text < $1.text }
        try await target.each(inOrder) { tenant in
            if let heads = heads[tenant.text] { try await wait(until: heads, areInTheLogOf: tenant, notAfter: deadline) }
        }
        try await target.each(inOrder) { tenant in try await shards.backUp(tenant, below: target.folder) }
    }

    private func heads(of source: any EventSourceClient, _ target: BackupTarget) async throws -> [StreamHead] {
        let list: (heads: [StreamHead], unreadable: Set<String>)
        do {
            list = try await source.readableStreams()
        } catch {
            throw BackupError.refused(
                "the \(source.source.rawValue) service can't be asked which events there are, so nothing says that the log has all")
        }
        let unknown = list.unreadable.subtracting(target.without)
        guard unknown.isEmpty else {
            throw BackupError.unreadable(
                tenants: Array(unknown.sorted().prefix(BackupTarget.mostNamed)),
                reason: "the \(source.source.rawValue) service can't read which events there are, so nothing says that the log has all")
        }
        return list.heads
    }

    /// Events of a moment ago are still on their way at any time; a hole stays. What is lost everywhere is in no other copy either.
    private func wait(
        until heads: [StreamHead], areInTheLogOf tenant: TenantName, notAfter deadline: ContinuousClock.Instant
    ) async throws {
        while true {
            let streams = try await log.streams(of: tenant)
            let lacks = heads.contains { head in
                let state = streams[head.stream] ?? AuditStream()
                return state.mark < head.head && !state.isLost
            }
            if !lacks { return }
            guard ContinuousClock.now < deadline else { break }
            try await Task.sleep(for: .milliseconds(100))
        }
        throw BackupError.refused("the log of tenant \(tenant) lacks events, so it is no base for a restore; see GET /audit/completeness")
    }
}
