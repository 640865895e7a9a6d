import JSON

/// CreateUserPoolClient, DescribeUserPoolClient, ListUserPoolClients, DeleteUserPoolClient.
extension IdentityAPI {
    /// None has registered itself: DcrConfiguration is refused.
    private enum ClientType: String, CaseIterable { case regular = "REGULAR", registered = "DCR" }

    func createUserPoolClient(_ input: inout Input, _ call: APICall) async throws -> JSONObject {
        let poolID = try input.text("UserPoolId", .poolID)
        let name = try input.text("ClientName", .clientName)
        let secret = try input.flag("GenerateSecret") ?? false ? Identifiers.clientSecret() : nil
        try UserPoolClient.refuseWhatIsNotDone(input)
        let client = try UserPoolClient(
            id: Identifiers.client(), poolID: poolID, name: name, secret: secret, createdAt: call.now, modifiedAt: call.now, reading: &input)
        try input.check()
        try client.checkSettings()
        try client.checkAttributes(against: try await pool(poolID))
        try await index.insert(client)
        return ["UserPoolClient": client.json]
    }

    func describeUserPoolClient(_ input: inout Input) async throws -> JSONObject {
        let poolID = try input.text("UserPoolId", .poolID)
        let id = try input.text("ClientId", .clientID)
        try input.check()
        return ["UserPoolClient": try await client(id, in: poolID).client.json]
    }

    func deleteUserPoolClient(_ input: inout Input) async throws -> JSONObject {
        let poolID = try input.text("UserPoolId", .poolID)
        let id = try input.text("ClientId", .clientID)
        try input.check()
        _ = try await pool(poolID)
        guard try await index.deleteClient(id, of: poolID) else { throw IdentityError.noSuchClient(id) }
        return [:]
    }

    func listUserPoolClients(_ input: inout Input) async throws -> JSONObject {
        let poolID = try input.text("UserPoolId", .poolID)
        let page = try Page(&input, limit: "MaxResults", token: "NextToken", smallest: 1)
        let kind = try input.choice("ClientType", ClientType.self)
        try input.check()
        _ = try await pool(poolID)
        if kind == .registered { return ["UserPoolClients": []] }
        let list = PagedList(.listUserPoolClients, of: poolID)
        let after = try pageTokens.key(in: page, of: list) ?? ""
        let (clients, last) = page.cut(try await index.clients(of: poolID, after: after, limit: page.limit + 1))
        var output: JSONObject = ["UserPoolClients": .array(clients.map(\.summary))]
        output.put("NextToken", last.map { pageTokens.token(after: $0.id, of: list) })
        return output
    }
}
