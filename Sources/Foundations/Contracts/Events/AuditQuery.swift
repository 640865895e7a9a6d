/// The data of `strongroom.audit.query.v1` (`proto/strongroom/events/v1/audit_query.proto`).
public struct AuditQuery: Equatable, Sendable {
    /// The names of the filters that were given; never their values.
    public var filters: [String]
    /// How many events the answer held.
    public var returned: UInt32

    public init(filters: [String] = [], returned: UInt32 = 0) {
        self.filters = filters
        self.returned = returned
    }

    public func encoded() -> [UInt8] {
        var writer = ProtobufWriter()
        for filter in filters { writer.element(1, filter) }
        writer.varint(2, UInt64(returned))
        return writer.bytes
    }

    public init(_ span: Span<UInt8>) throws(ProtobufError) {
        self.init()
        var reader = ProtobufReader(span)
        while let field = try reader.next(in: span) {
            switch field.number {
            case 1: filters.append(span.text(try field.text(in: span)))
            case 2: returned = UInt32(truncatingIfNeeded: try field.varint())
            default: continue
            }
        }
    }
}
