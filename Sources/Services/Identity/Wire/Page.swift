/// One page of a list: at most so many items, from behind the last one of the page before.
struct Page {
    static let maximumItems = 60

    let limit: Int
    /// As it came: `PageTokens` reads it. Nil on the first page.
    let token: String?

    /// - Parameters:
    ///   - limit: the member that says how many; zero is written where the default is meant.
    ///   - token: the member that carries the token.
    ///   - isRequired: whether `limit` has to be said.
    init(_ input: inout Input, limit: String, token: String, smallest: Int64 = 0, isRequired: Bool = false) throws(IdentityError) {
        let range = smallest...Int64(Self.maximumItems)
        let asked = try isRequired ? input.requiredInteger(limit, in: range) : input.integer(limit, in: range)
        self.limit = if let asked, asked > 0 { min(Int(asked), Self.maximumItems) } else { Self.maximumItems }
        self.token = try input.optionalText(token, .pageToken)
    }

    /// Cuts what was read with one item too many, and says behind which item the next page begins.
    func cut<Item>(_ items: [Item]) -> (page: ArraySlice<Item>, last: Item?) {
        let page = items.prefix(limit)
        return (page, items.count > limit ? page.last : nil)
    }
}
