internal import Backups
internal import EventLog
internal import Shards

/// Copies every tenant's log.
///
/// Only a log that lacks nothing may be backed up: sources drop events by what a log has said it holds, so a copy of one that is still being filled after a
/// restore could be the older of the two and lack what nobody has any more (ops/decisions/what-audit-may-be-restored-from.md).
struct LogBackup: Sendable {
    let shards: ShardSet<AuditStore>
    let completeness: CompletenessCheck

    @Sendable func copy(to folder: String) async throws {
        for tenant in try await shards.tenants() {
            try await waitUntilComplete(tenant)
            try await shards.backUp(tenant, below: folder)
        }
    }

    /// Events of a moment ago are still on their way at any time; a hole stays. What is lost everywhere is in no other copy either.
    private func waitUntilComplete(_ tenant: TenantName) async throws {
        var reason = ""
        for _ in 0..<100 {
            let report = try await completeness.report(of: tenant)
            let lacking = report.streams.filter { $0.status == .missing }
            if report.isWhole, lacking.isEmpty { return }
            reason = report.isWhole ? "\(lacking.count) of its streams are not complete" : "its sources can't all be asked"
            try await Task.sleep(for: .milliseconds(100))
        }
        throw BackupError.refused("the log of tenant \(tenant) is no base for a restore now: \(reason); see GET /audit/completeness")
    }
}
