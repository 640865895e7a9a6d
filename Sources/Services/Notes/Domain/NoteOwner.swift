internal import Contracts
internal import Shards

/// The user a request is about: always the caller, as the gateway established it.
struct NoteOwner: Sendable {
    let tenant: TenantName
    /// The `sub` of the user.
    let user: String
    let actor: EventActor

    /// Bytes a user id may have.
    static let maximumUser = Erasure.maximumUserBytes

    init(_ identity: CallerIdentity) throws(NotesError) {
        guard identity.method != .none, let tenant = identity.tenant.flatMap(TenantName.init), let user = identity.subject,
            !user.isEmpty, user.utf8.count <= Self.maximumUser
        else { throw .unauthorized }
        self.tenant = tenant
        self.user = user
        actor = EventActor(
            userID: user, username: identity.username ?? "", principal: identity.principal ?? "", method: identity.method.rawValue)
    }

    private init(tenant: TenantName, user: String, actor: EventActor) {
        self.tenant = tenant
        self.user = user
        self.actor = actor
    }

    /// The same user, told of by the id alone.
    var nameless: NoteOwner { NoteOwner(tenant: tenant, user: user, actor: EventActor(userID: user, method: actor.method)) }
}
