internal import Crypto

/// The three parts of a Kafka message's value as places in its bytes (`Envelope` in `event.proto`).
public struct EventEnvelope: Equatable, Sendable {
    public private(set) var event = ByteRange.empty
    public private(set) var keyID = ByteRange.empty
    public private(set) var mac = ByteRange.empty

    public init(_ span: Span<UInt8>) throws(EventError) {
        guard span.count <= EventLimits.maximumBytes else { throw .tooLarge }
        do throws(ProtobufError) {
            var reader = ProtobufReader(span)
            while let field = try reader.next(in: span) {
                switch field.number {
                case 1: event = try field.bytes()
                case 2: keyID = try field.text(in: span)
                case 3: mac = try field.bytes()
                default: continue
                }
            }
        } catch {
            throw .malformed(error)
        }
    }

    static func encode(event: [UInt8], keyID: String, mac: SHA256Digest) -> [UInt8] {
        var writer = ProtobufWriter(capacity: event.count + 64)
        writer.bytes(1, event)
        writer.string(2, keyID)
        mac.withSpan { writer.bytes(3, $0) }
        return writer.bytes
    }
}
