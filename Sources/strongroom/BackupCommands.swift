import Backups
import Bootstrap
import Contracts
import Encodings
import EventLog
import Processes
import Transport

/// Asks a running service for a backup.
struct BackupCommand: Command {
    static let words = ["backup"]
    static let summary = "Has a running service write a backup, and waits for it."

    private let service: ServiceName
    private let secrets: SecretsFolder
    private let address: ServiceAddress
    private let name: BackupName
    private let without: [String]

    init(reading reader: inout ConfigurationReader) throws(ConfigurationError) {
        service = try reader.storedService()
        secrets = SecretsFolder(path: try reader.string("secrets", help: "The service's own folder of secrets."))
        address = try ServiceAddress(of: service, reading: &reader, help: "Where the service listens, if not at its own port on this machine.")
        without = reader.list("without", help: "Tenants, comma-separated, to leave out because their files can't be read.")
        guard without.isEmpty || service != .authorizer else {
            throw .invalid(key: "without", value: without.joined(separator: ","), expected: "nothing: the authorizer has nothing of tenants'")
        }
        let given = reader.optionalString("name", help: "What the backup is called; the time, unless told.")
        do throws(BackupError) {
            name = try given.map { (text) throws(BackupError) in try BackupName(text) } ?? BackupName(of: WallClock.system.now())
        } catch {
            throw .invalid(key: "name", value: given ?? "", expected: "1 to 64 letters, digits, '-', '_' and '.'")
        }
    }

    func run() async throws {
        let loops = LoopGroup.start(count: 1)
        defer { loops.stop() }
        let made = try await BackupClient(of: address.client(with: secrets, on: loops)).make(name, without: without)
        let left = without.isEmpty ? "" : ", without tenant \(without.joined(separator: ", "))"
        StandardStream.output.write("\(service.rawValue): \(made.files) files, \(made.bytes) bytes in \(made.folder)\(left)\n")
    }
}

/// Looks a backup through.
struct VerifyCommand: Command {
    static let words = ["verify"]
    static let summary = "Reads a backup and says whether it is whole."

    private let folder: String
    private let secrets: SecretsFolder?

    init(reading reader: inout ConfigurationReader) throws(ConfigurationError) {
        folder = try reader.string("backup", help: "The backup's folder.")
        secrets = reader.optionalString("secrets", help: "The service's own folder of secrets, to tell who wrote the backup.").map {
            SecretsFolder(path: $0)
        }
    }

    func run() async throws {
        let backup = try StoredBackup(folder, secrets: secrets)
        try backup.verify()
        let manifest = backup.manifest
        StandardStream.output.write(
            "\(folder): whole; \(manifest.service.rawValue) of \(manifest.cluster), \(manifest.made.iso8601()), \(manifest.files.count) files, "
                + "\(manifest.bytes) bytes"
                + (manifest.without.isEmpty ? "\n" : ", without tenant \(manifest.without.joined(separator: ", "))\n"))
    }
}

/// Copies a backup to where a stopped service finds its data.
struct RestoreCommand: Command {
    static let words = ["restore"]
    static let summary = "Copies a backup to the empty data folder of a service that is stopped."

    private let service: ServiceName
    private let folder: String
    private let secrets: SecretsFolder
    private let data: String
    private let acceptsLoss: Bool

    init(reading reader: inout ConfigurationReader) throws(ConfigurationError) {
        service = try reader.storedService()
        folder = try reader.string("backup", help: "The backup's folder.")
        secrets = SecretsFolder(path: try reader.string("secrets", help: "The service's own folder of secrets."))
        data = try reader.string("data", help: "The service's data folder: empty, or not there.")
        acceptsLoss = try reader.flag(
            "accept-loss", help: "Restore also a backup without some tenants, and an audit log too old to be filled again by its sources.")
    }

    func run() async throws {
        let backup = try StoredBackup(folder, secrets: secrets)
        let losses = losses(of: backup.manifest)
        guard losses.isEmpty || acceptsLoss else { throw BackupError.loses(losses) }
        for loss in losses { StandardStream.output.write("\(loss)\n") }
        try backup.restore(to: data, service: service, cluster: try secrets.keyring().cluster)
        StandardStream.output.write("\(data): \(service.rawValue) as of \(backup.manifest.made.iso8601()); the service may be started.\n")
        if let lost = service.whatIsAsItWas { StandardStream.output.write("\(lost)\n") }
        guard service.hasErasures else { return }
        StandardStream.output.write(
            "Whoever was erased since is erased again before anything is served, as far as identity, notes or audit know: an erasure is known only to "
                + "those that are not restored from before it. Where none is left, it has to be asked for again.\n")
    }
}

extension RestoreCommand {
    /// What nobody has any more once this is restored.
    private func losses(of manifest: BackupManifest) -> [String] {
        var losses: [String] = []
        if !manifest.without.isEmpty {
            losses.append("the backup was made without tenant \(manifest.without.joined(separator: ", ")), who will have nothing")
        }
        let kept = Int64(Retention().seconds)
        if service == .audit, WallClock.system.now().microseconds(since: manifest.made) / 1_000_000 > kept {
            losses.append(
                "the backup is of \(manifest.made.iso8601()); notes services keep events for \(kept / 86_400) days only, so what was written since would stay "
                    + "missing")
        }
        return losses
    }
}

extension ServiceName {
    /// What nobody else knows to have changed since.
    fileprivate var whatIsAsItWas: String? {
        switch self {
        case .identity: "Users, groups, clients and token keys are as they were then: disable, remove and rotate again what was since."
        case .authorizer: "Users, access keys, roles and policies are as they were then: delete and change again what was since."
        case .audit: "Events come back from their sources; who asked for what of the log since then is recorded nowhere else."
        case .gateway, .notes: nil
        }
    }
}

/// A service that stores something.
private enum StoredService: String, CaseIterable {
    case identity, authorizer, notes, audit

    var name: ServiceName {
        switch self {
        case .identity: .identity
        case .authorizer: .authorizer
        case .notes: .notes
        case .audit: .audit
        }
    }
}

extension ConfigurationReader {
    fileprivate mutating func storedService() throws(ConfigurationError) -> ServiceName {
        let service: StoredService = try choice("service", help: "identity, authorizer, notes or audit.")
        return service.name
    }
}
