import JSON

/// ListUsers.
extension IdentityAPI {
    /// Users looked at for one page: a filter that few users meet gives short pages with a token, not a long wait.
    private static let scannedPerPage = 1000

    func listUsers(_ input: inout Input) async throws -> JSONObject {
        let poolID = try input.text("UserPoolId", .poolID)
        let page = try Page(&input, limit: "Limit", token: "PaginationToken")
        let names = try input.texts("AttributesToGet", .attributeName, count: 0...UserAttribute.maximumCount)
        let condition = try input.optionalText("Filter", .filter) ?? ""
        let filter = try UserFilter(condition)
        try input.check()
        let pool = try await pool(poolID)
        guard names?.allSatisfy({ pool.schema(of: $0) != nil }) ?? true else { throw IdentityError.noSuchAttributes }
        let list = PagedList(.listUsers, of: poolID, condition)
        let after = try pageTokens.row(in: page, of: list)
        let count = filter == nil ? page.limit + 1 : Self.scannedPerPage
        let found = try await files.with(poolID) { try $0.users(after: after, limit: count) }

        let (shown, more) = page.cut(found.filter { filter?.matches($0, in: pool) ?? true })
        let last = more ?? (filter != nil && found.count == count ? found.last : nil)
        let only = names.map(Set.init)
        var output: JSONObject = ["Users": .array(shown.map { .object($0.json(attributesNamed: "Attributes", only: only)) })]
        output.put("PaginationToken", last.map { pageTokens.token(after: "\($0.id)", of: list) })
        return output
    }
}
