/// The fields of a serialized event as numbers and places in its bytes: what the hot path of ingestion reads, without a `String`.
///
/// Reading checks the wire format and that texts are UTF-8; ``validate()`` checks what the definition asks beyond that.
public struct EventFields: Equatable, Sendable {
    public var source = ByteRange.empty
    public var tenant = ByteRange.empty
    public var shard: UInt64 = 0
    public var seq: UInt64 = 0
    public var previous = ByteRange.empty
    public var id = ByteRange.empty
    public var epoch = ByteRange.empty
    /// Microseconds since 1970 UTC.
    public var time: Int64 = 0
    public var type = ByteRange.empty
    public var userID = ByteRange.empty
    public var username = ByteRange.empty
    public var principal = ByteRange.empty
    public var method = ByteRange.empty
    public var action = ByteRange.empty
    public var outcome: UInt64 = 0
    public var reason = ByteRange.empty
    public var hasResource = false
    public var resourceType = ByteRange.empty
    public var resourceID = ByteRange.empty
    public var requestID = ByteRange.empty
    public var sourceAddress = ByteRange.empty
    public var data = ByteRange.empty
    public var traceparent = ByteRange.empty
    public var tracestate = ByteRange.empty

    /// Unknown fields are skipped: a newer source may send them.
    public init(_ span: Span<UInt8>) throws(EventError) {
        do throws(ProtobufError) {
            var reader = ProtobufReader(span)
            while let field = try reader.next(in: span) { try take(field, span) }
        } catch {
            throw .malformed(error)
        }
    }

    private mutating func take(_ field: ProtobufReader.Field, _ span: Span<UInt8>) throws(ProtobufError) {
        switch field.number {
        case 1: try takeStream(try field.bytes(), span)
        case 2: seq = try field.varint()
        case 3: previous = try field.bytes()
        case 4: id = try field.bytes()
        case 5: time = Int64(bitPattern: try field.varint())
        case 6: type = try field.text(in: span)
        case 7: try takeActor(try field.bytes(), span)
        case 8: action = try field.text(in: span)
        case 9: outcome = try field.varint()
        case 10: reason = try field.text(in: span)
        case 11: try takeResource(try field.bytes(), span)
        case 12: requestID = try field.text(in: span)
        case 13: sourceAddress = try field.text(in: span)
        case 14: data = try field.bytes()
        case 15: traceparent = try field.text(in: span)
        case 16: tracestate = try field.text(in: span)
        default: return
        }
    }

    private mutating func takeStream(_ range: ByteRange, _ span: Span<UInt8>) throws(ProtobufError) {
        var reader = ProtobufReader(span, range: range)
        while let field = try reader.next(in: span) {
            switch field.number {
            case 1: source = try field.text(in: span)
            case 2: tenant = try field.text(in: span)
            case 3: shard = try field.varint()
            case 4: epoch = try field.bytes()
            default: continue
            }
        }
    }

    private mutating func takeActor(_ range: ByteRange, _ span: Span<UInt8>) throws(ProtobufError) {
        var reader = ProtobufReader(span, range: range)
        while let field = try reader.next(in: span) {
            switch field.number {
            case 1: userID = try field.text(in: span)
            case 2: username = try field.text(in: span)
            case 3: principal = try field.text(in: span)
            case 4: method = try field.text(in: span)
            default: continue
            }
        }
    }

    private mutating func takeResource(_ range: ByteRange, _ span: Span<UInt8>) throws(ProtobufError) {
        hasResource = true
        var reader = ProtobufReader(span, range: range)
        while let field = try reader.next(in: span) {
            switch field.number {
            case 1: resourceType = try field.text(in: span)
            case 2: resourceID = try field.text(in: span)
            default: continue
            }
        }
    }
}
