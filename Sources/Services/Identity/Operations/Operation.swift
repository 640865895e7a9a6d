/// The operations of the AWS JSON 1.1 API that are served.
enum Operation: String, CaseIterable, Sendable {
    case createUserPool = "CreateUserPool"
    case describeUserPool = "DescribeUserPool"
    case listUserPools = "ListUserPools"
    case updateUserPool = "UpdateUserPool"
    case deleteUserPool = "DeleteUserPool"
    case createUserPoolClient = "CreateUserPoolClient"
    case describeUserPoolClient = "DescribeUserPoolClient"
    case listUserPoolClients = "ListUserPoolClients"
    case deleteUserPoolClient = "DeleteUserPoolClient"
    case adminCreateUser = "AdminCreateUser"
    case adminSetUserPassword = "AdminSetUserPassword"
    case adminGetUser = "AdminGetUser"
    case listUsers = "ListUsers"
    case adminDisableUser = "AdminDisableUser"
    case adminEnableUser = "AdminEnableUser"
    case adminDeleteUser = "AdminDeleteUser"
    case createGroup = "CreateGroup"
    case getGroup = "GetGroup"
    case listGroups = "ListGroups"
    case deleteGroup = "DeleteGroup"
    case adminAddUserToGroup = "AdminAddUserToGroup"
    case adminRemoveUserFromGroup = "AdminRemoveUserFromGroup"
    case adminListGroupsForUser = "AdminListGroupsForUser"
    case listUsersInGroup = "ListUsersInGroup"
    case adminInitiateAuth = "AdminInitiateAuth"
    case adminRespondToAuthChallenge = "AdminRespondToAuthChallenge"
    case initiateAuth = "InitiateAuth"
    case respondToAuthChallenge = "RespondToAuthChallenge"
    case getUser = "GetUser"
    case deleteUser = "DeleteUser"

    static let targetPrefix = "AWSCognitoIdentityProviderService."

    /// Whether it takes a principal with permission; the others are open to anyone and prove themselves by what they send.
    var needsPermission: Bool {
        switch self {
        case .initiateAuth, .respondToAuthChallenge, .getUser, .deleteUser: false
        default: true
        }
    }

    /// The operation an `X-Amz-Target` names.
    init(target: String) throws(IdentityError) {
        guard target.hasPrefix(Self.targetPrefix) else { throw IdentityError(.unknownOperation, "Unknown operation") }
        let name = String(target.dropFirst(Self.targetPrefix.count))
        if let operation = Operation(rawValue: name) {
            self = operation
        } else if Self.known.contains(name) {
            throw IdentityError(.unsupportedOperation, "\(name) is not supported by this user pool service.")
        } else {
            throw IdentityError(.unknownOperation, "Unknown operation")
        }
    }
}
