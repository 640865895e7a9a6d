public import Encodings

/// A key sealed by the one above it: a tenant's by the master key, a user's by the tenant's.
public struct WrappedKey: Equatable, Sendable {
    public let id: UUID
    /// The id of the key that seals this one.
    public let wrappedBy: [UInt8]
    /// Nonce, ciphertext and tag of AES-256-GCM.
    public let sealed: [UInt8]

    public init(id: UUID, wrappedBy: [UInt8], sealed: [UInt8]) {
        self.id = id
        self.wrappedBy = wrappedBy
        self.sealed = sealed
    }
}
