import Bootstrap
import Processes

/// Makes the secrets of a new cluster.
struct KeysInitCommand: Command {
    static let words = ["keys", "init"]
    static let summary = "Makes the secrets of a new cluster, one folder for each service."

    private let secrets: String
    private let region: String
    private let account: String

    init(reading reader: inout ConfigurationReader) throws(ConfigurationError) {
        secrets = try reader.string("secrets", help: "The folder to make. It must not exist, or be empty: keys are never overwritten.")
        (region, account) = try Cluster.readNames(from: &reader)
    }

    func run() async throws {
        try SecretsGenerator(cluster: region, account: account).write(to: secrets)
        _ = try InternalCertificates(below: secrets).makeIfMissing(now: WallClock.system.now())
        StandardStream.output.write("\(secrets): made. Hand each service its own folder; root.json in authorizer/ is the operator's access key.\n")
    }
}
