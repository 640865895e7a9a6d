import Crypto
import Shards

/// Seals what the service stores of secrets, under keys derived from its master key, which lies outside the data folder.
struct SecretSealer: Sendable {
    /// What a secret is; each kind has a key of its own.
    enum Kind: String, Sendable { case poolKey, clientSecret }

    private let poolKeys: AES256GCM
    private let clientSecrets: AES256GCM

    init(_ master: MasterKey) throws(CryptoError) {
        poolKeys = try AES256GCM(key: master.derive("identity/pool-key/1"))
        clientSecrets = try AES256GCM(key: master.derive("identity/client-secret/1"))
    }

    /// - Parameter place: where the box will lie; it opens nowhere else.
    func seal(_ secret: [UInt8], as kind: Kind, place: String) -> [UInt8] {
        cipher(kind).sealBox(secret, additionalData: Array(place.utf8))
    }

    func open(_ box: [UInt8], as kind: Kind, place: String) throws(CryptoError) -> [UInt8] {
        try cipher(kind).openBox(box, additionalData: Array(place.utf8))
    }

    private func cipher(_ kind: Kind) -> AES256GCM {
        switch kind {
        case .poolKey: poolKeys
        case .clientSecret: clientSecrets
        }
    }
}
