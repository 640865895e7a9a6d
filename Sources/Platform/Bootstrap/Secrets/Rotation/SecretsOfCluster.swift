internal import Contracts
internal import Encodings
internal import Files

/// The files of all services' secrets, as the operator's tools see them.
struct SecretsOfCluster: Equatable, Sendable {
    private(set) var keyrings: [ServiceName: Keyring] = [:]
    private(set) var credentials: [ServiceName: CredentialsFile] = [:]
    private let root: String

    /// - Throws: ``SecretsError`` for what is missing or isn't as `keys init` wrote it.
    init(below root: String) throws(SecretsError) {
        self.root = root
        for service in ServiceName.allCases {
            let folder = SecretsFolder(of: service, below: root)
            let keyring = try folder.keyring()
            keyrings[service] = keyring
            credentials[service] = try CredentialsFile(
                parsing: try folder.credentials(), caller: service, region: keyring.cluster, file: folder.credentialsFile)
        }
    }

    /// Writes the files that differ from those of `before`, each in one step.
    func write(replacing before: SecretsOfCluster) throws(FileError) {
        for service in ServiceName.allCases {
            let folder = SecretsFolder(of: service, below: root)
            if let keyring = keyrings[service], keyring != before.keyrings[service] { try File.replace(folder.keyringFile, with: keyring.json) }
            if let own = credentials[service], own != before.credentials[service] { try File.replace(folder.credentialsFile, with: own.text) }
        }
    }

    // MARK: Pairs

    /// The keys of a pair; nil where one of the two has none.
    func pair(_ kind: SharedKeyKind, _ signer: ServiceName, _ verifier: ServiceName) -> KeyPair? {
        guard let keyring = keyrings[verifier], let own = keyrings[signer] else { return nil }
        let (signing, accepted): (KeyPair.Key?, [KeyPair.Key]) =
            switch kind {
            case .call:
                (
                    credentials[signer]?.profiles.first { $0.callee == verifier }.map { KeyPair.Key(id: $0.accessKeyID, secret: $0.secret) },
                    keyring.callers.filter { $0.caller == signer }.map {
                        KeyPair.Key(id: $0.accessKeyID, secret: $0.secret, replaced: $0.replaced)
                    }
                )
            case .identity:
                (
                    own.identityKeys.first { $0.audience == verifier }.map(Self.key),
                    keyring.identityKeys.filter { $0.audience == verifier }.map(Self.key)
                )
            case .event:
                (own.eventKeys.first { $0.source == signer }.map(Self.key), keyring.eventKeys.filter { $0.source == signer }.map(Self.key))
            }
        return signing.map { KeyPair(signer: signer, verifier: verifier, signing: $0, accepted: accepted) }
    }

    mutating func set(_ pair: KeyPair, _ kind: SharedKeyKind) {
        let (signer, verifier) = (pair.signer, pair.verifier)
        switch kind {
        case .call:
            keyrings[verifier]?.callers.replace(
                { $0.caller == signer },
                with: pair.accepted.map {
                    Keyring.CallerKey(caller: signer, accessKeyID: $0.id, secret: $0.secret, replaced: $0.replaced)
                })
            credentials[signer]?.profiles.replace(
                { $0.callee == verifier },
                with: [
                    CredentialsFile.Profile(callee: verifier, accessKeyID: pair.signing.id, secret: pair.signing.secret)
                ])
        case .identity:
            func entries(_ keys: [KeyPair.Key]) -> [Keyring.IdentityKey] {
                keys.map { Keyring.IdentityKey(audience: verifier, kid: $0.id, key: Base64.decode($0.secret) ?? [], replaced: $0.replaced) }
            }
            keyrings[verifier]?.identityKeys.replace({ $0.audience == verifier }, with: entries(pair.accepted))
            keyrings[signer]?.identityKeys.replace({ $0.audience == verifier }, with: entries([pair.signing]))
        case .event:
            func entries(_ keys: [KeyPair.Key]) -> [Keyring.EventKey] {
                keys.map { Keyring.EventKey(source: signer, kid: $0.id, key: Base64.decode($0.secret) ?? [], replaced: $0.replaced) }
            }
            keyrings[verifier]?.eventKeys.replace({ $0.source == signer }, with: entries(pair.accepted))
            keyrings[signer]?.eventKeys.replace({ $0.source == signer }, with: entries([pair.signing]))
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
