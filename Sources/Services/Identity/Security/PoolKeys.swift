import Crypto
import Encodings
import Tokens

/// The keys of one pool: one RSA key for id tokens, another for access tokens, and the key its refresh tokens and sessions are sealed with.
struct PoolKeys: Sendable {
    let id: JWTSigner
    let access: JWTSigner
    let sealer: TokenSealer

    /// The names the keys are stored under.
    enum Use: String, CaseIterable, Sendable { case id, access, sealing }

    /// A key as it is stored.
    struct Sealed: Sendable {
        let use: Use
        let keyID: String
        let box: [UInt8]
    }

    /// Makes the keys of a new pool. Takes up to a second: on a password thread only.
    static func generate(
        for pool: String, under sealer: SecretSealer, _ makeKey: () throws(CryptoError) -> RSAPrivateKey
    ) throws(CryptoError) -> [Sealed] {
        var keys: [Sealed] = []
        for use in [Use.id, .access] {
            // As the contract's: base64 of 32 bytes.
            keys.append(seal(try makeKey().pkcs8(), use, Base64.encode(Random.bytes(32)), for: pool, under: sealer))
        }
        keys.append(seal(Random.bytes(AES256GCM.keyByteCount), .sealing, Base64.encode(Random.bytes(12)), for: pool, under: sealer))
        return keys
    }

    init(_ sealed: [Sealed], of pool: String, under sealer: SecretSealer) throws(CryptoError) {
        func open(_ use: Use) throws(CryptoError) -> (keyID: String, key: [UInt8]) {
            guard let found = sealed.first(where: { $0.use == use }) else { throw .invalidKey }
            return (found.keyID, try sealer.open(found.box, as: .poolKey, place: Self.place(use, found.keyID, pool)))
        }
        let (idKey, accessKey, sealingKey) = (try open(.id), try open(.access), try open(.sealing))
        id = JWTSigner(keyID: idKey.keyID, key: try RSAPrivateKey(pkcs8: idKey.key))
        access = JWTSigner(keyID: accessKey.keyID, key: try RSAPrivateKey(pkcs8: accessKey.key))
        self.sealer = TokenSealer(pool: pool, keyID: sealingKey.keyID, cipher: try AES256GCM(key: sealingKey.key))
    }

    /// The pool's JWK set.
    func jwks() throws(CryptoError) -> [UInt8] { try JWKSet.encode([id.verificationKey, access.verificationKey]) }

    private static func seal(_ key: [UInt8], _ use: Use, _ keyID: String, for pool: String, under sealer: SecretSealer) -> Sealed {
        Sealed(use: use, keyID: keyID, box: sealer.seal(key, as: .poolKey, place: place(use, keyID, pool)))
    }

    private static func place(_ use: Use, _ keyID: String, _ pool: String) -> String { "\(pool)/\(use.rawValue)/\(keyID)" }
}
