/// What all services of one cluster agree on.
public struct Cluster: Equatable, Sendable {
    /// The region in credential scopes, ARNs and pool ids, such as `us-east-1`.
    public let name: String
    /// Twelve digits, as in ARNs.
    public let account: String
    /// Where clients reach the gateway, without a slash at the end, such as `http://127.0.0.1:8080`. Issuers of tokens begin with it.
    public let publicURL: String

    public init(name: String, account: String, publicURL: String) {
        self.name = name
        self.account = account
        self.publicURL = publicURL
    }

    /// `arn:aws:SERVICE:REGION:ACCOUNT:RESOURCE`
    public func arn(service: String, resource: String) -> String {
        "arn:aws:\(service):\(name):\(account):\(resource)"
    }
}
