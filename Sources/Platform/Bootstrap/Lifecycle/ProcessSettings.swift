public import Contracts
public import HTTP
public import Observability

/// The settings every service's own process has.
public struct ProcessSettings: Sendable {
    public let listen: Endpoint
    /// The gateway's second address.
    public let operations: Endpoint?
    /// What the gateway shows its clients; nil is plain HTTP.
    public let certificates: CertificatePaths?
    /// The service's own folder of secrets.
    public let secrets: SecretsFolder
    public let publicURL: String
    public let peers: [ServiceName: Endpoint]
    public let minimumLevel: LogLevel
    /// Event loops; nil is one for each core.
    public let loops: Int?
    public let drainSeconds: Int
    /// Services call each other by TLS, with certificates on both sides.
    public let usesInternalTLS: Bool
    /// Nil traces nothing.
    public let tracing: TracingSettings?

    public init(reading reader: inout ConfigurationReader, for service: ServiceName) throws(ConfigurationError) {
        listen = try reader.endpoint(
            "listen", default: Endpoint(host: "127.0.0.1", port: service.defaultPort), help: "The address to listen on.")
        operations =
            service == .gateway
            ? try reader.endpoint(
                "operations", default: Endpoint(host: "127.0.0.1", port: 8085),
                help: "The address of /healthz, /readyz with its reason, and /metrics. The public one has no reasons and no metrics.") : nil
        certificates = service == .gateway ? try CertificatePaths(reading: &reader) : nil
        secrets = SecretsFolder(
            path: try reader.string("secrets", help: "The service's own folder below the one strongroom keys init made."))
        publicURL = try reader.publicURL(
            default: "http://127.0.0.1:\(ServiceName.gateway.defaultPort)", help: "Where clients reach the gateway. Issuers of tokens begin with it."
        ).text
        minimumLevel = try reader.choice(
            "log-level", default: LogLevel.info, help: "The least level of log lines: debug, info, warning or error.")
        let count = try reader.integer("loops", default: 0, in: 0...256, help: "Event loops; 0 is one for each core.")
        loops = count == 0 ? nil : count
        drainSeconds = try reader.integer(
            "drain-seconds", default: 8, in: 0...300,
            help: "How long requests may go on once the process is told to stop. An engine kills it after ten seconds, unless told otherwise.")
        usesInternalTLS = try InternalTLS.isOn(reading: &reader)
        tracing = try TracingSettings(reading: &reader)
        var peers: [ServiceName: Endpoint] = [:]
        for peer in service.callees { peers[peer] = try reader.peer(peer) }
        self.peers = peers
    }
}

extension ConfigurationReader {
    fileprivate mutating func peer(_ service: ServiceName) throws(ConfigurationError) -> Endpoint {
        let standard = Endpoint(host: "127.0.0.1", port: service.defaultPort)
        return switch service {
        case .gateway: try endpoint("gateway-address", default: standard, help: "Where the gateway listens.")
        case .identity: try endpoint("identity-address", default: standard, help: "Where the identity service listens.")
        case .authorizer: try endpoint("authorizer-address", default: standard, help: "Where the authorizer listens.")
        case .notes: try endpoint("notes-address", default: standard, help: "Where the notes service listens.")
        case .audit: try endpoint("audit-address", default: standard, help: "Where the audit service listens.")
        }
    }
}
