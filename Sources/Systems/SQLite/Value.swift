/// A value to bind, for statements that are not on a hot path.
public enum Value: Equatable, Sendable {
    case null
    case integer(Int64)
    case text(String)
    case blob([UInt8])

    public static func int(_ value: Int) -> Value { .integer(Int64(value)) }
    /// 1 or 0.
    public static func bool(_ value: Bool) -> Value { .integer(value ? 1 : 0) }
    /// The text, or NULL.
    public static func optional(_ value: String?) -> Value { value.map(Value.text) ?? .null }
    public static func optional(_ value: Int64?) -> Value { value.map(Value.integer) ?? .null }
    public static func optional(_ value: [UInt8]?) -> Value { value.map(Value.blob) ?? .null }
}
