internal import Contracts
internal import HTTP

/// The query of `GET /internal/v1/streams`: `tenant`, `after`, `limit`.
struct StreamsQuery {
    private(set) var tenant: String?
    private(set) var after: String?
    private(set) var limit = StreamsPage.maximumStreams

    init(_ query: [UInt8]?) throws(NotesError) {
        guard let items = QueryItem.parse(query) else { throw .invalid("The query is malformed") }
        for item in items {
            switch item.name {
            case "tenant": tenant = item.value
            case "after": after = item.value
            case "limit":
                guard let number = Int(item.value), (1...StreamsPage.maximumStreams).contains(number) else {
                    throw .invalid("limit is out of range")
                }
                limit = number
            default: throw .invalid("The query has an unknown member")
            }
        }
    }
}
