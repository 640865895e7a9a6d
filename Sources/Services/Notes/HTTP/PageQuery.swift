internal import HTTP

/// The query of a list: `limit` (1 to 1,000) and `nextToken`, each at most once. Others are left alone.
struct PageQuery: Equatable {
    private(set) var limit = NotePage.maximumCount
    private(set) var nextToken: String?

    init(_ query: [UInt8]?) throws(NotesError) {
        var hasLimit = false
        guard let items = QueryItem.parse(query) else { throw .invalid("The query is malformed") }
        for item in items {
            switch item.name {
            case "limit":
                guard !hasLimit, let number = Int(item.value), String(number) == item.value, (1...NotePage.maximumCount).contains(number) else {
                    throw .invalid("limit must be a number from 1 to \(NotePage.maximumCount)")
                }
                hasLimit = true
                limit = number
            case "nextToken":
                guard nextToken == nil else { throw .invalid("nextToken is repeated") }
                nextToken = item.value
            default: break
            }
        }
    }
}
