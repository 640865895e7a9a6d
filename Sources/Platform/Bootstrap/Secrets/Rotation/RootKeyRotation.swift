internal import Contracts
public import Encodings
internal import Files
internal import Processes

/// Replaces the root principal's access key: the authorizer takes the new one beside the old, the operator's copy becomes the new one, and later the
/// old one goes. The authorizer takes the changed file into use by itself (`SecretsWatch`).
public struct RootKeyRotation: Sendable {
    private let authorizer: SecretsFolder
    private let operatorFolder: OperatorFolder
    private let lock: LockFile

    /// - Parameter root: the folder below which each service's folder lies, and the operator's, where there is one.
    public init(below root: String) throws { try self.init(below: root, as: CurrentProcess.user) }

    init(below root: String, as user: UInt32) throws {
        authorizer = SecretsFolder(of: .authorizer, below: root)
        operatorFolder = OperatorFolder(path: "\(root)/operator")
        _ = try authorizer.rootKeys()
        guard try File.owner(authorizer.rootKeyFile) == user else { throw KeyRotationError.notOwner(folder: authorizer.path) }
        if File.exists(operatorFolder.credentialsFile) {
            guard try File.owner(operatorFolder.credentialsFile) == user else { throw KeyRotationError.notOwner(folder: operatorFolder.path) }
        }
        lock = try LockFile(KeyRotation.lockFile(below: root))
    }

    /// Makes a new key, unless one was made that the operator doesn't have yet.
    /// - Returns: the key to use from now on.
    /// - Throws: ``KeyRotationError/overlapping(since:)`` while a replaced one is still accepted.
    public func rotate(at now: Timestamp) throws -> RootKey {
        var keys = try authorizer.rootKeys()
        if let since = keys.dropFirst().compactMap(\.replaced).max() {
            // Interrupted, a run leaves the operator's copy as it was.
            guard try operatorsCopy(with: keys) != nil else { throw KeyRotationError.overlapping(since: since) }
        } else {
            keys[0].replaced = now
            keys.insert(RootKey(accessKeyID: IAMIdentifiers.accessKeyID(), secret: IAMIdentifiers.secret()), at: 0)
            try File.replace(authorizer.rootKeyFile, with: RootKey.json(keys))
        }
        if let copy = try operatorsCopy(with: keys) { try File.replace(operatorFolder.credentialsFile, with: copy) }
        return keys[0]
    }

    /// Has the authorizer forget what was replaced, `overlap` seconds ago at least.
    /// - Returns: how many keys those are.
    public func retire(overlap: Int64, at now: Timestamp) throws -> Int {
        let keys = try authorizer.rootKeys()
        guard let since = keys.dropFirst().compactMap(\.replaced).max() else { return 0 }
        guard try operatorsCopy(with: keys) == nil else { throw KeyRotationError.unfinished }
        let until = since.adding(seconds: overlap)
        guard now >= until else { throw KeyRotationError.tooEarly(until: until) }
        try File.replace(authorizer.rootKeyFile, with: RootKey.json([keys[0]]))
        return keys.count - 1
    }

    /// The operator's file with the newest key in place of those it replaced, and all else that is in it; nil where none of those is in it.
    private func operatorsCopy(with keys: [RootKey]) throws -> [UInt8]? {
        guard File.exists(operatorFolder.credentialsFile) else { return nil }
        let before = String(decoding: try operatorFolder.credentials(), as: UTF8.self)
        var text = before
        for key in keys.dropFirst() {
            text = text.split(separator: key.accessKeyID, omittingEmptySubsequences: false).joined(separator: keys[0].accessKeyID)
            text = text.split(separator: key.secret, omittingEmptySubsequences: false).joined(separator: keys[0].secret)
        }
        return text == before ? nil : Array(text.utf8)
    }
}
