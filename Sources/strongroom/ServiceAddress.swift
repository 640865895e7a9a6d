import Bootstrap
import Contracts
import HTTP
import Transport
import Trust

/// Where a tool finds the running service that it asks, and whether by TLS.
struct ServiceAddress {
    private let service: ServiceName
    private let endpoint: Endpoint
    private let usesInternalTLS: Bool

    init(of service: ServiceName, reading reader: inout ConfigurationReader, help: StaticString) throws(ConfigurationError) {
        self.service = service
        let standard = Endpoint(host: "127.0.0.1", port: service.defaultPort)
        endpoint = try reader.optionalEndpoint("address", help: help) ?? standard
        usesInternalTLS = try InternalTLS.isOn(reading: &reader)
    }

    /// - Parameter secrets: the service's own, which its tools show to it.
    func client(with secrets: SecretsFolder, on loops: LoopGroup) throws -> ToolClient {
        let endpoint = usesInternalTLS ? try InternalTLS(secrets: secrets).secure(endpoint, of: service) : endpoint
        return try ToolClient(of: service, at: endpoint, secrets: secrets, client: HTTPClient(loops: loops), clock: .system)
    }
}
