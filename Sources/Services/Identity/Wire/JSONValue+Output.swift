import Encodings
import JSON

/// How the API writes what JSON has no type for.
extension JSONValue {
    /// AWS JSON 1.1 writes a timestamp as seconds since 1970 with milliseconds.
    static func date(_ time: Timestamp) -> JSONValue {
        JSONNumber(Double(time.milliseconds) / 1000).map { .number($0) } ?? .null
    }

    static func integer(_ value: some BinaryInteger) -> JSONValue { .number(JSONNumber(Int64(clamping: value))) }

    static func texts(_ values: [String]) -> JSONValue { .array(values.map { .string($0) }) }
}

extension JSONObject {
    /// The members of `other` over these.
    func merging(_ other: JSONObject) -> JSONObject {
        var merged = self
        for member in other.members { merged[member.name] = member.value }
        return merged
    }

    /// Sets a member unless the value is nil.
    mutating func put(_ name: String, _ value: JSONValue?) {
        if let value { self[name] = value }
    }
}
