public import Crypto

/// A public key under its `kid`, pinned to one algorithm.
public struct VerificationKey: Sendable {
    public enum Material: Sendable {
        case rsa(RSAPublicKey)
        case p256(P256PublicKey)
    }

    public let keyID: String
    public let material: Material

    public init(keyID: String, material: Material) {
        self.keyID = keyID
        self.material = material
    }

    /// Follows from the kind of key, never from a token.
    public var algorithm: SigningAlgorithm {
        switch material {
        case .rsa: .rs256
        case .p256: .es256
        }
    }

    func isValid(_ signature: Span<UInt8>, for digest: SHA256Digest) -> Bool {
        switch material {
        case .rsa(let key): key.isValid(signature, for: digest)
        case .p256(let key): key.isValid(signature, for: digest)
        }
    }
}
