/// All roles, users and access keys of the account at one moment: what decisions read. It is swapped whole when something changes.
struct AccountDirectory: Sendable {
    /// Grows with each change and each start of the service. Whoever caches what follows from the directory compares it.
    private(set) var generation: Int64
    /// By name in lower case: names that differ by case only are the same (IAM identifiers).
    private(set) var roles: [String: Role] = [:]
    private(set) var users: [String: User] = [:]
    private(set) var keys: [String: AccessKey] = [:]

    init(generation: Int64) {
        self.generation = generation
    }

    func role(_ name: String) -> Role? { roles[name.lowercased()] }
    func user(_ name: String) -> User? { users[name.lowercased()] }

    func keys(of user: User) -> [AccessKey] {
        let owner = user.name.lowercased()
        return keys.values.filter { $0.owner == owner }.sorted { ($0.created, $0.id) < ($1.created, $1.id) }
    }

    /// Makes a change that the store has committed, or is loading.
    mutating func apply(_ change: DirectoryChange) {
        switch change {
        case .putRole(let role): roles[role.name.lowercased()] = role
        case .deleteRole(let name): roles[name.lowercased()] = nil
        case .putUser(let user): users[user.name.lowercased()] = user
        case .deleteUser(let name): users[name.lowercased()] = nil
        case .putPolicy(.role, let owner, let policy): roles[owner.lowercased()]?.policies.put(policy)
        case .putPolicy(.user, let owner, let policy): users[owner.lowercased()]?.policies.put(policy)
        case .deletePolicy(.role, let owner, let name): roles[owner.lowercased()]?.policies.removeAll { $0.name == name }
        case .deletePolicy(.user, let owner, let name): users[owner.lowercased()]?.policies.removeAll { $0.name == name }
        case .putKey(let key): keys[key.id] = key
        case .deleteKey(let id): keys[id] = nil
        }
    }

    /// - Parameter floor: what the next generation is at least.
    mutating func advance(to floor: Int64 = 0) { generation = max(generation + 1, floor) }
}

extension [InlinePolicy] {
    /// In place of the one with its name, if there is one; sorted by name.
    fileprivate mutating func put(_ policy: InlinePolicy) {
        removeAll { $0.name == policy.name }
        append(policy)
        sort { $0.name < $1.name }
    }
}
