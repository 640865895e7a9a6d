internal import Bytes
internal import Crypto
internal import Encodings

extension Event {
    /// Reads and validates a serialized event.
    public init(_ span: Span<UInt8>) throws(EventError) {
        try self.init(EventFields(span), of: span)
    }

    /// Makes the full value of fields that were read from `span`.
    public init(_ fields: EventFields, of span: Span<UInt8>) throws(EventError) {
        try fields.validate()
        self.init(
            stream: try fields.streamID(in: span), seq: fields.seq,
            previous: SHA256Digest(span.extracting(fields.previous.range)),
            occurrence: try fields.occurrence(in: span))
    }
}

extension EventFields {
    /// The stream that validated fields name.
    public func streamID(in span: Span<UInt8>) throws(EventError) -> StreamID {
        guard let source = ServiceName(rawValue: span.text(source)) else { throw .invalid(field: "source") }
        guard let epoch = UUID(bytes: span.extracting(epoch.range)) else { throw .invalid(field: "epoch") }
        return StreamID(source: source, tenant: span.text(tenant), shard: UInt32(shard), epoch: epoch)
    }

    func occurrence(in span: Span<UInt8>) throws(EventError) -> Occurrence {
        guard let id = UUID(bytes: span.extracting(id.range)) else { throw .invalid(field: "id") }
        guard let outcome = EventOutcome(rawValue: UInt8(truncatingIfNeeded: outcome)) else { throw .invalid(field: "outcome") }
        return Occurrence(
            id: id, time: Timestamp(microseconds: time), type: span.text(type),
            actor: EventActor(
                userID: span.text(userID), username: span.text(username), principal: span.text(principal), method: span.text(method)),
            action: span.text(action), outcome: outcome, reason: span.text(reason),
            resource: hasResource ? EventResource(type: span.text(resourceType), id: span.text(resourceID)) : nil,
            requestID: span.text(requestID), sourceAddress: span.text(sourceAddress),
            data: [UInt8](copying: span.extracting(data.range)), traceparent: span.text(traceparent),
            tracestate: span.text(tracestate))
    }
}
