internal import Encodings

/// One `name=value` of a query, percent-decoded.
struct QueryItem {
    let name: String
    let value: String

    /// The items of a query without its `?`, in order.
    static func parse(_ query: [UInt8]?) throws(AuditError) -> [QueryItem] {
        var items: [QueryItem] = []
        for pair in (query ?? []).split(separator: UInt8(ascii: "&")) {
            let parts = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            items.append(QueryItem(name: try decode(Array(parts[0])), value: try decode(parts.count > 1 ? Array(parts[1]) : [])))
        }
        return items
    }

    private static func decode(_ text: [UInt8]) throws(AuditError) -> String {
        guard let bytes = PercentEncoding.decode(text.span), let text = String(validating: bytes, as: UTF8.self) else {
            throw .invalid("The query is malformed")
        }
        return text
    }
}
