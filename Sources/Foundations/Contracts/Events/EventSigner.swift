internal import Crypto
internal import Synchronization

/// Makes envelopes under the key that one source shares with the audit service.
public final class EventSigner: Sendable {
    private struct Key: Sendable {
        let id: String
        let mac: HMACSHA256

        init(_ id: String, _ key: [UInt8]) {
            self.id = id
            mac = HMACSHA256(key: key.span)
        }
    }

    public let source: ServiceName
    private let current: Mutex<Key>

    public init(source: ServiceName, keyID: String, key: [UInt8]) {
        self.source = source
        current = Mutex(Key(keyID, key))
    }

    /// Signs with another key from now on.
    public func use(keyID: String, key: [UInt8]) {
        current.withLock { $0 = Key(keyID, key) }
    }

    /// Throws what ``Event/validate()`` throws, `foreignSource` for another service's stream, and `tooLarge`.
    public func sign(_ event: Event) throws(EventError) -> SignedEvent {
        guard event.stream.source == source else { throw .foreignSource }
        try event.validate()
        let bytes = event.encoded()
        let digest = SHA256.hash(bytes.span)
        let key = current.withLock { $0 }
        let envelope = EventEnvelope.encode(event: bytes, keyID: key.id, mac: key.mac.code(forEvent: digest))
        guard envelope.count <= EventLimits.maximumBytes else { throw .tooLarge }
        return SignedEvent(envelope: envelope, digest: digest)
    }
}

extension HMACSHA256 {
    /// The code is made over the digest, which has to be known anyway: a block and a half, however long the event is.
    func code(forEvent digest: SHA256Digest) -> SHA256Digest {
        var message = Self.eventLabel
        digest.append(to: &message)
        return code(for: message.span)
    }

    private static let eventLabel = Array("strongroom-event".utf8)
}
