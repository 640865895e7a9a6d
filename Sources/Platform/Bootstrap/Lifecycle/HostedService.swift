public import Contracts
public import HTTP

/// One of the five services, as ``ServiceHost`` runs it.
public protocol HostedService: Sendable {
    associatedtype Configuration: ServiceConfiguration

    static var name: ServiceName { get }
    /// Turns what the service's routes throw into its contract's bytes.
    static var errors: ErrorRenderer { get }
    /// The limits of its listener.
    static var limits: ServerConfiguration { get }

    /// Opens what the service needs. Its peers may not be there yet.
    init(configuration: Configuration, runtime: Runtime) async throws

    /// Answers every request but the host's own: `/healthz`, `/readyz`, `/metrics`.
    var handler: HTTPServer.Handler { get }
    /// What runs beside the requests, from before the first until after the last.
    var background: [any BackgroundService] { get }

    /// Its data folder; nil where it keeps no data. One that isn't in its place any more makes the service not ready.
    var folder: DataFolder? { get }

    func readiness() async -> Readiness

    /// Called last, when no request and no background work is left.
    func close() async
}

extension HostedService {
    /// Those of a service behind the gateway: a head may be longer than the gateway's callers may make it by what the gateway adds to it.
    public static var limits: ServerConfiguration {
        var limits = ServerConfiguration()
        limits.head = HeadLimits(maximumBytes: 16_384, maximumFields: 128)
        return limits
    }
    public var folder: DataFolder? { nil }
    public func close() async {}
}

/// The settings of a service, each documented where it is read.
public protocol ServiceConfiguration: Sendable {
    init(reading reader: inout ConfigurationReader) throws(ConfigurationError)
}
