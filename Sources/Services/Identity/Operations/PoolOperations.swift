import Crypto
import Encodings
import JSON

/// CreateUserPool, DescribeUserPool, ListUserPools, UpdateUserPool.
extension IdentityAPI {
    func createUserPool(_ input: inout Input, _ call: APICall) async throws -> JSONObject {
        let name = try input.text("PoolName", .poolName)
        let id = Identifiers.pool(region: region)
        let pool = try UserPool(id: id, name: name, createdAt: call.now, modifiedAt: call.now, from: .creation, reading: &input)
        try input.check()

        try await index.requireRoom()
        let (secrets, makeKey) = (secrets, makeKey)
        let keys = try await compute(on: keyMakers) { try PoolKeys.generate(for: id, at: call.now, under: secrets, makeKey) }
        try await files.create(id, keys: keys)
        do {
            try await index.insert(pool, keyIDs: keys.map(\.state).filter { $0.use != .sealing }.map(\.keyID))
        } catch {
            // The error that led here is the one to report; what stays of a file that nobody names does no harm.
            try? await files.remove(id)
            throw error
        }
        return ["UserPool": pool.json(region: region, account: account, userCount: 0)]
    }

    /// What isn't given goes back to its default, as in the contract; what only creation decides stays.
    func updateUserPool(_ input: inout Input, _ call: APICall) async throws -> JSONObject {
        let id = try input.text("UserPoolId", .poolID)
        let name = try input.optionalText("PoolName", .poolName)
        try input.check()
        let request = input.object
        let (_, settings) = try Self.updated(try await pool(id), name, request, at: call.now)
        input.adopt(settings)
        try input.check()
        guard try await index.update(id, { try Self.updated($0, name, request, at: call.now).0 }) else { throw IdentityError.noSuchPool(id) }
        return [:]
    }

    private static func updated(
        _ old: UserPool, _ name: String?, _ request: JSONObject, at now: Timestamp
    ) throws(IdentityError) -> (UserPool, Input) {
        var request = request
        for kept in ["SchemaAttributes", "UsernameAttributes", "AliasAttributes", "UsernameConfiguration"] { request[kept] = old.settings[kept] }
        var settings = Input(request)
        let pool = try UserPool(id: old.id, name: name ?? old.name, createdAt: old.createdAt, modifiedAt: now, from: .update, reading: &settings)
        return (pool, settings)
    }

    func describeUserPool(_ input: inout Input) async throws -> JSONObject {
        let id = try input.text("UserPoolId", .poolID)
        try input.check()
        let pool = try await pool(id)
        let count = try await files.with(id) { try $0.userCount() }
        return ["UserPool": pool.json(region: region, account: account, userCount: count)]
    }

    func listUserPools(_ input: inout Input) async throws -> JSONObject {
        let page = try Page(&input, limit: "MaxResults", token: "NextToken", smallest: 1, isRequired: true)
        try input.check()
        let list = PagedList(.listUserPools)
        let after = try pageTokens.key(in: page, of: list) ?? ""
        let (pools, last) = page.cut(try await index.pools(after: after, limit: page.limit + 1))
        var output: JSONObject = ["UserPools": .array(pools.map(\.summary))]
        output.put("NextToken", last.map { pageTokens.token(after: $0.id, of: list) })
        return output
    }
}

extension UserPool {
    fileprivate var summary: JSONValue {
        ["Id": .string(id), "Name": .string(name), "LambdaConfig": [:], "LastModifiedDate": .date(modifiedAt), "CreationDate": .date(createdAt)]
    }
}
