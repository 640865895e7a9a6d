public import Crypto
internal import Encodings

/// An occurrence at its place in its stream (`Event` in `proto/strongroom/events/v1/event.proto`).
public struct Event: Equatable, Sendable {
    public var stream: StreamID
    /// Counted from 1, without a gap.
    public var seq: UInt64
    /// The digest of the stream's event before this one; nil for the first.
    public var previous: SHA256Digest?
    public var occurrence: Occurrence

    public init(stream: StreamID, seq: UInt64, previous: SHA256Digest?, occurrence: Occurrence) {
        self.stream = stream
        self.seq = seq
        self.previous = previous
        self.occurrence = occurrence
    }

    public var position: StreamPosition { StreamPosition(stream: stream, seq: seq) }

    /// The bytes that digest and code are made over. The same event always gives the same bytes.
    public func encoded() -> [UInt8] {
        var writer = ProtobufWriter(capacity: 512)
        writer.message(1, stream.message)
        writer.varint(2, seq)
        previous?.withSpan { writer.bytes(3, $0) }
        writer.bytes(4, occurrence.id.bytes)
        writer.int64(5, occurrence.time.microseconds)
        writer.string(6, occurrence.type)
        writer.message(7, occurrence.actor.message)
        writer.string(8, occurrence.action)
        writer.varint(9, UInt64(occurrence.outcome.rawValue))
        writer.string(10, occurrence.reason)
        if let resource = occurrence.resource { writer.message(11, resource.message) }
        writer.string(12, occurrence.requestID)
        writer.string(13, occurrence.sourceAddress)
        writer.bytes(14, occurrence.data)
        writer.string(15, occurrence.traceparent)
        writer.string(16, occurrence.tracestate)
        return writer.bytes
    }

    /// Whether every text keeps to ``EventLimits``: asked by a source before it signs, by a reader before it believes.
    public func validate() throws(EventError) {
        try EventFields(lengthsOf: self).validate()
    }
}

extension StreamID {
    var message: ProtobufWriter {
        var writer = ProtobufWriter(capacity: 64)
        writer.string(1, source.rawValue)
        writer.string(2, tenant)
        writer.varint(3, UInt64(shard))
        writer.bytes(4, epoch.bytes)
        return writer
    }
}

extension EventActor {
    var message: ProtobufWriter {
        var writer = ProtobufWriter(capacity: 96)
        writer.string(1, userID)
        writer.string(2, username)
        writer.string(3, principal)
        writer.string(4, method)
        return writer
    }
}

extension EventResource {
    var message: ProtobufWriter {
        var writer = ProtobufWriter(capacity: 48)
        writer.string(1, type)
        writer.string(2, id)
        return writer
    }
}
