internal import Backups
public import Bootstrap
internal import Contracts

/// The settings of the authorizer.
public struct AuthorizerConfiguration: ServiceConfiguration {
    /// The folder of the authorizer's file.
    public let folder: String
    /// Where backups are written to.
    let backups: String
    /// Seconds the gateway may use a policy before it asks again. A change of policies ends that at once, whatever is set here.
    let policySeconds: Int

    public init(reading reader: inout ConfigurationReader) throws(ConfigurationError) {
        folder = try reader.string(
            "authorizer-data", default: "data/authorizer", help: "The folder that holds roles, users, policies and access keys.")
        backups = reader.backups(of: .authorizer, beside: folder)
        policySeconds = try reader.integer(
            "authorizer-policy-seconds", default: 300, in: 0...3600, help: "How long the gateway may keep a policy.")
    }
}
