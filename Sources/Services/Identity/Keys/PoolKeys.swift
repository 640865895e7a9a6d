import Crypto
import Encodings
import JSON
import Tokens

/// The keys of one pool: RSA keys for id tokens, others for access tokens, and the key its refresh tokens and sessions are sealed with.
struct PoolKeys: Sendable {
    /// What signs now.
    let id: JWTSigner
    let access: JWTSigner
    let sealer: TokenSealer
    /// Every token key in the key set: those that sign, those that will, those that did.
    let published: [VerificationKey]
    /// What an access token of this pool may be signed with.
    let accessKeys: KeySet
    /// Of the token keys.
    let states: [TokenKeyState]

    /// The names the keys are stored under.
    enum Use: String, CaseIterable, Sendable { case id, access, sealing }

    /// A key as it is stored. Of a former token key only the public half is left.
    struct Sealed: Sendable {
        let state: TokenKeyState
        let box: [UInt8]
    }

    /// Makes the keys of a new pool. Takes up to a second: on a thread of `keyMakers` only.
    static func generate(
        for pool: String, at now: Timestamp, under sealer: SecretSealer, _ makeKey: () throws(CryptoError) -> RSAPrivateKey
    ) throws(CryptoError) -> [Sealed] {
        let sealing = TokenKeyState(use: .sealing, keyID: Base64.encode(Random.bytes(12)), stage: .current, since: now, longest: 0)
        return try tokenKeys(for: pool, .current, at: now, under: sealer, makeKey)
            + [seal(Random.bytes(AES256GCM.keyByteCount), sealing, for: pool, under: sealer)]
    }

    /// Makes token keys, for both uses.
    static func tokenKeys(
        for pool: String, _ stage: TokenKeyState.Stage, at now: Timestamp, under sealer: SecretSealer,
        _ makeKey: () throws(CryptoError) -> RSAPrivateKey
    ) throws(CryptoError) -> [Sealed] {
        var keys: [Sealed] = []
        for use in [Use.id, .access] {
            // As the contract's: base64 of 32 bytes.
            let state = TokenKeyState(use: use, keyID: Base64.encode(Random.bytes(32)), stage: stage, since: now, longest: 0)
            keys.append(seal(try makeKey().pkcs8(), state, for: pool, under: sealer))
        }
        return keys
    }

    /// - Throws: `invalidKey` where one is missing, or is not what its stage says.
    init(_ sealed: [Sealed], of pool: String, under sealer: SecretSealer) throws(CryptoError) {
        var signers: [Use: JWTSigner] = [:]
        var published: [(state: TokenKeyState, key: VerificationKey)] = []
        var tokenSealer: TokenSealer?
        for key in sealed {
            let state = key.state
            let bytes = try sealer.open(key.box, as: .poolKey, place: Self.place(state, pool))
            switch (state.use, state.stage) {
            case (.sealing, _): tokenSealer = TokenSealer(pool: pool, keyID: state.keyID, cipher: try AES256GCM(key: bytes))
            case (_, .former):
                guard let json = try? JSON.parse(bytes), let key = JWK.parse(json) else { throw .invalidKey }
                published.append((state, key))
            case (_, .next), (_, .current):
                let signer = JWTSigner(keyID: state.keyID, key: try RSAPrivateKey(pkcs8: bytes))
                if state.stage == .current { signers[state.use] = signer }
                published.append((state, signer.verificationKey))
            }
        }
        guard let id = signers[.id], let access = signers[.access], let tokenSealer else { throw .invalidKey }
        self.id = id
        self.access = access
        self.sealer = tokenSealer
        published.sort { Self.rank($0.state) < Self.rank($1.state) }
        self.published = published.map(\.key)
        accessKeys = KeySet(published.filter { $0.state.use == .access }.map(\.key))
        states = published.map(\.state)
    }

    /// The pool's JWK set.
    func jwks() throws(CryptoError) -> [UInt8] { try JWKSet.encode(published) }

    /// Whether the keys that sign will be kept for as long as tokens of this validity live.
    func cover(_ validity: TokenValidity) -> Bool {
        states.allSatisfy { $0.stage != .current || $0.longest >= validity.seconds(of: $0.use) }
    }

    /// A key that signs no more: its public half, for the key set.
    func former(_ state: TokenKeyState, since now: Timestamp, of pool: String, under sealer: SecretSealer) throws(CryptoError) -> Sealed {
        guard let key = published.first(where: { $0.keyID == state.keyID }) else { throw .invalidKey }
        var writer = JSONWriter()
        try JWK.write(key, to: &writer)
        let former = TokenKeyState(use: state.use, keyID: state.keyID, stage: .former, since: now, longest: state.longest)
        return Self.seal(writer.bytes, former, for: pool, under: sealer)
    }

    private static func seal(_ key: [UInt8], _ state: TokenKeyState, for pool: String, under sealer: SecretSealer) -> Sealed {
        Sealed(state: state, box: sealer.seal(key, as: .poolKey, place: place(state, pool)))
    }

    private static func place(_ state: TokenKeyState, _ pool: String) -> String { "\(pool)/\(state.use.rawValue)/\(state.keyID)" }

    /// In the key set what signs comes first, id before access, then what will, then what did, the latest first.
    private static func rank(_ state: TokenKeyState) -> (Int, Int64, Int) {
        let stage = [TokenKeyState.Stage.current, .next, .former].firstIndex(of: state.stage) ?? 0
        return (stage, -state.since.microseconds, state.use == .id ? 0 : 1)
    }
}

extension TokenValidity {
    /// How long a token of this use lives.
    func seconds(of use: PoolKeys.Use) -> Int64 {
        switch use {
        case .id: id
        case .access: access
        case .sealing: 0
        }
    }
}
