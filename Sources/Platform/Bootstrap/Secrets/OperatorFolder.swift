internal import Files

/// What the operator of a cluster keeps: the root principal's access key and the certificate of the authority that clients are told to trust. No service
/// sees this folder.
public struct OperatorFolder: Sendable {
    public let path: String

    public init(path: String) {
        self.path = path
    }

    /// The form of an AWS shared credentials file, with one profile.
    public var credentialsFile: String { "\(path)/credentials" }
    public var authorityFile: String { "\(path)/authority.pem" }
    /// A client's certificate for the services' ports, its key and the services' authority, where these speak TLS.
    public var internalTLSFile: String { "\(path)/internal-tls.pem" }
    /// A whole cluster's secrets that are not all handed out yet.
    var unfinished: String { "\(path)/unfinished" }
    var lockFile: String { "\(path)/lock" }

    public func credentials() throws(SecretsError) -> [UInt8] { try read(credentialsFile) }

    public func authority() throws(SecretsError) -> [UInt8] { try read(authorityFile) }

    public func internalTLS() throws(SecretsError) -> [UInt8] {
        if File.exists(credentialsFile), !File.exists(internalTLSFile) { throw .noInternalTLS(file: internalTLSFile) }
        return try read(internalTLSFile)
    }

    static func credentials(root: RootKey, region: String) -> [UInt8] {
        Array("[default]\naws_access_key_id = \(root.accessKeyID)\naws_secret_access_key = \(root.secret)\nregion = \(region)\n".utf8)
    }

    private func read(_ file: String) throws(SecretsError) -> [UInt8] {
        do throws(FileError) {
            // A service's `credentials` is for its calls, and nobody's to be shown as the operator's.
            if File.exists(SecretsFolder(path: path).keyringFile) { throw FileError.notFound(path: file) }
            return try File.read(file, limit: 1 << 20)
        } catch .notFound {
            throw .notTheOperators(file: file)
        } catch {
            throw .unreadable(file: file, cause: error.description)
        }
    }
}
