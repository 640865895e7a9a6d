import Encodings
import JSON

/// One page of a list: at most so many items, from behind the last one of the page before.
///
/// A token is the last item's sort key. Whoever makes one up gets another place in a list that may be read anyway.
struct Page {
    static let maximumItems = 60

    let limit: Int
    let after: String?

    /// - Parameters:
    ///   - limit: the member that says how many; zero is written where the default is meant.
    ///   - token: the member that carries the token.
    init(_ input: inout Input, limit: String, token: String, smallest: Int64 = 0) throws(IdentityError) {
        let asked = try input.integer(limit, in: smallest...Int64(Self.maximumItems)) ?? 0
        self.limit = asked > 0 ? min(Int(asked), Self.maximumItems) : Self.maximumItems
        guard let text = try input.optionalText(token, .pageToken) else {
            after = nil
            return
        }
        // A byte in front tells a token from a guess and leaves room for another form.
        guard let bytes = Base64URL.decode(text), bytes.first == 1, let key = String(validating: bytes.dropFirst(), as: UTF8.self) else {
            throw .invalidPaginationToken
        }
        after = key
    }

    /// For lists whose key is a row number.
    func afterRow() throws(IdentityError) -> Int64 {
        guard let after else { return 0 }
        guard let row = Int64(after) else { throw .invalidPaginationToken }
        return row
    }

    /// The token of the page behind the item with this key.
    static func token(after key: String) -> JSONValue {
        .string(Base64URL.encode([1] + Array(key.utf8)))
    }

    /// Cuts what was read with one item too many, and says behind which item the next page begins.
    func cut<Item>(_ items: [Item]) -> (page: ArraySlice<Item>, last: Item?) {
        let page = items.prefix(limit)
        return (page, items.count > limit ? page.last : nil)
    }
}
