internal import Crypto

/// Makes envelopes under the key that one source shares with the audit service.
public struct EventSigner: Sendable {
    public let source: ServiceName
    private let keyID: String
    private let mac: HMACSHA256

    public init(source: ServiceName, keyID: String, key: [UInt8]) {
        self.source = source
        self.keyID = keyID
        mac = HMACSHA256(key: key.span)
    }

    /// Throws what ``Event/validate()`` throws, `foreignSource` for another service's stream, and `tooLarge`.
    public func sign(_ event: Event) throws(EventError) -> SignedEvent {
        guard event.stream.source == source else { throw .foreignSource }
        let bytes = event.encoded()
        try EventFields(bytes.span).validate()
        let digest = SHA256.hash(bytes.span)
        let envelope = EventEnvelope.encode(event: bytes, keyID: keyID, mac: mac.code(forEvent: digest))
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
