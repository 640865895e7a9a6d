import Foundation
import TestTools
import Testing

/// An Apache Kafka: one named in `STRONGROOM_TEST_KAFKA` (host:port), or the one in a folder `shared/kafka` beside or above the repository.
final class RealBroker: Sendable {
    struct Failure: Error {
        let message: String
    }

    static let named = ProcessInfo.processInfo.environment["STRONGROOM_TEST_KAFKA"]

    static let script: String? = {
        var folder = URL(filePath: #filePath)
        while folder.path().count > 1 {
            folder.deleteLastPathComponent()
            let script = folder.appending(path: "shared/kafka/kafka").path()
            if FileManager.default.isExecutableFile(atPath: script) { return script }
        }
        return nil
    }()

    /// Whether there is a broker to test with.
    static let isAvailable = named != nil || script != nil
    static let absence: Comment = "there is no real Kafka: no folder ../shared/kafka, and STRONGROOM_TEST_KAFKA names no broker"

    let brokers: String
    private let port: Int
    private let folder: String
    private let nodes: Int

    private init(nodes: Int) {
        self.nodes = nodes
        folder = FileManager.default.temporaryDirectory.appending(path: "kafka-\(UUID().uuidString)").path()
        // Below the ports that the system gives to outgoing connections, of which there are many while tests run.
        let port = Int.random(in: 200..<320) * 100
        self.port = port
        brokers = (0..<nodes).map { "127.0.0.1:\(port + $0)" }.joined(separator: ",")
    }

    /// Brokers on free ports, with an empty folder, for as long as `body` takes.
    static func with(nodes: Int = 1, _ body: (RealBroker) async throws -> Void) async throws {
        let broker = RealBroker(nodes: nodes)
        do {
            try await broker.start()
            try await body(broker)
        } catch {
            await broker.remove()
            throw error
        }
        await broker.remove()
    }

    /// The named broker if there is one, else one of its own.
    static func withAny(_ body: (String) async throws -> Void) async throws {
        if let named { try await body(named) } else { try await with { try await body($0.brokers) } }
    }

    func start() async throws { try await run(["start", "--port", String(port), "--data", folder, "--nodes", String(nodes)]) }

    /// SIGKILL, to all nodes or to one (counted from 1).
    func kill(node: Int? = nil) async throws { try await run(["stop", "--data", node.map { "\(folder)/\($0)" } ?? folder, "--kill"]) }

    private func remove() async {
        // What is left over harms no other test: it has ports and a folder of its own.
        try? await kill()
        try? FileManager.default.removeItem(atPath: folder)
    }

    private func run(_ arguments: [String]) async throws {
        guard let script = Self.script else { throw Failure(message: "no script") }
        // A JVM that is killed leaves its temporary files behind: there they go with everything else.
        let kafka = try await ForeignProgram.run(script, arguments, environment: ["JAVA_TOOL_OPTIONS": "-Djava.io.tmpdir=\(folder)"])
        guard kafka.status == 0 else { throw Failure(message: "kafka \(arguments[0]) failed with exit code \(kafka.status): \(kafka.errors)") }
    }
}
