internal import Encodings
internal import HTTP
internal import JSON
public import Trust

/// Asks a running service for a backup, as one of its own tools.
public struct BackupClient: Sendable {
    /// A backup that was made.
    public struct Made: Sendable {
        public let folder: String
        public let files: Int
        public let bytes: Int
    }

    private let service: ToolClient

    public init(of service: ToolClient) { self.service = service }

    /// Begins a backup and waits for its end, looking every `milliseconds`.
    /// - Parameter without: tenants that are left out.
    public func make(_ name: BackupName, without: [String] = [], every milliseconds: Int = 100) async throws -> Made {
        let body: JSONValue = ["name": .string(name.text), "without": .array(without.map { .string($0) })]
        var answer = try await service.ask(.json(.post, BackupDesk.target, JSON.encode(body)))
        while true {
            switch answer["state"]?.string {
            case "running": break
            case "complete":
                guard answer["name"]?.string == name.text, let folder = answer["folder"]?.string, let files = answer["files"]?.int,
                    let bytes = answer["bytes"]?.int
                else { throw BackupError.refused("another backup was made meanwhile") }
                return Made(folder: folder, files: Int(clamping: files), bytes: Int(clamping: bytes))
            case "failed": throw BackupError.refused(answer["reason"]?.string ?? "no reason was given")
            default: throw BackupError.refused("the service was restarted while it made the backup")
            }
            try await Task.sleep(for: .milliseconds(milliseconds))
            answer = try await look()
        }
    }

    /// A connection may be lost in hours of looking, and the service be busy.
    private func look() async throws -> JSONValue {
        for _ in 0..<5 {
            do {
                return try await service.ask(OutgoingCall(.get, Array(BackupDesk.target.utf8)))
            } catch ToolError.noAnswer {
                try await Task.sleep(for: .seconds(1))
            }
        }
        return try await service.ask(OutgoingCall(.get, Array(BackupDesk.target.utf8)))
    }
}
