/// What InitiateAuth and AdminInitiateAuth can be asked for.
enum AuthFlow: String, CaseIterable, Sendable {
    case srp = "USER_SRP_AUTH"
    case refreshTokenAuth = "REFRESH_TOKEN_AUTH"
    case refreshToken = "REFRESH_TOKEN"
    case custom = "CUSTOM_AUTH"
    case adminNoSRP = "ADMIN_NO_SRP_AUTH"
    case userPassword = "USER_PASSWORD_AUTH"
    case adminUserPassword = "ADMIN_USER_PASSWORD_AUTH"
    case choice = "USER_AUTH"
}

/// What a client's `ExplicitAuthFlows` may name: the present names, and those of before them.
enum AuthFlowPermission: String, CaseIterable, Sendable {
    case adminNoSRP = "ADMIN_NO_SRP_AUTH"
    case customOnly = "CUSTOM_AUTH_FLOW_ONLY"
    case userPassword = "USER_PASSWORD_AUTH"
    case allowAdminUserPassword = "ALLOW_ADMIN_USER_PASSWORD_AUTH"
    case allowCustom = "ALLOW_CUSTOM_AUTH"
    case allowUserPassword = "ALLOW_USER_PASSWORD_AUTH"
    case allowSRP = "ALLOW_USER_SRP_AUTH"
    case allowRefreshToken = "ALLOW_REFRESH_TOKEN_AUTH"
    case allowChoice = "ALLOW_USER_AUTH"
    case allowDelegation = "ALLOW_TOKEN_EXCHANGE_DELEGATION"
    case allowImpersonation = "ALLOW_TOKEN_EXCHANGE_IMPERSONATION"

    var isLegacy: Bool { !rawValue.hasPrefix("ALLOW_") }
}

extension UserPoolClient {
    /// Whether the client may use the flow. The names of before could not forbid refreshing.
    func allows(_ flow: AuthFlow) -> Bool {
        switch flow {
        case .adminNoSRP, .adminUserPassword: !flows.isDisjoint(with: [.adminNoSRP, .allowAdminUserPassword])
        case .userPassword: !flows.isDisjoint(with: [.userPassword, .allowUserPassword])
        case .refreshToken, .refreshTokenAuth: flows.contains(.allowRefreshToken) || flows.contains(where: \.isLegacy)
        case .srp: flows.contains(.allowSRP) || (flows.contains(where: \.isLegacy) && !flows.contains(.customOnly))
        case .custom: !flows.isDisjoint(with: [.customOnly, .allowCustom])
        case .choice: flows.contains(.allowChoice)
        }
    }
}
