public import Bootstrap
public import Contracts
internal import Encodings
public import HTTP
internal import JSON
internal import Trust

/// Asks a running service for a backup, as one of its own tools.
public struct BackupClient: Sendable {
    /// A backup that was made.
    public struct Made: Sendable {
        public let folder: String
        public let files: Int
        public let bytes: Int
    }

    private let client: InternalClient
    private let address: String

    /// - Parameter secrets: the service's own: whoever can read them may ask.
    public init(of service: ServiceName, at endpoint: Endpoint, secrets: SecretsFolder, client: HTTPClient, clock: WallClock) throws {
        let keyring = try secrets.keyring()
        self.client = InternalClient(
            callee: service, endpoint: endpoint, region: keyring.cluster, client: client, key: try secrets.toolKey(), clock: clock)
        address = endpoint.text
    }

    /// Begins a backup and waits for its end, looking every `milliseconds`.
    public func make(_ name: BackupName, every milliseconds: Int = 100) async throws -> Made {
        var answer = try await ask(.json(.post, BackupDesk.target, JSON.encode(["name": .string(name.text)])))
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
                return try await ask(OutgoingCall(.get, Array(BackupDesk.target.utf8)))
            } catch BackupError.noAnswer {
                try await Task.sleep(for: .seconds(1))
            }
        }
        return try await ask(OutgoingCall(.get, Array(BackupDesk.target.utf8)))
    }

    private func ask(_ call: OutgoingCall) async throws -> JSONValue {
        let (status, body): (Status, [UInt8])
        do {
            let response = try await client.send(call)
            (status, body) = (response.status, try await response.body.collect(upTo: 1 << 16))
        } catch {
            throw BackupError.noAnswer(address: address, cause: "\(error)")
        }
        let answer = try? JSON.parse(body)
        switch status {
        case .ok, .accepted: return answer ?? .null
        case .forbidden, .unauthorized: throw BackupError.refused("\(address) does not know these secrets")
        default: throw BackupError.refused(answer?["reason"]?.string ?? "\(address) answered \(status.rawValue)")
        }
    }
}
