public import Crypto

/// An event whose code was checked: only ``EventVerifier`` makes one, and only one moves a high-water mark.
public struct VerifiedEvent: Sendable {
    /// The serialized event, as it came.
    public let event: [UInt8]
    public let digest: SHA256Digest
    /// Places in `event`; validated.
    public let fields: EventFields

    init(event: [UInt8], digest: SHA256Digest, fields: EventFields) {
        self.event = event
        self.digest = digest
        self.fields = fields
    }

    /// The digest of the stream's event before this one; nil for the first.
    public var previous: SHA256Digest? { SHA256Digest(event.span.extracting(fields.previous.range)) }

    public func stream() throws(EventError) -> StreamID { try fields.streamID(in: event.span) }
}
