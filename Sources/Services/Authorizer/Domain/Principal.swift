internal import Policies

/// Somebody who may be allowed something: named by an ARN.
enum Principal: Sendable {
    /// May do everything.
    case root
    case user(User)
    case role(Role)

    /// The principal of that ARN; nil if the account has none.
    init?(arn: String, in directory: AccountDirectory, of account: Account) {
        if arn == account.root {
            self = .root
            return
        }
        guard let slash = arn.lastIndex(of: "/") else { return nil }
        let name = String(arn[arn.index(after: slash)...])
        // The path is part of the ARN, so the ARN is compared whole.
        if let user = directory.user(name), account.arn(of: user) == arn {
            self = .user(user)
        } else if let role = directory.role(name), account.arn(of: role) == arn {
            self = .role(role)
        } else {
            return nil
        }
    }

    func decide(action: String, resource: String) -> Decision {
        switch self {
        case .root: .allow
        case .user(let user): PolicyDocument(merging: user.policies.map(\.document)).decide(action: action, resource: resource)
        case .role(let role): PolicyDocument(merging: role.policies.map(\.document)).decide(action: action, resource: resource)
        }
    }
}
