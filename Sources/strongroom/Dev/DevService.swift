import Bootstrap
import Contracts
import Observability
import Transport

/// One of the five services in a process that hosts them all.
struct DevService: Sendable {
    typealias Run = @Sendable (ServiceHost, StopSignal) async throws -> Void

    let name: ServiceName
    /// Opens its listener.
    let bind: @Sendable (SocketAddress, SocketAddress?, TraceExporter?, LoopGroup, Logger, MetricsRegistry) async throws -> ServiceHost
    /// Opens the service itself, once everybody's ports are known.
    let open: @Sendable ([String: String], Runtime) async throws -> Run

    init<Service: HostedService>(_ type: Service.Type) {
        name = type.name
        bind = { address, operations, tracing, loops, log, metrics in
            try await ServiceHost.bind(
                type, on: address, operations: operations, tracing: tracing, loops: loops, log: log, metrics: metrics)
        }
        open = { settings, runtime in
            var reader = ConfigurationReader(settings: settings)
            let service = try await Service(configuration: try Service.Configuration(reading: &reader), runtime: runtime)
            // They stop one after the other, and Ctrl-C is waited for.
            return { host, stop in try await host.run(service, beside: [runtime.secretsWatch], until: stop, drainMilliseconds: 2_000) }
        }
    }
}
