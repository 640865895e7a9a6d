import Bootstrap
import Contracts
import Synchronization
import Tokens

/// What verifies identity headers now.
final class CurrentIdentityKeys: Sendable {
    private let current: Mutex<IdentityHeaderVerifier>

    init(_ verifier: IdentityHeaderVerifier) {
        current = Mutex(verifier)
    }

    var verifier: IdentityHeaderVerifier { current.withLock { $0 } }

    func replace(with verifier: IdentityHeaderVerifier) { current.withLock { $0 = verifier } }
}

extension IdentityHeaderVerifier {
    /// With the keyring's keys for this audience.
    init(audience: ServiceName, _ keyring: Keyring) throws {
        self.init(
            audience: audience,
            keys: try keyring.identityKeys.filter { $0.audience == audience }.map { try IdentityKey(keyID: $0.kid, key: $0.key) })
    }
}
