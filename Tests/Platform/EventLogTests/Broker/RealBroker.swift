import Foundation
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

    /// Starts brokers on free ports, with an empty folder.
    init(nodes: Int = 1) throws {
        self.nodes = nodes
        folder = FileManager.default.temporaryDirectory.appending(path: "kafka-\(UUID().uuidString)").path()
        // Below the ports that the system gives to outgoing connections, of which there are many while tests run.
        let port = Int.random(in: 200..<320) * 100
        self.port = port
        brokers = (0..<nodes).map { "127.0.0.1:\(port + $0)" }.joined(separator: ",")
        do {
            try start()
        } catch {
            remove()
            throw error
        }
    }

    /// The named broker if there is one, else one of its own.
    static func any() throws -> (brokers: String, own: RealBroker?) {
        if let named { return (named, nil) }
        let own = try RealBroker()
        return (own.brokers, own)
    }

    func start() throws { try run(["start", "--port", String(port), "--data", folder, "--nodes", String(nodes)]) }

    /// SIGKILL, to all nodes or to one (counted from 1).
    func kill(node: Int? = nil) throws { try run(["stop", "--data", node.map { "\(folder)/\($0)" } ?? folder, "--kill"]) }

    func remove() {
        try? kill()
        try? FileManager.default.removeItem(atPath: folder)
    }

    private func run(_ arguments: [String]) throws {
        guard let script = Self.script else { throw Failure(message: "no script") }
        let process = Process()
        process.executableURL = URL(filePath: "/bin/bash")
        // The broker outlives the script, and Foundation waits until nobody holds the socket its children inherit.
        process.arguments =
            ["-c", #"for fd in /proc/$$/fd/*; do fd=${fd##*/}; [ "$fd" -gt 2 ] && eval "exec $fd>&-"; done; exec "$0" "$@""#, script] + arguments
        // A JVM that is killed leaves its temporary files behind: there they go with everything else.
        process.environment = ProcessInfo.processInfo.environment.merging(["JAVA_TOOL_OPTIONS": "-Djava.io.tmpdir=\(folder)"]) { $1 }
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failure(message: "kafka \(arguments[0]) failed: exit code \(process.terminationStatus)") }
    }
}
