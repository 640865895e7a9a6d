internal import Bytes
internal import Crypto
internal import Synchronization

/// Tells true events from everything else that can stand in a topic. Holds one key or more for each source.
public final class EventVerifier: Sendable {
    private struct Key: Sendable {
        let id: [UInt8]
        let source: [UInt8]
        let mac: HMACSHA256
    }

    private let current: Mutex<[Key]>

    /// `keys` pairs a key's id with the source that shares it; ids are unique, also between sources.
    public init(keys: [(source: ServiceName, keyID: String, key: [UInt8])]) {
        current = Mutex(Self.keys(keys))
    }

    /// Takes other keys from now on; `keys` as at the beginning.
    public func use(keys: [(source: ServiceName, keyID: String, key: [UInt8])]) {
        let keys = Self.keys(keys)
        current.withLock { $0 = keys }
    }

    private static func keys(_ keys: [(source: ServiceName, keyID: String, key: [UInt8])]) -> [Key] {
        keys.map { Key(id: Array($0.keyID.utf8), source: Array($0.source.rawValue.utf8), mac: HMACSHA256(key: $0.key.span)) }
    }

    /// Reads an envelope. The code is checked before any field of the event is looked at.
    public func verify(_ envelope: Span<UInt8>) throws(EventError) -> VerifiedEvent {
        let parts = try EventEnvelope(envelope)
        let keys = current.withLock { $0 }
        guard let key = keys.first(where: { equal(envelope, parts.keyID, $0.id) }) else { throw .unknownKey }
        let event = envelope.extracting(parts.event.range)
        let digest = SHA256.hash(event)
        let isTrue = key.mac.code(forEvent: digest).withSpan { constantTimeEquals($0, envelope.extracting(parts.mac.range)) }
        guard isTrue else { throw .forged }
        let fields = try EventFields(event)
        try fields.validate()
        guard equal(event, fields.source, key.source) else { throw .foreignSource }
        return VerifiedEvent(event: [UInt8](copying: event), digest: digest, fields: fields)
    }

    public func verify(_ envelope: [UInt8]) throws(EventError) -> VerifiedEvent { try verify(envelope.span) }

    private func equal(_ span: Span<UInt8>, _ range: ByteRange, _ bytes: [UInt8]) -> Bool {
        guard Int(range.count) == bytes.count else { return false }
        let start = Int(range.start)
        for i in bytes.indices where span[start + i] != bytes[i] { return false }
        return true
    }
}
