public import Bytes

/// Reads the fields of one protobuf message from a span, without copying.
///
/// The span is handed to each call, so the reader is a plain value. Unknown fields are reported like any other: the caller skips
/// them by asking for the next. Groups are refused; no message of ours, and no proto3 message, has them.
public struct ProtobufReader {
    public enum Value: Equatable {
        case varint(UInt64)
        case fixed64(UInt64)
        case bytes(ByteRange)
        case fixed32(UInt32)
    }

    public struct Field: Equatable {
        public let number: UInt32
        public let value: Value

        @inlinable
        init(number: UInt32, value: Value) {
            self.number = number
            self.value = value
        }
    }

    @usableFromInline var offset: Int
    @usableFromInline let end: Int

    /// A reader of the message that fills `range`, or the whole span. A span may have up to 2³² - 1 bytes.
    @inlinable
    public init(_ span: borrowing Span<UInt8>, range: ByteRange? = nil) {
        offset = range?.range.lowerBound ?? 0
        end = range?.range.upperBound ?? span.count
    }

    /// The next field, or nil at the message's end.
    @inlinable
    public mutating func next(in span: borrowing Span<UInt8>) throws(ProtobufError) -> Field? {
        if offset == end { return nil }
        let tag = try varint(in: span)
        let number = tag >> 3
        guard number > 0, number < 1 << 29 else { throw .invalidFieldNumber }
        switch tag & 7 {
        case 0: return Field(number: UInt32(number), value: .varint(try varint(in: span)))
        case 1: return Field(number: UInt32(number), value: .fixed64(try fixed(8, in: span)))
        case 2:
            let count = try varint(in: span)
            guard count <= UInt64(end - offset) else { throw .truncated }
            defer { offset += Int(count) }
            return Field(number: UInt32(number), value: .bytes(ByteRange(start: offset, count: Int(count))))
        case 5: return Field(number: UInt32(number), value: .fixed32(UInt32(try fixed(4, in: span))))
        default: throw .unsupportedWireType
        }
    }

    @inlinable
    mutating func varint(in span: borrowing Span<UInt8>) throws(ProtobufError) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            guard offset < end else { throw .truncated }
            let byte = span[offset]
            offset += 1
            // The tenth byte has room for the last of 64 bits only.
            if shift == 63, byte > 1 { throw .malformedVarint }
            value |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
    }

    @usableFromInline
    mutating func fixed(_ count: Int, in span: borrowing Span<UInt8>) throws(ProtobufError) -> UInt64 {
        guard count <= end - offset else { throw .truncated }
        var value: UInt64 = 0
        for i in 0..<count { value |= UInt64(span[offset + i]) << UInt64(8 * i) }
        offset += count
        return value
    }
}

extension ProtobufReader.Field {
    @inlinable
    public func varint() throws(ProtobufError) -> UInt64 {
        guard case .varint(let value) = value else { throw .unexpectedWireType(field: number) }
        return value
    }

    @inlinable
    public func bytes() throws(ProtobufError) -> ByteRange {
        guard case .bytes(let range) = value else { throw .unexpectedWireType(field: number) }
        return range
    }

    /// The range of a `string` field, after a look that it is UTF-8.
    @inlinable
    public func text(in span: borrowing Span<UInt8>) throws(ProtobufError) -> ByteRange {
        let range = try bytes()
        if span.extracting(range.range).holdsByte(above: 0x7F) { try checkUTF8(range, in: span) }
        return range
    }

    @usableFromInline
    func checkUTF8(_ range: ByteRange, in span: borrowing Span<UInt8>) throws(ProtobufError) {
        do { _ = try UTF8Span(validating: span.extracting(range.range)) } catch { throw .invalidUTF8(field: number) }
    }
}
