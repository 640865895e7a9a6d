import Bootstrap
import Contracts
import HTTP
import Transport

/// Asks a service whether it is ready; for container health checks, which have no curl.
struct HealthCommand: Command {
    static let words = ["health"]
    static let summary = "Asks a service whether it is ready."

    private let endpoint: Endpoint
    /// Nil where the service speaks plain HTTP.
    private let security: (InternalTLS, ServiceName)?
    private let timeoutMilliseconds: UInt64

    init(reading reader: inout ConfigurationReader) throws(ConfigurationError) {
        let url = try reader.string(
            "url", default: "http://127.0.0.1:8085", help: "The service's address, as http://HOST:PORT; for the gateway its operations address.")
        guard url.hasPrefix("http://"), let endpoint = Endpoint(String(url.dropFirst("http://".count))) else {
            throw .invalid(key: "url", value: url, expected: "http://HOST:PORT")
        }
        self.endpoint = endpoint
        let service = reader.optionalString("service", help: "Which service it is, where services speak TLS among each other.")
        let secrets = reader.optionalString("secrets", help: "That service's own folder of secrets.")
        // The gateway's operations address is plain in any case.
        if try InternalTLS.isOn(reading: &reader), let service, service != ServiceName.gateway.rawValue {
            guard let name = ServiceName(rawValue: service) else {
                throw .invalid(key: "service", value: service, expected: "identity, authorizer, notes or audit")
            }
            guard let secrets else { throw .missing(key: "secrets") }
            security = (InternalTLS(secrets: SecretsFolder(path: secrets)), name)
        } else {
            security = nil
        }
        timeoutMilliseconds = UInt64(
            try reader.integer("timeout-milliseconds", default: 2_000, in: 1...60_000, help: "How long the answer may take."))
    }

    func run() async throws {
        let loops = LoopGroup.start(count: 1)
        defer { loops.stop() }
        var request = ClientRequest(.get, "/readyz")
        request.timeoutMilliseconds = timeoutMilliseconds
        let endpoint = try security.map { try $0.secure(self.endpoint, of: $1) } ?? self.endpoint
        do {
            let response = try await HTTPClient(loops: loops).send(request, to: endpoint)
            let said = String(decoding: try await response.body.collect(upTo: 4_096), as: UTF8.self).split(separator: "\n").first ?? ""
            guard response.status == .ok else { throw HealthError.notReady(endpoint.text, String(said)) }
        } catch let error as ClientError {
            throw HealthError.noAnswer(endpoint.text, error)
        }
    }
}

/// Why a service counts as not ready.
enum HealthError: Error, CustomStringConvertible {
    case notReady(String, String)
    case noAnswer(String, ClientError)

    var description: String {
        switch self {
        case .notReady(let address, let reason): "\(address) is not ready: \(reason)"
        case .noAnswer(let address, let error): "\(address) does not answer: \(error)"
        }
    }
}
