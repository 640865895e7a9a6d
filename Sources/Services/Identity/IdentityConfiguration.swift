import Backups
public import Bootstrap
import Contracts

/// The settings of the identity service.
public struct IdentityConfiguration: ServiceConfiguration {
    /// The folder of the index and the pools' files.
    public let folder: String
    /// Where backups are written to.
    let backups: String
    let passwordThreads: Int
    let passwordQueue: Int
    let signInBurst: Int
    let signInsPerSecond: Int
    /// Seconds between the publication of a token key and its first signature.
    let tokenKeyLead: Int
    /// Seconds for which key sets may be kept: whoever keeps to it has a new key long before it signs.
    var keySetAge: Int { min(300, tokenKeyLead / 2) }

    public init(reading reader: inout ConfigurationReader) throws(ConfigurationError) {
        folder = try reader.string("identity-data", default: "data/identity", help: "The folder that holds the user pools.")
        backups = reader.backups(of: .identity, beside: folder)
        passwordThreads = try reader.integer(
            "password-threads", default: 2, in: 1...64, help: "Password hashes that run at once; each takes a core and 19 MiB.")
        passwordQueue = try reader.integer(
            "password-queue", default: 128, in: 2...4096,
            help: "Password hashes that may wait before sign-ins are turned away; a pool has as many places as all leave free.")
        signInBurst = try reader.integer(
            "sign-in-burst", default: 200, in: 1...1_000_000, help: "Sign-ins one source address may begin at once.")
        signInsPerSecond = try reader.integer(
            "sign-ins-per-second", default: 10, in: 1...100_000, help: "Sign-ins one source address regains each second.")
        tokenKeyLead = try reader.integer(
            "token-key-lead-seconds", default: 600, in: 2...86_400,
            help: "How long a new token key is in the key set before it signs. Key sets may be kept half as long, and 300 s at most.")
    }
}
