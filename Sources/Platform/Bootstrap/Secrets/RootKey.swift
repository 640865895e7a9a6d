/// The access key of the account's root principal, who may do everything. Only the authorizer has it, and the operator.
public struct RootKey: Sendable {
    public let accessKeyID: String
    public let secret: String

    public init(accessKeyID: String, secret: String) {
        self.accessKeyID = accessKeyID
        self.secret = secret
    }
}
