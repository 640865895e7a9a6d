/// Why bytes are not a protobuf message (https://protobuf.dev/programming-guides/encoding).
public enum ProtobufError: Error, Equatable {
    /// The message ends inside a field.
    case truncated
    /// A varint longer than ten bytes, or a length or tag that does not fit.
    case malformedVarint
    /// Field number 0 or above 2²⁹ - 1.
    case invalidFieldNumber
    /// A group (wire types 3 and 4), or the unassigned wire types 6 and 7.
    case unsupportedWireType
    /// A known field with another wire type than its definition's.
    case unexpectedWireType(field: UInt32)
    /// A `string` field that is not UTF-8.
    case invalidUTF8(field: UInt32)
}
