internal import Bytes

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
}

extension Cluster {
    /// The cluster's region and account. They are part of every ARN and pool id, so they can't change later.
    public static func readNames(from reader: inout ConfigurationReader) throws(ConfigurationError) -> (region: String, account: String) {
        let region = try reader.string("region", default: "us-east-1", help: "The cluster's name, as the region of credential scopes and ARNs.")
        guard region.utf8.count <= 32, region.utf8.allSatisfy({ $0.isAlphanumeric && $0.lowercased == $0 || $0 == UInt8(ascii: "-") }),
            !region.isEmpty
        else {
            throw .invalid(key: "region", value: region, expected: "1 to 32 letters a-z, digits and dashes")
        }
        let account = try reader.string("account", default: "000000000000", help: "The account's number in ARNs.")
        guard account.utf8.count == 12, account.utf8.allSatisfy(\.isDigit) else {
            throw .invalid(key: "account", value: account, expected: "12 digits")
        }
        return (region, account)
    }
}
