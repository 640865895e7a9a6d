import Encodings
import SQLite

extension UserPoolStore {
    func insert(_ group: UserGroup) throws {
        try connection.transaction {
            if try self.group(group.name) != nil { throw IdentityError.groupExists }
            let count = try connection.first("SELECT count(*) FROM user_group") { $0.int(0) } ?? 0
            guard count < UserGroup.maximumPerPool else {
                throw IdentityError(.limitExceeded, "Cannot have more than \(UserGroup.maximumPerPool) groups in a user pool.")
            }
            try connection.run(
                "INSERT INTO user_group VALUES(?, ?, ?, ?, ?, ?)", .text(group.name), .optional(group.description), .optional(group.roleARN),
                .optional(group.precedence), .integer(group.createdAt.microseconds), .integer(group.modifiedAt.microseconds))
        }
    }

    /// Deletes the group with its memberships.
    /// - Returns: whether there was one.
    func deleteGroup(_ name: String) throws -> Bool {
        try connection.run("DELETE FROM user_group WHERE name = ?", .text(name))
        return connection.changes > 0
    }

    func group(_ name: String) throws -> UserGroup? {
        try connection.first(
            "SELECT name, description, role, precedence, created, modified FROM user_group WHERE name = ?", .text(name), row: Self.group)
    }

    func groups(after name: String, limit: Int) throws -> [UserGroup] {
        try connection.rows(
            "SELECT name, description, role, precedence, created, modified FROM user_group WHERE name > ? ORDER BY name LIMIT ?", .text(name),
            .int(limit), row: Self.group)
    }

    /// Adding twice, and removing what isn't there, changes nothing.
    func setMembership(of user: Int64, in group: String, _ isMember: Bool) throws {
        try connection.transaction {
            guard try self.group(group) != nil else { throw IdentityError.noSuchGroup }
            guard isMember else {
                return try connection.run("DELETE FROM membership WHERE user = ? AND user_group = ?", .integer(user), .text(group))
            }
            guard try self.user(id: user) != nil else { throw IdentityError.noSuchUser }
            try connection.run("INSERT OR IGNORE INTO membership VALUES(?, ?)", .integer(user), .text(group))
            let count = try connection.first("SELECT count(*) FROM membership WHERE user = ?", .integer(user)) { $0.int(0) } ?? 0
            guard count <= UserGroup.maximumPerUser else {
                throw IdentityError(.limitExceeded, "A user can be in \(UserGroup.maximumPerUser) groups at most.")
            }
        }
    }

    /// All groups of a user, the one that decides first: lowest precedence, none last, then by name.
    func groups(of user: Int64) throws -> [UserGroup] {
        try connection.rows(
            "SELECT name, description, role, precedence, created, modified FROM user_group JOIN membership ON user_group = name WHERE user = ? ORDER BY precedence IS NULL, precedence, name",
            .integer(user), row: Self.group)
    }

    func users(in group: String, after id: Int64, limit: Int) throws -> [User] {
        try connection.rows(
            "SELECT user_row.* FROM membership JOIN user_row ON id = user WHERE user_group = ? AND user > ? ORDER BY user LIMIT ?", .text(group),
            .integer(id), .int(limit), row: Self.user)
    }

    private static func group(_ row: Statement) throws -> UserGroup {
        UserGroup(
            name: row.text(0), description: row.optionalText(1), roleARN: row.optionalText(2), precedence: row.optionalInteger(3),
            createdAt: Timestamp(microseconds: row.integer(4)), modifiedAt: Timestamp(microseconds: row.integer(5)))
    }
}
