import Bootstrap
import Contracts

/// Runs one service as a process of its own.
struct ServiceCommand<Service: HostedService>: Command {
    static var words: [String] { [Service.name.rawValue] }
    static var summary: String { "Runs the \(Service.name.rawValue) service." }
    static var isServer: Bool { true }

    private let settings: ProcessSettings
    private let configuration: Service.Configuration

    init(reading reader: inout ConfigurationReader) throws(ConfigurationError) {
        settings = try ProcessSettings(reading: &reader, for: Service.name)
        configuration = try Service.Configuration(reading: &reader)
    }

    func run() async throws {
        try await ServiceProcess.run(Service.self, settings: settings, configuration: configuration)
    }
}
