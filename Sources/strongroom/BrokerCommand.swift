import Bootstrap
import Contracts
import Files
import Kafka
import Observability
import Processes

/// The embedded broker alone, for services that run as processes of their own on one machine. It keeps everything in memory.
struct BrokerCommand: Command {
    static let words = ["broker"]
    static let summary = "Runs the embedded broker alone, on a free loopback port."

    private let readyFile: String?

    init(reading reader: inout ConfigurationReader) throws(ConfigurationError) {
        readyFile = reader.optionalString("ready-file", help: "A file to write the broker's HOST:PORT to.")
    }

    func run() async throws {
        try ServiceProcess.prepare()
        let stop = try StopSignal.onTermination()
        let broker = try EmbeddedBroker.start()
        StandardStream.output.write("\(broker.brokers)\n")
        if let readyFile { try File.replace(readyFile, with: Array(broker.brokers.utf8)) }
        await stop.wait()
        withExtendedLifetime(broker) {}
    }
}
