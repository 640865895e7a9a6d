public import Contracts
internal import Files

/// The secrets of one service: `keyring.json`, `credentials` (an AWS shared credentials file with a profile for each callee), and, where the service has them,
/// `master.key`, `callers.json` and `root.json`. Other services' folders are none of its business, so in production each process sees its own only.
public struct SecretsFolder: Sendable {
    public let path: String

    public init(path: String) {
        self.path = path
    }

    /// The folder of one service below the folder that `strongroom keys init` wrote.
    public init(of service: ServiceName, below root: String) {
        self.init(path: "\(root)/\(service.rawValue)")
    }

    public var keyringFile: String { "\(path)/keyring.json" }
    public var credentialsFile: String { "\(path)/credentials" }
    public var masterKeyFile: String { "\(path)/master.key" }
    /// The authorizer's: the secrets of all callers.
    public var callersFile: String { "\(path)/callers.json" }
    public var rootKeyFile: String { "\(path)/root.json" }
    /// The gateway's certificate and its key; may be a volume of its own.
    var certificateFolder: String { "\(path)/\(Self.certificates)" }

    static let certificates = "tls"

    public func keyring() throws(SecretsError) -> Keyring {
        try Keyring(parsing: try read(keyringFile), file: keyringFile)
    }

    /// For that service's own process.
    public func keyring(of service: ServiceName) throws(SecretsError) -> Keyring {
        let keyring = try keyring()
        if let found = keyring.service, found != service { throw .ofAnother(folder: path, found: found, wanted: service) }
        return keyring
    }

    /// 32 bytes, which wrap every other key the service stores.
    public func masterKey() throws(SecretsError) -> [UInt8] {
        let key = try read(masterKeyFile)
        guard key.count == SecretsGenerator.keyLength else { throw .malformed(file: masterKeyFile, part: "32 bytes") }
        return key
    }

    /// What the authorizer derives other services' signing keys from; nil in a cluster from before it did.
    public func callerSecrets() throws(SecretsError) -> [CallerSecret]? {
        File.exists(callersFile) ? try CallerSecret.parse(try read(callersFile), file: callersFile) : nil
    }

    /// The root principal's access keys, the one to use first.
    public func rootKeys() throws(SecretsError) -> [RootKey] { try RootKey.parse(try read(rootKeyFile), file: rootKeyFile) }

    public func rootKey() throws(SecretsError) -> RootKey { try rootKeys()[0] }

    /// The access keys of this service for those it calls.
    func credentials() throws(SecretsError) -> [UInt8] { try read(credentialsFile) }

    func read(_ file: String) throws(SecretsError) -> [UInt8] {
        do throws(FileError) {
            return try File.read(file, limit: 1 << 20)
        } catch {
            throw .unreadable(file: file, cause: error.description)
        }
    }
}
