import Audit
import Authorizer
import Bootstrap
import Contracts
import Gateway
import HTTP
import Identity
import Kafka
import Notes
import Observability
import Transport

/// The five services of one process, and the embedded broker.
struct DevCluster: Sendable {
    /// In the order they stop: first what takes requests, last what others need to finish theirs.
    static let services = [
        DevService(GatewayService.self), DevService(NotesService.self), DevService(AuditService.self), DevService(IdentityService.self),
        DevService(AuthorizerService.self),
    ]

    private struct Member: Sendable {
        let service: DevService
        let host: ServiceHost
        let run: DevService.Run
        let stop = StopSignal()
    }

    let cluster: Cluster
    let loops: LoopGroup
    /// `host:port` of the broker.
    let kafka: String
    /// Kept until the cluster has stopped; nil where a broker was given.
    private let broker: MockCluster?
    private let members: [Member]

    /// Where each service listens.
    var addresses: [ServiceName: SocketAddress] {
        Dictionary(uniqueKeysWithValues: members.map { ($0.service.name, $0.host.address) })
    }

    /// Where the gateway's health and metrics are.
    var operationsAddress: SocketAddress? { members.compactMap(\.host.operationsAddress).first }

    /// Opens all listeners, then all services.
    static func start(
        in folder: DevFolder, port: UInt16, kafka given: String?, routes: String?, tracing: TracingSettings?, log: Logger
    ) async throws -> DevCluster {
        let loops = LoopGroup.start()
        let broker = given == nil ? try EmbeddedBroker.start() : nil
        let kafka = given ?? broker?.brokers ?? ""
        var hosts: [(service: DevService, host: ServiceHost, metrics: MetricsRegistry, tracer: Tracer?)] = []
        do {
            for service in services {
                let metrics = MetricsRegistry()
                let exporter = tracing.map {
                    TraceExporter(
                        $0, service: service.name, loops: loops, clock: .system, log: log.named(service.name.rawValue), metrics: metrics)
                }
                let host = try await bind(service, port: port, tracing: exporter, loops: loops, log: log, metrics: metrics)
                hosts.append((service, host, metrics, exporter?.tracer))
            }
            let addresses = Dictionary(
                uniqueKeysWithValues: hosts.map { ($0.service.name, Endpoint(host: $0.host.address.host, port: $0.host.address.port)) })
            let names = try SecretsFolder(of: .gateway, below: folder.secrets).keyring()
            let cluster = Cluster(
                name: names.cluster, account: names.account, publicURL: "http://\(addresses[.gateway].map(\.text) ?? "")")
            var members: [Member] = []
            for (service, host, metrics, tracer) in hosts {
                let secrets = SecretsFolder(of: service.name, below: folder.secrets)
                let runtime = Runtime(
                    service: service.name, loops: loops, log: log.named(service.name.rawValue), metrics: metrics, clock: .system, cluster: cluster,
                    keyring: try secrets.keyring(), secrets: secrets, peers: addresses,
                    tracer: tracer)
                let data = folder.data(of: service.name)
                var settings = ["\(service.name.rawValue)-data": data, "kafka": kafka]
                settings["routes"] = routes
                if broker != nil { settings.merge(EmbeddedBroker.settings) { $1 } }
                members.append(Member(service: service, host: host, run: try await service.open(settings, runtime)))
            }
            return DevCluster(cluster: cluster, loops: loops, kafka: kafka, broker: broker, members: members)
        } catch {
            for (_, host, _, _) in hosts { await host.abandon() }
            throw error
        }
    }

    private static func bind(
        _ service: DevService, port: UInt16, tracing: TraceExporter?, loops: LoopGroup, log: Logger, metrics: MetricsRegistry
    ) async throws -> ServiceHost {
        let offset = UInt16(ServiceName.allCases.firstIndex(of: service.name) ?? 0)
        let own = port == 0 ? 0 : port + offset
        let operations = port == 0 ? 0 : port + UInt16(ServiceName.allCases.count)
        do {
            return try await service.bind(
                .loopback(port: own), service.name == .gateway ? .loopback(port: operations) : nil, tracing, loops, log.named(service.name.rawValue),
                metrics)
        } catch TransportError.addressInUse(let address) {
            throw DevError.portTaken(port: address.port)
        }
    }

    /// Runs all services until `stop`, or until one of them fails, which stops the others.
    func run(until stop: StopSignal) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for member in members {
                group.addTask {
                    defer { stop.set() }
                    try await member.run(member.host, member.stop)
                }
            }
            group.addTask {
                await stop.wait()
                for member in members {
                    member.stop.set()
                    await member.host.waitUntilClosed()
                }
            }
            try await group.waitForAll()
        }
        loops.stop()
    }

    /// Returns once every service says that it is ready.
    func waitUntilReady(orUntil stop: StopSignal) async throws {
        for member in members {
            var reason = Readiness.notReady("it does not answer")
            for _ in 0..<5_000 {
                if stop.isSet { return }
                reason = await member.host.readiness()
                if reason == .ready { break }
                try await loops.current.sleep(milliseconds: 2)
            }
            if case .notReady(let reason) = reason {
                throw DevError.notReady(service: member.service.name.rawValue, reason: reason.description)
            }
        }
    }
}
