internal import Contracts
internal import Shards

/// Which tenants' logs lack events that are known to exist. Told by writers, and by whoever compares; read by ``GapFiller``.
struct GapWatch: Sendable {
    /// Logs that know what they lack.
    let tenants = Findings(Set<TenantName>())
    /// Up to where sources say that streams reach, beyond the log: it may still be on its way.
    let suspects = Findings([TenantName: [StreamID: UInt64]]())

    func found(_ tenant: TenantName) {
        tenants.add { $0.insert(tenant) }
    }

    func suspect(_ heads: [StreamID: UInt64], of tenant: TenantName) {
        suspects.add { $0[tenant, default: [:]].merge(heads, uniquingKeysWith: max) }
    }
}
