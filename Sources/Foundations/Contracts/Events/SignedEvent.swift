public import Crypto

/// An event as it lies in an outbox and travels: its envelope, and the digest that the next event names.
public struct SignedEvent: Sendable {
    public let envelope: [UInt8]
    public let digest: SHA256Digest
}
