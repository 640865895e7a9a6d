internal import Encodings

/// The headers of a Kafka message in CloudEvents' binary content mode (CloudEvents 1.0.2, Kafka protocol binding §3.2).
///
/// They are for foreign consumers: the audit service believes the envelope only.
public struct CloudEventHeaders: Equatable, Sendable {
    public static let contentType = "application/protobuf"
    public static let specVersion = "1.0"

    /// Names and values in the order they are written.
    public let fields: [(name: String, value: [UInt8])]

    public init(_ event: Event) {
        let occurrence = event.occurrence
        var fields: [(name: String, value: String)] = [
            ("content-type", Self.contentType),
            ("ce_specversion", Self.specVersion),
            ("ce_id", occurrence.id.description),
            ("ce_source", "/strongroom/\(event.stream.source.rawValue)/\(event.stream.tenant)/\(event.stream.shard)"),
            ("ce_type", occurrence.type),
            ("ce_time", occurrence.time.iso8601()),
        ]
        if let resource = occurrence.resource { fields.append(("ce_subject", "\(resource.type)/\(resource.id)")) }
        if !occurrence.traceparent.isEmpty { fields.append(("traceparent", occurrence.traceparent)) }
        self.fields = fields.map { (name: $0.name, value: Array($0.value.utf8)) }
    }

    public static func == (left: CloudEventHeaders, right: CloudEventHeaders) -> Bool {
        left.fields.count == right.fields.count
            && zip(left.fields, right.fields).allSatisfy { $0.name == $1.name && $0.value == $1.value }
    }
}
