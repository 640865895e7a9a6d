public import Contracts
internal import HTTP
public import Observability
public import Transport

/// Runs one service: its listener with `/healthz`, `/readyz` and `/metrics`, its background work, and its orderly end.
///
/// `bind` opens the listener, `run` opens the service behind it. In between a program that hosts several services learns their ports.
public final class ServiceHost: Sendable {
    public let service: ServiceName
    private let server: HTTPServer
    private let operations: HTTPServer?
    /// Everything that is read again when it changes.
    private let certificates: [CertificateWatch]
    private let tracing: TraceExporter?
    private let pipeline: RequestPipeline
    private let log: Logger
    private let closed = StopSignal()

    /// Where the service listens; the port is filled in where 0 was asked for.
    public var address: SocketAddress { server.address }
    /// Where the gateway's health and metrics are, which don't belong on a public port; nil for the other services.
    public var operationsAddress: SocketAddress? { operations?.address }

    private init(
        service: ServiceName, server: HTTPServer, operations: HTTPServer?, certificates: [CertificateWatch], tracing: TraceExporter?,
        pipeline: RequestPipeline, log: Logger
    ) {
        self.service = service
        self.server = server
        self.operations = operations
        self.certificates = certificates
        self.tracing = tracing
        self.pipeline = pipeline
        self.log = log
    }

    /// - Parameters:
    ///   - operations: a second address that answers the health endpoints and metrics only.
    ///   - certificates: what the listener shows; nil listens in the clear.
    ///   - internalTLS: what the service shows to those it calls; may be what its listener shows.
    ///   - tracing: where traces go; nil makes none.
    /// - Throws: `TransportError` where the port is taken.
    public static func bind<Service: HostedService>(
        _ type: Service.Type, on address: SocketAddress, operations: SocketAddress? = nil, certificates: CertificateWatch? = nil,
        internalTLS: CertificateWatch? = nil, tracing: TraceExporter? = nil, loops: LoopGroup, log: Logger, metrics: MetricsRegistry
    ) async throws(TransportError) -> ServiceHost {
        let pipeline = RequestPipeline(
            service: type.name, scheme: certificates == nil ? "http" : "https", limits: type.limits, errors: type.errors, log: log,
            metrics: metrics, tracer: tracing?.tracer)
        let server = try await HTTPServer.start(
            on: address, loops: loops, configuration: type.limits, tls: certificates?.context, errors: type.errors,
            paused: AcceptPauses(log: log, metrics: metrics).note
        ) { request in
            await pipeline.respond(to: request)
        }
        var second: HTTPServer?
        if let operations {
            do {
                var limits = ServerConfiguration()
                limits.descriptorReserve = .few
                second = try await HTTPServer.start(on: operations, loops: loops, configuration: limits) { request in
                    guard let response = await pipeline.operations(request, withMetrics: true) else { throw HTTPError.notFound }
                    return response
                }
            } catch {
                await server.shutDown(withinMilliseconds: 0)
                throw error
            }
        }
        let watched = [certificates, internalTLS === certificates ? nil : internalTLS].compactMap(\.self)
        return ServiceHost(
            service: type.name, server: server, operations: second, certificates: watched, tracing: tracing, pipeline: pipeline, log: log)
    }

    /// Opens the service and runs it until `stop` is set or one of its background services fails; then lets running requests end, at most `drainMilliseconds`,
    /// ends the background work, and closes the service.
    /// - Parameter beside: background work that is the process's rather than the service's.
    public func run(
        _ service: some HostedService, beside: [any BackgroundService] = [], until stop: StopSignal, drainMilliseconds: UInt64 = 10_000
    ) async throws {
        pipeline.open(service)
        log.info("Service opened", .address("\(address)"))
        defer {
            log.info("Service closed")
            closed.set()
        }
        let failure = await withTaskGroup(of: (any Error)?.self) { group in
            let own: [any BackgroundService] = certificates + (tracing.map { [$0] } ?? [])
            for background in service.background + beside + own {
                group.addTask {
                    do {
                        try await background.run()
                        return nil
                    } catch {
                        if Task.isCancelled { return nil }
                        self.log.error("A background service failed", .operation(background.name), .error(error))
                        return error
                    }
                }
            }
            group.addTask {
                await stop.wait()
                return nil
            }
            // The first to end ends all: the signal, or a background service, which has no business ending by itself.
            let first = await group.next() ?? nil
            await server.shutDown(withinMilliseconds: drainMilliseconds)
            group.cancelAll()
            return first
        }
        await operations?.shutDown(withinMilliseconds: 0)
        await service.close()
        if let failure { throw failure }
    }

    /// What `/readyz` tells.
    public func readiness() async -> Readiness { await pipeline.readiness() }

    /// Returns once `run` has come to its end.
    public func waitUntilClosed() async { await closed.wait() }

    /// Closes the listener of a service that was never opened.
    public func abandon() async {
        await server.shutDown(withinMilliseconds: 0)
        await operations?.shutDown(withinMilliseconds: 0)
    }
}
