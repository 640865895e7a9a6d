internal import Contracts
internal import Crypto
public import Encodings
internal import Files
internal import JSON

/// Makes the secrets of a new cluster: one folder for each service, so that each can be handed its own and nothing else.
public struct SecretsGenerator: Sendable {
    static let keyLength = 32

    private let cluster: String
    private let account: String
    private let now: Timestamp
    /// An access key for each (caller, callee).
    private var callerSecrets: [CallerSecret] = []
    private let identityKeys: [Keyring.IdentityKey]
    private let eventKeys: [Keyring.EventKey]
    private let root = RootKey(accessKeyID: IAMIdentifiers.accessKeyID(), secret: IAMIdentifiers.secret())

    /// - Parameter now: signing keys are derived for the days that follow.
    public init(cluster: String, account: String, now: Timestamp = WallClock.system.now()) {
        self.now = now
        self.cluster = cluster
        self.account = account
        for caller in ServiceName.allCases {
            for callee in caller.callees {
                callerSecrets.append(
                    CallerSecret(caller: caller, callee: callee, accessKeyID: IAMIdentifiers.accessKeyID(), secret: IAMIdentifiers.secret()))
            }
        }
        identityKeys = ServiceName.allCases.filter(\.takesIdentities).map {
            Keyring.IdentityKey(audience: $0, kid: Self.kid(), key: Random.bytes(Self.keyLength))
        }
        eventKeys = ServiceName.allCases.filter(\.isEventSource).map {
            Keyring.EventKey(source: $0, kid: Self.kid(), key: Random.bytes(Self.keyLength))
        }
    }

    /// Writes everything, or nothing: the folder appears whole, with mode 0700 and files of mode 0600.
    ///
    /// - Parameter folder: must not exist, or be empty.
    public func write(to folder: String) throws(SecretsError) {
        let unfinished = "\(folder).\(Hex.encode(Random.bytes(4))).new"
        do throws(FileError) {
            if File.exists(folder), try !Directory.list(folder).isEmpty { throw FileError.alreadyExists(path: folder) }
            try Directory.create(Directory.parent(of: folder))
            for service in ServiceName.allCases { try write(service, to: SecretsFolder(of: service, below: unfinished)) }
            try File.rename(unfinished, to: folder)
            try Directory.sync(Directory.parent(of: folder))
        } catch {
            // The first error is the one to report.
            try? Directory.removeTree(unfinished)
            if case .alreadyExists = error { throw .alreadyThere(folder: folder) }
            throw .notWritten(folder: folder, cause: error.description)
        }
    }

    private func write(_ service: ServiceName, to folder: SecretsFolder) throws(FileError) {
        try Directory.create(folder.path)
        try File.create(folder.keyringFile, with: keyring(of: service).json)
        try File.create(folder.credentialsFile, with: credentials(of: service))
        if service.sealsData { try File.create(folder.masterKeyFile, with: Random.bytes(Self.keyLength)) }
        if service == .authorizer {
            try File.create(folder.rootKeyFile, with: RootKey.json([root]))
            try File.create(folder.callersFile, with: CallerSecret.json(callerSecrets))
        }
    }

    private func keyring(of service: ServiceName) -> Keyring {
        Keyring(
            of: service, cluster: cluster, account: account,
            callers: callerSecrets.filter { $0.callee == service }.map { $0.key(region: cluster, at: now) },
            identityKeys: identityKeys.filter { service == .gateway || $0.audience == service },
            eventKeys: eventKeys.filter { service == .audit || $0.source == service })
    }

    private func credentials(of service: ServiceName) -> [UInt8] {
        let profiles = callerSecrets.filter { $0.caller == service }.map {
            CredentialsFile.Profile(callee: $0.callee, accessKeyID: $0.accessKeyID, secret: $0.secret)
        }
        return CredentialsFile(caller: service, region: cluster, profiles: profiles).text
    }

    static func kid() -> String { Hex.encode(Random.bytes(8)) }
}
