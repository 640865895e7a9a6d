internal import Encodings

/// One `name=value` of a query, percent-decoded (RFC 3986 §3.4).
public struct QueryItem: Equatable, Sendable {
    public let name: String
    /// Empty where there is no `=`.
    public let value: String

    /// The items of a query without its `?`, in order. `+` is a plus, and an empty item none.
    /// - Returns: nil where a `%` is not followed by two hex digits, or a name or value is no UTF-8.
    public static func parse(_ query: [UInt8]?) -> [QueryItem]? {
        var items: [QueryItem] = []
        for pair in (query ?? []).split(separator: UInt8(ascii: "&")) {
            let parts = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = decode(Array(parts[0])), let value = decode(parts.count > 1 ? Array(parts[1]) : []) else { return nil }
            items.append(QueryItem(name: name, value: value))
        }
        return items
    }

    private static func decode(_ text: [UInt8]) -> String? {
        PercentEncoding.decode(text.span).flatMap { String(validating: $0, as: UTF8.self) }
    }
}
