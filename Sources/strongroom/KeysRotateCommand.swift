import Backups
import Bootstrap
import Contracts
import Encodings
import Identity
import Processes
import Transport

/// Replaces keys of a running cluster, without a request that fails for it.
struct KeysRotateCommand: Command {
    static let words = ["keys", "rotate"]
    static let summary = "Replaces keys of a running cluster; old ones are good for as long as they are needed."

    private let work: any Rotating

    init(reading reader: inout ConfigurationReader) throws(ConfigurationError) {
        let kind: RotatedKeys = try reader.choice(
            "kind",
            help:
                "token: what signs the tokens of user pools; call: the access keys services call each other with; identity: the keys of identity headers; event: the keys events are signed with; root: the root principal's access key."
        )
        let secrets = try reader.string(
            "secrets",
            help: "For tokens the identity service's own folder of secrets; else the one below which each service's folder lies, or is mounted.")
        let address = try ServiceAddress(
            of: .identity, reading: &reader, help: "For tokens: where the identity service listens, if not at its own port on this machine.")
        let pool = reader.optionalString("pool", help: "For tokens: the user pool; all of them, unless told.")
        let settle = try reader.integer(
            "settle-seconds", default: 10, in: 0...3_600, help: "Else: how long services have to read new keys before any signs.")
        work =
            switch kind {
            case .token: TokenKeysRotation(secrets: SecretsFolder(path: secrets), address: address, pool: pool)
            case .call: SharedKeysRotation(kind: .call, secrets: secrets, settle: settle)
            case .identity: SharedKeysRotation(kind: .identity, secrets: secrets, settle: settle)
            case .event: SharedKeysRotation(kind: .event, secrets: secrets, settle: settle)
            case .root: RootKeysRotation(secrets: secrets)
            }
    }

    func run() async throws { try await work.rotate() }
}

/// Has services forget keys that were replaced.
struct KeysRetireCommand: Command {
    static let words = ["keys", "retire"]
    static let summary = "Has services forget the keys that keys rotate has replaced, once nobody can need them."

    private let kind: RetiredKeys
    private let secrets: String
    private let overlap: Int64
    private let auditBackup: String?

    init(reading reader: inout ConfigurationReader) throws(ConfigurationError) {
        kind = try reader.choice("kind", help: "call, identity, event or root, as for keys rotate.")
        secrets = try reader.string("secrets", help: "The folder below which each service's folder lies, or is mounted.")
        overlap = Int64(
            try reader.integer(
                "overlap-seconds", default: Int(kind.overlap), in: 0...315_360_000,
                help:
                    "How long ago they must have been replaced: two minutes, eight days for events (less is for keys that have leaked); for the root key as you like."
            ))
        auditBackup = reader.optionalString(
            "audit-backup",
            help: "For events: the folder of a backup of audit that is younger than the new keys. Not asked for where keys have leaked.")
    }

    func run() async throws {
        let backup = try auditBackup.map { try StoredBackup($0, secrets: SecretsFolder(of: .audit, below: secrets)).manifest }
        let now = WallClock.system.now()
        let count =
            if let shared = kind.shared {
                try KeyRotation(shared, below: secrets).retire(overlap: overlap, auditBackup: backup?.made, at: now)
            } else {
                try RootKeyRotation(below: secrets).retire(overlap: overlap, at: now)
            }
        StandardStream.output.write(
            count == 0
                ? "There is nothing to retire.\n"
                : "\(count) replaced \(count == 1 ? "key is" : "keys are") gone; services forget them within seconds.\n")
    }
}

/// What can be rotated.
private enum RotatedKeys: String, CaseIterable {
    case token, call, identity, event, root
}

/// What has to be retired by somebody. Token keys go by themselves.
private enum RetiredKeys: String, CaseIterable {
    case call, identity, event, root

    /// Keys that lie in the folders of the services that share them.
    var shared: SharedKeyKind? { SharedKeyKind(rawValue: rawValue) }

    /// Seconds for which a replaced key may be needed. Who uses the root key, and when they have the new one, the operator knows.
    var overlap: Int64 { shared?.overlap ?? 0 }
}

private protocol Rotating: Sendable {
    func rotate() async throws
}

/// The identity service owns its pools' keys, so it is asked.
private struct TokenKeysRotation: Rotating {
    let secrets: SecretsFolder
    let address: ServiceAddress
    let pool: String?

    func rotate() async throws {
        let loops = LoopGroup.start(count: 1)
        defer { loops.stop() }
        let client = TokenKeyClient(of: try address.client(with: secrets, on: loops))
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

/// Keys in files: those who verify get them first, those who sign once the others have had time to read them.
private struct SharedKeysRotation: Rotating {
    let kind: SharedKeyKind
    let secrets: String
    let settle: Int

    func rotate() async throws {
        let rotation = try KeyRotation(kind, below: secrets)
        let count = try rotation.publish(at: WallClock.system.now())
        StandardStream.output.write("\(count) pairs of services: those who verify have new keys; those who sign get them in \(settle) s.\n")
        try await Task.sleep(for: .seconds(settle))
        let now = WallClock.system.now()
        try rotation.move(at: now)
        let condition = kind == .event ? ", once audit is backed up" : ""
        StandardStream.output.write(
            "The new keys sign; strongroom keys retire --kind \(kind.rawValue) has the old ones forgotten, from "
                + "\(now.adding(seconds: kind.overlap).iso8601()) on\(condition).\n")
    }
}

/// A key of the operator's own.
private struct RootKeysRotation: Rotating {
    let secrets: String

    func rotate() async throws {
        let key = try RootKeyRotation(below: secrets).rotate(at: WallClock.system.now())
        StandardStream.output.write(
            "The root principal's access key is \(key.accessKeyID) now, its secret where the old one's was. The old one is accepted, too, until strongroom keys retire --kind root.\n"
        )
    }
}
