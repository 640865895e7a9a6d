internal import Encodings

/// The headers of a Kafka message in CloudEvents' binary content mode (CloudEvents 1.0.2, Kafka protocol binding §3.2).
///
/// They are for foreign consumers: the audit service believes the envelope only.
public enum CloudEventHeaders {
    /// Hands out the headers of an envelope of our own making, in order; of bytes that are none, only those that hold for all.
    public static func forEach(of envelope: Span<UInt8>, _ body: (_ name: StaticString, _ value: Span<UInt8>) -> Void) {
        body("content-type", contentType.span)
        body("ce_specversion", specVersion.span)
        // An outbox holds what was validated before it was signed.
        guard let parts = try? EventEnvelope(envelope) else { return }
        let event = envelope.extracting(parts.event.range)
        guard let fields = try? EventFields(event) else { return }
        var text: [UInt8] = []
        text.reserveCapacity(96)
        UUID(bytes: event.extracting(fields.id.range))?.append(to: &text)
        body("ce_id", text.span)
        text.removeAll(keepingCapacity: true)
        text.append(contentsOf: sourcePrefix)
        text.append(event.extracting(fields.source.range))
        text.append(UInt8(ascii: "/"))
        text.append(event.extracting(fields.tenant.range))
        text.append(UInt8(ascii: "/"))
        text.append(decimal: fields.shard)
        body("ce_source", text.span)
        body("ce_type", event.extracting(fields.type.range))
        text.removeAll(keepingCapacity: true)
        Timestamp(microseconds: fields.time).appendISO8601(to: &text)
        body("ce_time", text.span)
        if fields.hasResource {
            text.removeAll(keepingCapacity: true)
            text.append(event.extracting(fields.resourceType.range))
            text.append(UInt8(ascii: "/"))
            text.append(event.extracting(fields.resourceID.range))
            body("ce_subject", text.span)
        }
        // CloudEvents' extension for distributed tracing; one without the other says nothing (W3C Trace Context §3.3).
        guard !fields.traceparent.isEmpty else { return }
        body("traceparent", event.extracting(fields.traceparent.range))
        if !fields.tracestate.isEmpty { body("tracestate", event.extracting(fields.tracestate.range)) }
    }

    private static let contentType = Array("application/protobuf".utf8)
    private static let specVersion = Array("1.0".utf8)
    private static let sourcePrefix = Array("/strongroom/".utf8)
}
