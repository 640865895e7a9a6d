internal import Encodings

/// The headers of a Kafka message in CloudEvents' binary content mode (CloudEvents 1.0.2, Kafka protocol binding §3.2).
///
/// They are for foreign consumers: the audit service believes the envelope only.
public struct CloudEventHeaders: Sendable {
    public static let contentType = "application/protobuf"
    public static let specVersion = "1.0"

    /// Names and values in the order they are written.
    public private(set) var fields: [(name: String, value: [UInt8])] = []

    /// The headers of an envelope of our own making; of bytes that are none, only those that hold for all.
    public init(envelope: Span<UInt8>) {
        fields.reserveCapacity(8)
        fields.append(("content-type", Self.contentTypeBytes))
        fields.append(("ce_specversion", Self.specVersionBytes))
        // An outbox holds what was signed after it had been validated.
        guard let parts = try? EventEnvelope(envelope) else { return }
        let event = envelope.extracting(parts.event.range)
        guard let fields = try? EventFields(event), (try? fields.validate()) != nil else { return }
        add(fields, event)
    }

    private mutating func add(_ event: EventFields, _ span: Span<UInt8>) {
        var id: [UInt8] = []
        UUID(bytes: span.extracting(event.id.range))?.append(to: &id)
        fields.append(("ce_id", id))
        var source = Self.sourcePrefix
        source.append(span.extracting(event.source.range))
        source.append(UInt8(ascii: "/"))
        source.append(span.extracting(event.tenant.range))
        source.append(UInt8(ascii: "/"))
        source.append(decimal: event.shard)
        fields.append(("ce_source", source))
        fields.append(("ce_type", [UInt8](copying: span.extracting(event.type.range))))
        var time: [UInt8] = []
        Timestamp(microseconds: event.time).appendISO8601(to: &time)
        fields.append(("ce_time", time))
        if event.hasResource {
            var subject = [UInt8](copying: span.extracting(event.resourceType.range))
            subject.append(UInt8(ascii: "/"))
            subject.append(span.extracting(event.resourceID.range))
            fields.append(("ce_subject", subject))
        }
        if !event.traceparent.isEmpty { fields.append(("traceparent", [UInt8](copying: span.extracting(event.traceparent.range)))) }
    }

    private static let contentTypeBytes = Array(contentType.utf8)
    private static let specVersionBytes = Array(specVersion.utf8)
    private static let sourcePrefix = Array("/strongroom/".utf8)
}
