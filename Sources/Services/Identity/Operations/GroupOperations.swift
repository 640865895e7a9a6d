import Encodings
import JSON

/// CreateGroup, GetGroup, ListGroups, DeleteGroup, AdminAddUserToGroup, AdminRemoveUserFromGroup, AdminListGroupsForUser, ListUsersInGroup.
extension IdentityAPI {
    func createGroup(_ input: inout Input, _ call: APICall) async throws -> JSONObject {
        let poolID = try input.text("UserPoolId", .poolID)
        let group = UserGroup(
            name: try input.text("GroupName", .groupName), description: try input.optionalText("Description", .description),
            roleARN: try input.optionalText("RoleArn", .arn), precedence: try input.integer("Precedence", in: 0...Int64(Int32.max)),
            createdAt: call.now, modifiedAt: call.now)
        try input.check()
        _ = try await pool(poolID)
        // Who may make groups may not thereby hand out any role of the account.
        if let role = group.roleARN { try await permissions.require(action: "iam:PassRole", on: role, by: call) }
        try await files.with(poolID) { try $0.insert(group) }
        return ["Group": group.json(in: poolID)]
    }

    func getGroup(_ input: inout Input) async throws -> JSONObject {
        let poolID = try input.text("UserPoolId", .poolID)
        let name = try input.text("GroupName", .groupName)
        try input.check()
        _ = try await pool(poolID)
        guard let group = try await files.with(poolID, { try $0.group(name) }) else { throw IdentityError.noSuchGroup }
        return ["Group": group.json(in: poolID)]
    }

    func listGroups(_ input: inout Input) async throws -> JSONObject {
        let poolID = try input.text("UserPoolId", .poolID)
        let page = try Page(&input, limit: "Limit", token: "NextToken")
        try input.check()
        _ = try await pool(poolID)
        let list = PagedList(.listGroups, of: poolID)
        let (after, count) = (try pageTokens.key(in: page, of: list) ?? "", page.limit + 1)
        let (groups, last) = page.cut(try await files.with(poolID) { try $0.groups(after: after, limit: count) })
        var output: JSONObject = ["Groups": .array(groups.map { $0.json(in: poolID) })]
        output.put("NextToken", last.map { pageTokens.token(after: $0.name, of: list) })
        return output
    }

    func deleteGroup(_ input: inout Input) async throws -> JSONObject {
        let poolID = try input.text("UserPoolId", .poolID)
        let name = try input.text("GroupName", .groupName)
        try input.check()
        _ = try await pool(poolID)
        guard try await files.with(poolID, { try $0.deleteGroup(name) }) else { throw IdentityError.noSuchGroup }
        return [:]
    }

    func setMembership(_ input: inout Input, _ isMember: Bool) async throws -> JSONObject {
        let poolID = try input.text("UserPoolId", .poolID)
        let username = try input.text("Username", .username)
        let group = try input.text("GroupName", .groupName)
        try input.check()
        let user = try await user(username, in: try await pool(poolID))
        try await files.with(poolID) { try $0.setMembership(of: user.id, in: group, isMember) }
        return [:]
    }

    func adminListGroupsForUser(_ input: inout Input) async throws -> JSONObject {
        let poolID = try input.text("UserPoolId", .poolID)
        let username = try input.text("Username", .username)
        let page = try Page(&input, limit: "Limit", token: "NextToken")
        try input.check()
        let user = try await user(username, in: try await pool(poolID))
        // A user is in so few groups that they are read whole.
        let groups = try await files.with(poolID) { try $0.groups(of: user.id) }
        let list = PagedList(.adminListGroupsForUser, of: poolID, user.subject.description)
        let after = try pageTokens.key(in: page, of: list) ?? ""
        let (shown, last) = page.cut(groups.filter { after.utf8.lexicographicallyPrecedes($0.sortKey.utf8) })
        var output: JSONObject = ["Groups": .array(shown.map { $0.json(in: poolID) })]
        output.put("NextToken", last.map { pageTokens.token(after: $0.sortKey, of: list) })
        return output
    }

    func listUsersInGroup(_ input: inout Input) async throws -> JSONObject {
        let poolID = try input.text("UserPoolId", .poolID)
        let group = try input.text("GroupName", .groupName)
        let page = try Page(&input, limit: "Limit", token: "NextToken")
        try input.check()
        _ = try await pool(poolID)
        let list = PagedList(.listUsersInGroup, of: poolID, group)
        let (after, count) = (try pageTokens.row(in: page, of: list), page.limit + 1)
        let found = try await files.with(poolID) { store in
            guard try store.group(group) != nil else { throw IdentityError.noSuchGroup }
            return try store.users(in: group, after: after, limit: count)
        }
        let (users, last) = page.cut(found)
        var output: JSONObject = ["Users": .array(users.map { .object($0.json(attributesNamed: "Attributes")) })]
        output.put("NextToken", last.map { pageTokens.token(after: "\($0.id)", of: list) })
        return output
    }
}
