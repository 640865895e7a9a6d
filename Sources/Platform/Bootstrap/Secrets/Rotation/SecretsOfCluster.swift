internal import Contracts
internal import Encodings
internal import Files

/// The files of all services' secrets, as the operator's tools see them.
struct SecretsOfCluster: Equatable, Sendable {
    private(set) var keyrings: [ServiceName: Keyring] = [:]
    private(set) var credentials: [ServiceName: CredentialsFile] = [:]
    /// The authorizer's.
    private(set) var callers: [CallerSecret]
    private let root: String

    /// - Throws: ``SecretsError`` for what is missing or isn't as `keys init` wrote it.
    init(below root: String) throws(SecretsError) {
        self.root = root
        let file = try SecretsFolder(of: .authorizer, below: root).callerSecrets()
        callers = file ?? []
        for service in ServiceName.allCases {
            let folder = SecretsFolder(of: service, below: root)
            let keyring = try folder.keyring()
            keyrings[service] = keyring
            credentials[service] = try CredentialsFile(
                parsing: try folder.credentials(), caller: service, region: keyring.cluster, file: folder.credentialsFile)
            guard file == nil else { continue }
            // From before the authorizer had them.
            for key in keyring.callers {
                guard case .secret(let secret) = key.material else { continue }
                callers.append(
                    CallerSecret(caller: key.caller, callee: service, accessKeyID: key.accessKeyID, secret: secret, replaced: key.replaced))
            }
        }
    }

    /// Writes the files that differ from those of `before`, each in one step.
    func write(replacing before: SecretsOfCluster) throws(FileError) {
        if callers != before.callers { try File.replace(SecretsFolder(of: .authorizer, below: root).callersFile, with: CallerSecret.json(callers)) }
        for service in ServiceName.allCases {
            let folder = SecretsFolder(of: service, below: root)
            if let keyring = keyrings[service], keyring != before.keyrings[service] { try File.replace(folder.keyringFile, with: keyring.json) }
            if let own = credentials[service], own != before.credentials[service] { try File.replace(folder.credentialsFile, with: own.text) }
        }
    }

    // MARK: Pairs

    /// The keys of a pair.
    func pair(_ kind: SharedKeyKind, _ signer: ServiceName, _ verifier: ServiceName) -> KeyPair {
        let (keys, own) = (keyrings[verifier], keyrings[signer])
        let (signing, accepted): (KeyPair.Key?, [KeyPair.Key]) =
            switch kind {
            case .call:
                (
                    credentials[signer]?.profiles.first { $0.callee == verifier }.map { KeyPair.Key(id: $0.accessKeyID, secret: $0.secret) },
                    callers.filter { $0.caller == signer && $0.callee == verifier }.map {
                        KeyPair.Key(id: $0.accessKeyID, secret: $0.secret, replaced: $0.replaced)
                    }
                )
            case .identity:
                (
                    own?.identityKeys.first { $0.audience == verifier }.map(Self.key),
                    keys?.identityKeys.filter { $0.audience == verifier }.map(Self.key) ?? []
                )
            case .event:
                (
                    own?.eventKeys.first { $0.source == signer }.map(Self.key),
                    keys?.eventKeys.filter { $0.source == signer }.map(Self.key) ?? []
                )
            }
        return KeyPair(signer: signer, verifier: verifier, signing: signing, accepted: accepted)
    }

    /// - Parameter now: what callees have of access keys is derived for the days that follow.
    mutating func set(_ pair: KeyPair, _ kind: SharedKeyKind, at now: Timestamp) {
        let (signer, verifier) = (pair.signer, pair.verifier)
        switch kind {
        case .call:
            let secrets = pair.accepted.map {
                CallerSecret(caller: signer, callee: verifier, accessKeyID: $0.id, secret: $0.secret, replaced: $0.replaced)
            }
            callers.replace({ $0.caller == signer && $0.callee == verifier }, with: secrets)
            let region = keyrings[verifier]?.cluster ?? ""
            keyrings[verifier]?.callers.replace({ $0.caller == signer }, with: secrets.map { $0.key(region: region, at: now) })
            let profile = pair.signing.map { CredentialsFile.Profile(callee: verifier, accessKeyID: $0.id, secret: $0.secret) }
            credentials[signer]?.profiles.replace({ $0.callee == verifier }, with: profile.map { [$0] } ?? [])
        case .identity:
            func entries(_ keys: [KeyPair.Key]) -> [Keyring.IdentityKey] {
                keys.map { Keyring.IdentityKey(audience: verifier, kid: $0.id, key: Base64.decode($0.secret) ?? [], replaced: $0.replaced) }
            }
            keyrings[verifier]?.identityKeys.replace({ $0.audience == verifier }, with: entries(pair.accepted))
            keyrings[signer]?.identityKeys.replace({ $0.audience == verifier }, with: entries(pair.signing.map { [$0] } ?? []))
        case .event:
            func entries(_ keys: [KeyPair.Key]) -> [Keyring.EventKey] {
                keys.map { Keyring.EventKey(source: signer, kid: $0.id, key: Base64.decode($0.secret) ?? [], replaced: $0.replaced) }
            }
            keyrings[verifier]?.eventKeys.replace({ $0.source == signer }, with: entries(pair.accepted))
            keyrings[signer]?.eventKeys.replace({ $0.source == signer }, with: entries(pair.signing.map { [$0] } ?? []))
        }
    }
    private static func key(_ key: Keyring.IdentityKey) -> KeyPair.Key {
        KeyPair.Key(id: key.kid, secret: Base64.encode(key.key), replaced: key.replaced)
    }

    private static func key(_ key: Keyring.EventKey) -> KeyPair.Key {
        KeyPair.Key(id: key.kid, secret: Base64.encode(key.key), replaced: key.replaced)
    }
}

extension Array {
    /// Puts others in the place of those that match.
    fileprivate mutating func replace(_ matches: (Element) -> Bool, with others: [Element]) {
        let index = firstIndex(where: matches) ?? endIndex
        insert(contentsOf: others, at: index)
        let kept = self[..<(index + others.count)] + self[(index + others.count)...].filter { !matches($0) }
        self = Array(kept)
    }
}
