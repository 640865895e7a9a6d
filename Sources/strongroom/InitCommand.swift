import Bootstrap
import Processes

/// Makes the secrets of a cluster whose services keep them in volumes of their own, and the gateway's first certificate. Run again, it changes nothing.
struct InitCommand: Command {
    static let words = ["init"]
    static let summary = "Makes a cluster's secrets once, a volume for each service, and a first TLS certificate."

    private let secrets: String
    private let region: String
    private let account: String
    private let host: String
    private let usesInternalTLS: Bool

    init(reading reader: inout ConfigurationReader) throws(ConfigurationError) {
        secrets = try reader.string("secrets", help: "The folder below which each service's folder and `operator` lie, or are mounted.")
        (region, account) = try Cluster.readNames(from: &reader)
        host = try reader.publicURL(default: "https://localhost:8443", help: "Where clients reach the gateway: the certificate's name.").host
        usesInternalTLS = try InternalTLS.isOn(reading: &reader)
    }

    func run() async throws {
        switch try ClusterSecrets(root: secrets).make(cluster: region, account: account) {
        case .made: StandardStream.output.write("\(secrets): the cluster's secrets are made, each service has its own.\n")
        case .alreadyThere: StandardStream.output.write("\(secrets): the cluster's secrets are there already; nothing is changed.\n")
        }
        if usesInternalTLS, try InternalCertificates(below: secrets).makeIfMissing(now: WallClock.system.now()) {
            StandardStream.output.write("Certificates for TLS between the services are made.\n")
        }
        if try GatewayCertificate(below: secrets).makeIfMissing(host: host, now: WallClock.system.now()) {
            StandardStream.output.write("A first certificate for \(host) is made; put your own in its place when you have one.\n")
        }
    }
}
