internal import Contracts
internal import HTTP
internal import Observability
internal import Processes
internal import Transport

/// The one way a service becomes a process.
public enum ServiceProcess {
    /// The fewest open files that a service can work with: its own, those of its connections, and some to spare.
    private static let fewestOpenFiles: UInt64 = 256

    /// What every process that listens does first: it can open as many files as the system lets it.
    public static func prepare() throws {
        let openFiles = try ResourceLimit.openFiles.raise()
        guard openFiles >= fewestOpenFiles else { throw ProcessError.fewOpenFiles(openFiles, atLeast: fewestOpenFiles) }
    }

    /// Runs until the process is told to stop, and returns when all is put away.
    public static func run<Service: HostedService>(
        _ type: Service.Type, settings: ProcessSettings, configuration: Service.Configuration
    ) async throws {
        try prepare()
        let stop = try StopSignal.onTermination()
        try await LogWriter { StandardStream.output.write($0) }.flushing { buffer in
            try await run(type, settings, configuration, until: stop, logging: buffer)
        }
    }

    private static func run<Service: HostedService>(
        _ type: Service.Type, _ settings: ProcessSettings, _ configuration: Service.Configuration, until stop: StopSignal,
        logging buffer: LogBuffer
    ) async throws {
        let clock = WallClock.system
        let log = Logger(service: type.name.rawValue, minimum: settings.minimumLevel, buffer: buffer, now: clock.now)
        let metrics = MetricsRegistry()
        ProcessMetrics.register(in: metrics, log: buffer, startedAt: clock)
        let keyring = try settings.secrets.keyring(of: type.name)
        let cluster = Cluster(name: keyring.cluster, account: keyring.account, publicURL: settings.publicURL)
        let certificates = try settings.certificates.map { try CertificateWatch($0, log: log, metrics: metrics) }
        let internalTLS = settings.usesInternalTLS ? try InternalTLS(secrets: settings.secrets).watch(log: log, metrics: metrics) : nil
        let loops = LoopGroup.start(count: settings.loops)
        defer { loops.stop() }
        let tracing = settings.tracing.map { TraceExporter($0, service: type.name, loops: loops, clock: clock, log: log, metrics: metrics) }
        let host = try await ServiceHost.bind(
            type, on: try settings.listen.socketAddress(), operations: try settings.operations?.socketAddress(),
            certificates: type.name == .gateway ? certificates : internalTLS, internalTLS: internalTLS, tracing: tracing, loops: loops, log: log,
            metrics: metrics)
        let runtime = Runtime(
            service: type.name, loops: loops, log: log, metrics: metrics, clock: clock, cluster: cluster, keyring: keyring,
            secrets: settings.secrets, peers: internalTLS?.secure(settings.peers) ?? settings.peers, tracer: tracing?.tracer)
        let service: Service
        do {
            service = try await Service(configuration: configuration, runtime: runtime)
        } catch {
            await host.abandon()
            throw error
        }
        try await host.run(
            service, beside: [runtime.secretsWatch], until: stop, drainMilliseconds: UInt64(settings.drainSeconds) * 1000)
    }
}

/// Why a process can't begin.
enum ProcessError: Error, CustomStringConvertible {
    case fewOpenFiles(UInt64, atLeast: UInt64)

    var description: String {
        switch self {
        case .fewOpenFiles(let limit, let least): "the limit on open files is \(limit), and a service needs \(least) (ulimit -n)"
        }
    }
}

extension Endpoint {
    /// The address to listen on, which must be numeric: a name could mean several.
    func socketAddress() throws(ConfigurationError) -> SocketAddress {
        guard let address = SocketAddress(host: host, port: port) else {
            throw .invalid(key: "listen", value: description, expected: "an IP address and a port")
        }
        return address
    }
}
