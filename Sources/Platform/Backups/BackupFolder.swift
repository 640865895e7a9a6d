internal import Crypto
internal import Encodings
internal import Files

/// The folders below a service's folder of backups, and one of them in the making: `NAME.unfinished` until its manifest is on the disk.
public struct BackupFolder: Sendable {
    /// What the name of a file or folder ends with until it is whole.
    public static let unfinishedSuffix = ".unfinished"

    let root: String
    let name: BackupName

    var path: String { "\(root)/\(name)" }
    var unfinished: String { path + Self.unfinishedSuffix }

    /// Drops what runs left that were interrupted.
    /// - Returns: whether there was anything.
    @discardableResult
    static func removeUnfinished(in root: String) throws(FileError) -> Bool {
        guard File.exists(root) else { return false }
        let left = try Directory.list(root).filter { $0.hasSuffix(unfinishedSuffix) }
        for name in left { try Directory.removeTree("\(root)/\(name)") }
        return !left.isEmpty
    }

    /// When the newest that is whole was sealed: seconds since 1970; 0 where there is none.
    static func newest(in root: String) throws(FileError) -> Int64 {
        guard File.exists(root) else { return 0 }
        // Somebody else's folder is none of ours.
        return try Directory.list(root).compactMap { try? File.modified("\(root)/\($0)/\(BackupManifest.fileName)") }.max() ?? 0
    }

    /// Makes the empty folder that the service copies into.
    func begin() throws {
        guard !File.exists(path) else { throw BackupError.alreadyThere(path: path) }
        try Self.removeUnfinished(in: root)
        try Directory.create(unfinished)
    }

    /// Lists and hashes what was copied, seals the list, and lets the backup count.
    func finish(_ make: ([BackupManifest.Entry]) -> BackupManifest, under key: HMACSHA256) throws -> BackupManifest {
        let manifest = make(try Self.entries(in: unfinished, below: ""))
        let encoded = manifest.encoded(under: key)
        // What can't be read again is no backup, however it was written.
        guard try BackupManifest(encoded, under: key, folder: unfinished) == manifest else { throw BackupError.notABackup(folder: unfinished) }
        try File.create("\(unfinished)/\(BackupManifest.fileName)", with: encoded)
        try File.rename(unfinished, to: path)
        try Directory.sync(root)
        return manifest
    }

    func abandon() {
        // The error that led here is the one to report; what is left is dropped by the next run.
        try? Directory.removeTree(unfinished)
    }

    private static func entries(in folder: String, below prefix: String) throws -> [BackupManifest.Entry] {
        var entries: [BackupManifest.Entry] = []
        for name in try Directory.list(folder) {
            try Task.checkCancellation()
            let (file, path) = ("\(folder)/\(name)", prefix + name)
            if try Directory.isDirectory(file) {
                entries += try Self.entries(in: file, below: "\(path)/")
            } else {
                entries.append(try entry(file, as: path))
            }
        }
        return entries
    }

    static func entry(_ file: String, as path: String) throws(FileError) -> BackupManifest.Entry {
        var hash = SHA256Stream()
        var bytes = 0
        try File.readPieces(of: file) { piece in
            hash.update(piece)
            bytes += piece.count
        }
        return BackupManifest.Entry(path: path, bytes: bytes, sha256: hash.finalize())
    }
}
