internal import Shards
internal import Synchronization

/// How many queries may wait for the log at a time: each holds a connection of the gateway's, of which all tenants together have some hundreds.
final class WaitingPlaces: Sendable {
    /// Of one user: a page of a client that shows what it has just written waits once or twice.
    static let ofUser = 8
    /// Of all users of a tenant.
    static let ofTenant = 64

    private struct Holder: Hashable {
        let tenant: TenantName
        /// Nil for the tenant as a whole.
        var user: String?
    }

    private let taken = Mutex<[Holder: Int]>([:])

    /// Takes a place, which ``end(_:)`` gives back.
    /// - Throws: `tooManyWait` where the user, or the tenant, has none left.
    func begin(_ caller: AuditCaller) throws(AuditError) {
        let (user, tenant) = Self.holders(caller)
        let hasRoom = taken.withLock { taken in
            guard taken[user, default: 0] < Self.ofUser, taken[tenant, default: 0] < Self.ofTenant else { return false }
            taken[user, default: 0] += 1
            taken[tenant, default: 0] += 1
            return true
        }
        guard hasRoom else { throw .tooManyWait }
    }

    func end(_ caller: AuditCaller) {
        let (user, tenant) = Self.holders(caller)
        taken.withLock { taken in
            for holder in [user, tenant] {
                // Who has none left is not kept.
                let left = taken[holder, default: 1] - 1
                taken[holder] = left == 0 ? nil : left
            }
        }
    }

    private static func holders(_ caller: AuditCaller) -> (user: Holder, tenant: Holder) {
        (Holder(tenant: caller.tenant, user: caller.user), Holder(tenant: caller.tenant))
    }
}
