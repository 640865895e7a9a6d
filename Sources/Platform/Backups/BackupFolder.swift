internal import Crypto
internal import Encodings
internal import Files

/// The folders below a service's folder of backups, and one of them in the making: `NAME.unfinished` until its manifest is on the disk.
struct BackupFolder: Sendable {
    let root: String
    let name: BackupName

    var path: String { "\(root)/\(name)" }
    var unfinished: String { "\(path).unfinished" }

    /// Makes the empty folder that the service copies into; what a run left that was interrupted is dropped.
    func begin() throws {
        guard !File.exists(path) else { throw BackupError.alreadyThere(folder: path) }
        try Directory.removeTree(unfinished)
        try Directory.create(unfinished)
    }

    /// Lists and hashes what was copied, seals the list, and lets the backup count.
    func finish(_ make: ([BackupManifest.Entry]) -> BackupManifest, under key: HMACSHA256) throws -> BackupManifest {
        let manifest = make(try Self.entries(in: unfinished, below: ""))
        try File.create("\(unfinished)/\(BackupManifest.fileName)", with: manifest.encoded(under: key))
        try File.rename(unfinished, to: path)
        try Directory.sync(root)
        return manifest
    }

    func abandon() {
        // The error that led here is the one to report; what is left is dropped by the next run.
        try? Directory.removeTree(unfinished)
    }

    static func entries(in folder: String, below prefix: String) throws -> [BackupManifest.Entry] {
        var entries: [BackupManifest.Entry] = []
        for name in try Directory.list(folder) {
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
