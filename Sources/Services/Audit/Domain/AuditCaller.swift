internal import Contracts
internal import Shards

/// Who asks for events: a user of the tenant whose log it is.
struct AuditCaller: Sendable {
    let tenant: TenantName
    /// The `sub` of the user.
    let user: String
    /// Whether the caller may see the whole tenant's events.
    let isAuditor: Bool
    let actor: EventActor

    init(_ identity: CallerIdentity, auditors: String) throws(AuditError) {
        guard identity.method != .none, let tenant = identity.tenant.flatMap(TenantName.init), let user = identity.subject,
            !user.isEmpty, user.utf8.count <= EventLimits.maximumTextBytes
        else { throw .unauthorized }
        self.tenant = tenant
        self.user = user
        isAuditor = identity.groups.contains(auditors)
        actor = EventActor(
            userID: user, username: identity.username ?? "", principal: identity.principal ?? "", method: identity.method.rawValue)
    }
}
