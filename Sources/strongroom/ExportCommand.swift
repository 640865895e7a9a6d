import Bootstrap
import Contracts
import Notes
import Processes
import Transport

/// Asks the running notes service for all notes of a tenant.
struct ExportCommand: Command {
    static let words = ["export"]
    static let summary = "Has the running notes service write out all notes of a tenant, opened, as lines of JSON."

    private let tenant: String
    private let secrets: SecretsFolder
    private let address: ServiceAddress
    private let output: String

    init(reading reader: inout ConfigurationReader) throws(ConfigurationError) {
        tenant = try reader.string("tenant", help: "The tenant: the id of its user pool.")
        secrets = SecretsFolder(path: try reader.string("secrets", help: "The notes service's own folder of secrets."))
        address = try ServiceAddress(of: .notes, reading: &reader, help: "Where the notes service listens, if not at its own port on this machine.")
        output = try reader.string(
            "output", help: "The file to write, which must not be there yet. Its notes are not sealed: it is made readable by you alone.")
    }

    func run() async throws {
        let loops = LoopGroup.start(count: 1)
        defer { loops.stop() }
        let count = try await ExportClient(of: address.client(with: secrets, on: loops)).write(tenant, to: output)
        StandardStream.output.write("\(output): \(count) notes of \(tenant), not sealed, readable by you alone (mode 0600).\n")
    }
}
