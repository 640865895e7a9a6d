public import Contracts
public import Encodings

/// What a verified identity header says.
public struct VerifiedIdentity: Hashable, Sendable {
    public let caller: CallerIdentity
    /// The gateway that made it.
    public let issuer: String
    /// The client's address as the gateway saw it.
    public let source: String?
    public let requestID: UUID
    public let issuedAt: Timestamp
    public let expiresAt: Timestamp
}
