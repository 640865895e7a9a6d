internal import Contracts
internal import Files

/// Hands a new cluster's secrets to services that keep them in a volume each, so that none can see another's.
///
/// Below the root lie a folder for each service and `operator`, each of which may be a volume of its own, so that nothing can be renamed from one to the
/// other. All secrets are made at once in `operator`, then copied, file by file; only when every service has all of its own does the operator's access key
/// appear, which says that the cluster is made, and the operator's copy goes. Interrupted, it goes on where it was; begun again, it changes nothing.
public struct ClusterSecrets: Sendable {
    public enum Outcome: Equatable, Sendable {
        case made
        case alreadyThere
    }

    private let root: String
    private let operatorFolder: OperatorFolder

    public init(root: String) {
        self.root = root
        operatorFolder = OperatorFolder(path: "\(root)/operator")
    }

    /// - Throws: ``SecretsError`` where keys are missing or another cluster's, `FileError` where a volume can't be used. Nothing is ever overwritten.
    public func make(cluster: String, account: String) throws -> Outcome {
        try Directory.create(operatorFolder.path)
        let lock = try LockFile(operatorFolder.lockFile)
        defer { withExtendedLifetime(lock) {} }
        let isMade = File.exists(operatorFolder.credentialsFile)
        if isMade {
            try checkHandedOut(cluster, account)
        } else {
            if !File.exists(operatorFolder.unfinished) { try generate(cluster, account) }
            for service in ServiceName.allCases { try handOut(to: service) }
            let key = try SecretsFolder(of: .authorizer, below: operatorFolder.unfinished).rootKey()
            // In one step: the file's being there says that the cluster is made.
            try File.replace(operatorFolder.credentialsFile, with: OperatorFolder.credentials(root: key, region: cluster))
        }
        // Also what a run left that ended between these two steps.
        try Directory.removeTree(operatorFolder.unfinished)
        return isMade ? .alreadyThere : .made
    }

    /// Everything at once, so that both ends of each pair have the same keys.
    private func generate(_ cluster: String, _ account: String) throws {
        for service in ServiceName.allCases {
            let folder = SecretsFolder(of: service, below: root).path
            try Directory.create(folder)
            // Where the certificate's own volume is mounted, its folder is there before all else.
            guard try Directory.list(folder).allSatisfy({ $0 == SecretsFolder.certificates }) else { throw SecretsError.foreign(folder: folder) }
        }
        try SecretsGenerator(cluster: cluster, account: account).write(to: operatorFolder.unfinished)
    }

    private func handOut(to service: ServiceName) throws {
        let source = SecretsFolder(of: service, below: operatorFolder.unfinished).path
        let target = SecretsFolder(of: service, below: root).path
        try Directory.create(target)
        for name in try Directory.list(source) {
            let bytes = try File.read("\(source)/\(name)", limit: 1 << 20)
            let file = "\(target)/\(name)"
            if File.exists(file) {
                guard try File.read(file, limit: 1 << 20) == bytes else { throw SecretsError.foreign(folder: target) }
            } else {
                // In one step, so that an interrupted copy is no half file that would then count as another's.
                try File.replace(file, with: bytes)
            }
        }
    }

    /// A volume that is gone must not be filled again with keys that nobody else knows, and whose master key opens nothing.
    private func checkHandedOut(_ cluster: String, _ account: String) throws {
        for service in ServiceName.allCases {
            let folder = SecretsFolder(of: service, below: root)
            guard File.exists(folder.keyringFile) else { throw SecretsError.lost(folder: folder.path) }
            let keyring = try folder.keyring()
            guard keyring.cluster == cluster, keyring.account == account else { throw SecretsError.foreign(folder: folder.path) }
            if service.sealsData { _ = try folder.masterKey() }
        }
    }
}
