/// What an inline policy can belong to.
enum OwnerKind: String, Sendable {
    case role
    case user

    /// Characters of all inline policies together, white space not counted (IAM quotas).
    var policyLimit: Int {
        switch self {
        case .role: 10_240
        case .user: 2048
        }
    }
}
