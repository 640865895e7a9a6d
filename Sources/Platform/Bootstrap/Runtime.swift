public import Contracts
public import HTTP
public import Observability
public import Transport

/// What a service is given to run with. Each service in a process has its own, with its own keys, though loops and clock may be shared.
public struct Runtime: Sendable {
    public let service: ServiceName
    public let loops: LoopGroup
    public let log: Logger
    public let metrics: MetricsRegistry
    public let clock: WallClock
    public let cluster: Cluster
    public let keyring: Keyring
    /// The folder the keyring came from, for what else lies in it: credentials, the master key.
    public let secrets: SecretsFolder
    /// Tells when the files in it have changed.
    public let secretsWatch: SecretsWatch
    /// Where the other services listen.
    public let peers: [ServiceName: Endpoint]
    /// Takes what the service does on behalf of a traced request; nil where nobody wants to know.
    public let tracer: Tracer?

    public init(
        service: ServiceName, loops: LoopGroup, log: Logger, metrics: MetricsRegistry, clock: WallClock, cluster: Cluster, keyring: Keyring,
        secrets: SecretsFolder, peers: [ServiceName: Endpoint], tracer: Tracer? = nil
    ) {
        self.service = service
        self.loops = loops
        self.log = log
        self.metrics = metrics
        self.clock = clock
        self.cluster = cluster
        self.keyring = keyring
        self.secrets = secrets
        secretsWatch = SecretsWatch(secrets, keyring: keyring, log: log, metrics: metrics)
        self.peers = peers
        self.tracer = tracer
    }

    /// Where a service listens: as the settings have it, else on this machine at its usual port.
    public func address(of service: ServiceName) -> Endpoint {
        peers[service] ?? Endpoint(host: "127.0.0.1", port: service.defaultPort)
    }
}
