/// Why something is no backup, can't be made one, or can't be restored. Each says what to do about it.
public enum BackupError: Error, Equatable, Sendable {
    case invalidName(String)
    case alreadyThere(path: String)
    /// Another one is being made.
    case busy(name: String)
    /// There is no manifest, or it can't be read.
    case notABackup(folder: String)
    /// It names a file that isn't what was written.
    case damaged(file: String)
    case missing(file: String)
    /// The manifest isn't signed under this master key.
    case foreign(folder: String)
    case otherService(wanted: String, found: String)
    case otherCluster(wanted: String, found: String)
    /// The folder to restore to has something in it.
    case occupied(folder: String)
    /// A restore to it has begun and not ended.
    case unfinished(folder: String)
    /// The service that is backed up says why not.
    case refused(String)
    /// Tenants of whom something can't be copied, and why not the first of them.
    case unreadable(tenants: [String], reason: String)
    /// What is lost by restoring it: something, each in a sentence.
    case loses([String])
}

extension BackupError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .invalidName(let name):
            "'\(name)' can't name a backup: 1 to 64 letters, digits, '-', '_' and '.', no '.' first and no '.unfinished' last"
        case .alreadyThere(let path): "\(path) is there already; nothing is overwritten"
        case .busy(let name): "the backup '\(name)' is still being made"
        case .notABackup(let folder): "\(folder) is no finished backup: it has no manifest that can be read"
        case .damaged(let file): "\(file) is not what was backed up"
        case .missing(let file): "\(file), which was backed up, is not there"
        case .foreign(let folder): "\(folder) was made under another master key, or its manifest was changed"
        case .otherService(let wanted, let found): "this is a backup of \(found), not of \(wanted)"
        case .otherCluster(let wanted, let found): "this is a backup of the cluster \(found), not of \(wanted)"
        case .occupied(let folder): "\(folder) is not empty; move it away first, nothing is overwritten"
        case .unfinished(let folder): "\(folder) is the rest of a restore that was interrupted; run it again"
        case .refused(let reason): reason
        case .unreadable(let tenants, let reason):
            "what tenant \(tenants.joined(separator: ", ")) has can't be copied: \(reason). Put it right, or have the others alone backed up, with --without "
                + tenants.joined(separator: ",")
        case .loses(let losses): losses.joined(separator: "; ") + "; --accept-loss restores it all the same"
        }
    }
}
