/// Who sent a request, as the gateway established it: what the identity header tells a service.
public struct CallerIdentity: Hashable, Sendable {
    /// How the caller was authenticated.
    public enum Method: String, Hashable, Sendable, CaseIterable {
        /// Not at all: a route open to anyone (sign-in, key sets). Everything else about the caller is empty.
        case none
        /// A token of a user pool or of another OIDC issuer.
        case jwt
        /// An AWS Signature Version 4.
        case iam
        /// A custom authorizer's word.
        case custom
    }

    public var method: Method
    /// The user's id (`sub`), unique within the tenant.
    public var subject: String?
    /// The user pool the user belongs to.
    public var tenant: String?
    public var username: String?
    public var groups: [String]
    /// Scopes of an access token; empty for any other credential.
    public var scopes: [String]
    /// The principal's ARN, or a custom authorizer's `principalId`.
    public var principal: String?
    /// A custom authorizer's context, values as text.
    public var context: [String: String]

    public init(
        method: Method, subject: String? = nil, tenant: String? = nil, username: String? = nil, groups: [String] = [], scopes: [String] = [],
        principal: String? = nil, context: [String: String] = [:]
    ) {
        self.method = method
        self.subject = subject
        self.tenant = tenant
        self.username = username
        self.groups = groups
        self.scopes = scopes
        self.principal = principal
        self.context = context
    }

    /// The caller of a route that is open to anyone.
    public static let anyone = CallerIdentity(method: .none)
}
