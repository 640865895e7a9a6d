public import Bootstrap
public import Contracts
internal import Crypto
internal import Files
internal import JSON
internal import SQLite
internal import Shards

/// A backup on a disk: looked through, or copied to where a service finds its data. Blocks; for tools.
public struct StoredBackup: Sendable {
    public let folder: String
    public let manifest: BackupManifest

    /// - Parameter secrets: of the service, to tell whether the manifest is its own; nil to believe it.
    public init(_ folder: String, secrets: SecretsFolder?) throws {
        self.folder = folder
        let key = try secrets.map { try HMACSHA256(ofBackupsUnder: $0) }
        let bytes: [UInt8]
        do throws(FileError) {
            bytes = try File.read("\(folder)/\(BackupManifest.fileName)", limit: BackupManifest.limits.bytes)
        } catch {
            throw BackupError.notABackup(folder: folder)
        }
        manifest = try BackupManifest(bytes, under: key, folder: folder)
    }

    /// Reads every file: that it is there, is what was written, and that SQLite finds no fault with it.
    public func verify() throws {
        for entry in manifest.files {
            try check(entry, in: folder)
            guard entry.path.hasSuffix(".sqlite") else { continue }
            let errors = try Connection(path: "\(folder)/\(entry.path)", role: .archive).integrityErrors()
            guard errors.isEmpty else { throw BackupError.damaged(file: "\(folder)/\(entry.path)") }
        }
    }

    /// Copies the files to the data folder of a service that is stopped. Interrupted, it is to be run again: until it has ended the service refuses to
    /// start.
    /// - Parameter target: must not exist, or be empty. It may be where a volume is mounted.
    public func restore(to target: String, service: ServiceName, cluster: String) throws {
        guard manifest.service == service else { throw BackupError.otherService(wanted: service.rawValue, found: manifest.service.rawValue) }
        guard manifest.cluster == cluster else { throw BackupError.otherCluster(wanted: cluster, found: manifest.cluster) }
        let unfinished = Self.unfinished(in: target)
        try Directory.create(target)
        // A volume's own folder is nobody's data.
        let names = try Directory.list(target).filter { $0 != "lost+found" }
        guard names.isEmpty || names.contains(Self.unfinishedName) else { throw BackupError.occupied(folder: target) }
        // What an interrupted run left, and what a service has made that was started then. What says so goes last, and comes first.
        for name in names where name != Self.unfinishedName { try Directory.removeTree("\(target)/\(name)") }
        if !names.isEmpty { try Directory.sync(target) }
        try Self.empty(unfinished)
        do {
            for entry in manifest.files {
                let file = "\(unfinished)/\(entry.path)"
                try Directory.create(Directory.parent(of: file))
                try File.copy("\(folder)/\(entry.path)", to: file)
                // The copy is what will be used, so that is what is checked.
                try check(entry, in: unfinished)
            }
            if service.keepsShards { try ShardFolder.listAllAsUndelivered(in: unfinished) }
            if service.hasErasures { try File.create("\(unfinished)/\(RestoreGate.fileName)", with: []) }
        } catch {
            // The error that led here is the one to report. The folder stays: before the next run has ended the service does not start.
            try? Self.empty(unfinished)
            throw error
        }
        for name in try Directory.list(unfinished) { try File.rename("\(unfinished)/\(name)", to: "\(target)/\(name)") }
        try Directory.sync(target)
        try Directory.removeTree(unfinished)
        try Directory.sync(target)
    }

    private static func empty(_ folder: String) throws {
        try Directory.create(folder)
        for name in try Directory.list(folder) { try Directory.removeTree("\(folder)/\(name)") }
    }

    private static let unfinishedName = ".restoring"

    /// What is there while a restore is under way.
    private static func unfinished(in data: String) -> String { "\(data)/\(unfinishedName)" }

    /// To be called by a service before it opens anything: throws where its data are half of a backup.
    public static func requireWhole(_ data: String) throws(BackupError) {
        guard !File.exists(unfinished(in: data)) else { throw .unfinished(folder: unfinished(in: data)) }
    }

    /// - Parameter place: the backup, or where it was copied to.
    /// - Throws: an error that names the backup's own file: a copy that isn't right is gone by the time that somebody looks for it.
    private func check(_ entry: BackupManifest.Entry, in place: String) throws {
        let file = "\(folder)/\(entry.path)"
        let damaged = BackupError.damaged(file: file)
        let found: BackupManifest.Entry
        do throws(FileError) {
            found = try BackupFolder.entry("\(place)/\(entry.path)", as: entry.path)
        } catch .notFound {
            throw BackupError.missing(file: file)
        } catch {
            throw damaged
        }
        guard found == entry else { throw damaged }
    }
}

extension ServiceName {
    /// Whether its data are shards with events of their own, as the notes and the logs are.
    fileprivate var keepsShards: Bool { self == .notes || self == .audit }

    /// Whether it holds what users may have erased, and so waits after a restore until that is erased again.
    public var hasErasures: Bool { keepsShards || self == .identity }
}
