internal import Crypto
internal import Encodings

extension EventFields {
    /// Checks lengths and what must be there; a source does so before it signs, so a signed event that fails was never ours.
    public func validate() throws(EventError) {
        try require(source.count > 0, "source")
        try require(tenant.count > 0 && tenant.count <= EventLimits.maximumNameBytes, "tenant")
        try require(shard <= UInt64(UInt32.max), "shard")
        try require(epoch.count == 16, "epoch")
        try require(seq > 0 && seq <= UInt64(Int64.max), "seq")
        try require(previous.count == (seq == 1 ? 0 : 32), "previous")
        try require(id.count == 16, "id")
        try require(type.count > 0 && type.count <= EventLimits.maximumNameBytes, "type")
        try require(action.count > 0 && action.count <= EventLimits.maximumNameBytes, "action")
        try require(outcome == 1 || outcome == 2, "outcome")
        try require(reason.count <= EventLimits.maximumNameBytes, "reason")
        try require(userID.count <= EventLimits.maximumTextBytes, "user_id")
        try require(username.count <= EventLimits.maximumTextBytes, "username")
        try require(principal.count <= EventLimits.maximumTextBytes, "principal")
        try require(method.count <= EventLimits.maximumNameBytes, "method")
        try require(resourceType.count <= EventLimits.maximumNameBytes, "resource.type")
        try require(resourceID.count <= EventLimits.maximumTextBytes, "resource.id")
        try require(requestID.count <= EventLimits.maximumTextBytes, "request_id")
        try require(sourceAddress.count <= EventLimits.maximumTextBytes, "source_address")
        try require(traceparent.count <= EventLimits.maximumNameBytes, "traceparent")
        try require(tracestate.count <= EventLimits.maximumTraceStateBytes, "tracestate")
    }

    private func require(_ condition: Bool, _ field: String) throws(EventError) {
        if !condition { throw .invalid(field: field) }
    }
}

extension EventFields {
    /// Those of an event that isn't serialized: how long each is, which is all that ``validate()`` asks, and no place.
    init(lengthsOf event: Event) {
        let (stream, occurrence) = (event.stream, event.occurrence)
        source = Self.length(stream.source.rawValue)
        tenant = Self.length(stream.tenant)
        shard = UInt64(stream.shard)
        epoch = ByteRange(start: 0, count: 16)
        seq = event.seq
        previous = ByteRange(start: 0, count: event.previous == nil ? 0 : SHA256Digest.byteCount)
        id = ByteRange(start: 0, count: 16)
        time = occurrence.time.microseconds
        type = Self.length(occurrence.type)
        userID = Self.length(occurrence.actor.userID)
        username = Self.length(occurrence.actor.username)
        principal = Self.length(occurrence.actor.principal)
        method = Self.length(occurrence.actor.method)
        action = Self.length(occurrence.action)
        outcome = UInt64(occurrence.outcome.rawValue)
        reason = Self.length(occurrence.reason)
        hasResource = occurrence.resource != nil
        resourceType = Self.length(occurrence.resource?.type ?? "")
        resourceID = Self.length(occurrence.resource?.id ?? "")
        requestID = Self.length(occurrence.requestID)
        sourceAddress = Self.length(occurrence.sourceAddress)
        data = ByteRange(start: 0, count: occurrence.data.count)
        traceparent = Self.length(occurrence.traceparent)
        tracestate = Self.length(occurrence.tracestate)
    }

    private static func length(_ text: String) -> ByteRange { ByteRange(start: 0, count: text.utf8.count) }
}
