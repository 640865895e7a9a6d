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

    @Sendable func copy(to folder: String) async throws {
        var heads: [String: [StreamHead]] = [:]
        // Also of tenants that the log has not heard of: a log restored from before their time lacks all they wrote.
        for source in sources {
            for head in try await self.heads(of: source) { heads[head.stream.tenant, default: []].append(head) }
        }
        for (tenant, heads) in heads where heads.contains(where: { $0.head > 0 }) {
            guard let tenant = TenantName(tenant) else { continue }
            try await wait(until: heads, areInTheLogOf: tenant)
        }
        for tenant in try await shards.tenants() { try await shards.backUp(tenant, below: folder) }
    }

    private func heads(of source: any EventSourceClient) async throws -> [StreamHead] {
        do {
            return try await source.allStreams(tenant: nil, limit: .max)
        } catch {
            throw BackupError.refused(
                "the \(source.source.rawValue) service can't be asked which events there are, so nothing says that the log has all")
        }
    }

    /// Events of a moment ago are still on their way at any time; a hole stays. What is lost everywhere is in no other copy either.
    private func wait(until heads: [StreamHead], areInTheLogOf tenant: TenantName) async throws {
        for _ in 0..<100 {
            let streams = try await log.streams(of: tenant)
            let lacks = heads.contains { head in
                let state = streams[head.stream] ?? AuditStream()
                return state.mark < head.head && !state.isLost
            }
            if !lacks { return }
            try await Task.sleep(for: .milliseconds(100))
        }
        throw BackupError.refused("the log of tenant \(tenant) lacks events, so it is no base for a restore; see GET /audit/completeness")
    }
}
