import Bootstrap
import Contracts
import Encodings
import Files
import HTTP
import Identity
import Transport

/// Replaces keys of a running cluster, without a request that fails for it.
struct KeysRotateCommand: Command {
    static let words = ["keys", "rotate"]
    static let summary = "Replaces keys of a running cluster; old ones are good for as long as they are needed."

    enum Kind: String, CaseIterable {
        /// The keys that sign tokens. The identity service owns them, so it is asked.
        case token
    }

    private let kind: Kind
    private let secrets: String
    private let endpoint: Endpoint
    private let pool: String?

    init(reading reader: inout ConfigurationReader) throws(ConfigurationError) {
        kind = try reader.choice("kind", help: "token: what signs the tokens of user pools.")
        secrets = try reader.string("secrets", help: "The identity service's own folder of secrets.")
        endpoint = try reader.endpoint(
            "address", default: Endpoint(host: "127.0.0.1", port: ServiceName.identity.defaultPort), help: "Where the identity service listens.")
        pool = reader.optionalString("pool", help: "The user pool; all of them, unless told.")
    }

    func run() async throws {
        switch kind {
        case .token: try await rotateTokenKeys()
        }
    }

    private func rotateTokenKeys() async throws {
        let loops = LoopGroup.start(count: 1)
        defer { loops.stop() }
        let client = try TokenKeyClient(at: endpoint, secrets: SecretsFolder(path: secrets), client: HTTPClient(loops: loops), clock: .system)
        if let pool { return tell(try await client.rotate(pool)) }
        var last = ""
        while let begun = try await client.rotate(after: last) {
            tell(begun)
            last = begun.pool
        }
        if last.isEmpty { StandardStream.output.write("There are no user pools.\n") }
    }

    private func tell(_ begun: TokenKeyClient.Begun) {
        let what = begun.isNew ? "new keys are published" : "new keys were published before"
        StandardStream.output.write(
            "\(begun.pool): \(what); they sign from \(begun.signing.iso8601()), the old ones stay until their tokens are over.\n")
    }
}
