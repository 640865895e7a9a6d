internal import Encodings

/// One call of an action: who asks, what for, and what the action works with.
struct QueryInvocation: Sendable {
    let request: QueryRequest
    let principal: Principal
    let principalARN: String
    let account: Account
    let store: DirectoryStore
    let now: Timestamp

    /// `UserName`, or the caller's own name where it is left out.
    func userName() throws(QueryError) -> String {
        if request.text("UserName") == nil {
            if case .user(let user) = principal { return user.name }
            if case .root = principal { throw .rootIsNoUser }
        }
        return try request.name("UserName", upTo: 128)
    }

    func roleName() throws(QueryError) -> String { try request.name("RoleName", upTo: 64) }

    /// The ARN of the role named, with path `/` if there is none.
    func roleARN() throws(QueryError) -> String {
        let name = try roleName()
        return store.current.role(name).map(account.arn) ?? account.role("/", name)
    }

    /// The ARN of the user named, with path `/` if there is none.
    func userARN() throws(QueryError) -> String {
        if request.text("UserName") == nil, case .root = principal { return account.root }
        let name = try userName()
        return store.current.user(name).map(account.arn) ?? account.user("/", name)
    }
}

extension AccountDirectory {
    func existingRole(_ name: String) throws(QueryError) -> Role {
        guard let role = role(name) else { throw .noSuchEntity("The role with name \(name) cannot be found.") }
        return role
    }

    func existingUser(_ name: String) throws(QueryError) -> User {
        guard let user = user(name) else { throw .noSuchEntity("The user with name \(name) cannot be found.") }
        return user
    }
}
