public import Contracts
public import HTTP
internal import Observability
internal import Transport

/// TLS between the services: each shows a certificate for its own name and believes the cluster's authority only, as caller and as callee. It hides what they say
/// and keeps strangers off their ports; who may call what is decided by the calls' signatures all the same.
public struct InternalTLS: Sendable {
    /// The folder in a service's secrets. Its files are read again when they change.
    public let folder: String

    public init(secrets: SecretsFolder) {
        folder = "\(secrets.path)/internal-tls"
    }

    /// The certificate of the service, and what it may call itself: `notes.strongroom.internal`, at whatever address it is reached.
    var certificateFile: String { "\(folder)/certificate.pem" }
    var keyFile: String { "\(folder)/key.pem" }
    /// Whose certificates are believed; more than one while they are replaced.
    var authorityFile: String { "\(folder)/authority.pem" }

    /// The name a service's certificate must be good for.
    public static func name(of service: ServiceName) -> String { "\(service.rawValue).strongroom.internal" }

    /// The one setting, the same for every process of a cluster.
    public static func isOn(reading reader: inout ConfigurationReader) throws(ConfigurationError) -> Bool {
        try reader.flag(
            "internal-tls",
            help: "TLS between the services, with certificates on both sides, from the folder internal-tls of the secrets. The same for all of them.")
    }

    func watch(log: Logger, metrics: MetricsRegistry) throws(CertificateError) -> CertificateWatch {
        try CertificateWatch(
            CertificatePaths([CertificatePaths.Pair(chain: certificateFile, key: keyFile)]), authority: authorityFile, log: log, metrics: metrics)
    }

    /// The endpoint of a service, for a tool that calls it once with these certificates.
    public func secure(_ endpoint: Endpoint, of service: ServiceName) throws -> Endpoint {
        let client = try CertificateWatch.client(own: CertificatePaths.Pair(chain: certificateFile, key: keyFile), authority: authorityFile)
        return Endpoint(host: endpoint.host, port: endpoint.port, security: Endpoint.Security(client, name: Self.name(of: service)))
    }
}
