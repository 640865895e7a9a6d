internal import Bytes

/// Writes one protobuf message. Default values are left out, as proto3 says; fields in ascending order make protoc's own bytes.
public struct ProtobufWriter {
    public private(set) var bytes: [UInt8] = []

    public init(capacity: Int = 0) {
        bytes.reserveCapacity(capacity)
    }

    public mutating func varint(_ field: UInt32, _ value: UInt64) {
        if value == 0 { return }
        append(UInt64(field) << 3)
        append(value)
    }

    /// An `int64`: negative values take ten bytes.
    public mutating func int64(_ field: UInt32, _ value: Int64) {
        varint(field, UInt64(bitPattern: value))
    }

    public mutating func bytes(_ field: UInt32, _ value: Span<UInt8>) {
        if value.count == 0 { return }
        begin(field, count: value.count)
        bytes.appendBytes(of: value)
    }

    public mutating func bytes(_ field: UInt32, _ value: [UInt8]) {
        if value.isEmpty { return }
        begin(field, count: value.count)
        bytes.append(contentsOf: value)
    }

    public mutating func string(_ field: UInt32, _ value: String) {
        if value.isEmpty { return }
        begin(field, count: value.utf8.count)
        bytes.append(contentsOf: value.utf8)
    }

    /// One element of a repeated string, which is written even when it is empty.
    public mutating func element(_ field: UInt32, _ value: String) {
        begin(field, count: value.utf8.count)
        bytes.append(contentsOf: value.utf8)
    }

    /// A nested message, which is written even when it is empty: presence counts.
    public mutating func message(_ field: UInt32, _ value: ProtobufWriter) {
        begin(field, count: value.bytes.count)
        bytes.append(contentsOf: value.bytes)
    }

    private mutating func begin(_ field: UInt32, count: Int) {
        append(UInt64(field) << 3 | 2)
        append(UInt64(count))
    }

    private mutating func append(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }
}
