import Crypto
import Encodings
import JSON
import SQLite

extension UserPoolStore {
    /// A user as it is to be made.
    struct NewUser: Sendable {
        let subject: UUID
        let username: String
        let key: String
        let status: User.Status
        let password: PasswordHash
        let passwordExpiresAt: Timestamp?
        let attributes: [UserAttribute]
        let aliases: [UserAttribute]
        /// Whether addresses that are another user's aliases become this one's.
        let movesAliases: Bool
        let createdAt: Timestamp
    }

    /// Makes the user with all its aliases, or throws that the name or an alias is taken.
    func insert(_ new: NewUser) throws -> User {
        try connection.transaction {
            if try isTaken(new.key) { throw IdentityError.userExists }
            if new.movesAliases {
                for alias in new.aliases where UserAttribute.addresses.contains(alias.name) { try unverify(alias, at: new.createdAt) }
            }
            for alias in new.aliases where try isTaken(alias) {
                // Where people sign in with it, an address is their name.
                throw new.key == new.subject.description ? IdentityError.userExists : .aliasExists(alias.name)
            }
            try connection.run(
                "INSERT INTO user(subject, name, name_key, status, enabled, password, password_expires, generation, attributes, created, modified) VALUES(?, ?, ?, ?, 1, ?, ?, ?, ?, ?, ?)",
                .blob(new.subject.bytes), .text(new.username), .text(new.key), .text(new.status.rawValue), .text(new.password.encoded),
                .optional(new.passwordExpiresAt?.microseconds), .integer(Self.newGeneration()), .text(Self.text(new.attributes)),
                .integer(new.createdAt.microseconds), .integer(new.createdAt.microseconds))
            let id = connection.lastInsertedRow
            for alias in new.aliases {
                try connection.run("INSERT INTO alias VALUES(?, ?, ?)", .text(alias.name), .text(alias.value), .integer(id))
            }
            guard let user = try user(id: id) else { throw StoreError.damaged("user") }
            return user
        }
    }

    /// Takes an address from the user whose alias it is: they keep it, unverified.
    private func unverify(_ alias: UserAttribute, at now: Timestamp) throws {
        let holder = try connection.first(
            "SELECT user_row.* FROM alias JOIN user_row ON id = user WHERE attribute = ? AND value = ?", .text(alias.name), .text(alias.value),
            row: Self.user)
        guard let holder else { return }
        let mark = "\(alias.name)_verified"
        let attributes = holder.attributes.map { $0.name == mark ? UserAttribute(name: mark, value: "false") : $0 }
        try connection.run(
            "UPDATE user SET attributes = ?, modified = ? WHERE id = ?", .text(Self.text(attributes)), .integer(now.microseconds),
            .integer(holder.id))
        try connection.run("DELETE FROM alias WHERE attribute = ? AND value = ?", .text(alias.name), .text(alias.value))
    }

    /// By name, or by an alias, as the pool compares them. What looks like an address is nobody's preferred name, though there are some from before
    /// that was refused.
    func user(named name: String, in pool: UserPool) throws -> User? {
        let key = pool.key(of: name)
        if let user = try connection.first("SELECT * FROM user_row WHERE name_key = ?", .text(key), row: Self.user) { return user }
        return try connection.first(
            "SELECT user_row.* FROM alias JOIN user_row ON id = user WHERE attribute IN ('email', 'phone_number', ?2) AND value = ?1",
            .text(key), .optional(pool.addressForm(of: name) == nil ? "preferred_username" : nil), row: Self.user)
    }

    /// Deletes the user with all their names and memberships; nothing where there is none.
    func delete(_ subject: UUID) throws {
        try connection.run("DELETE FROM user WHERE subject = ?", .blob(subject.bytes))
    }

    /// What a user had begun with the password ends when the user is disabled, and does not go on when enabled again, whichever release disabled them.
    func setEnabled(_ isEnabled: Bool, _ user: Int64, at now: Timestamp) throws {
        try connection.run(
            "UPDATE user SET enabled = ?1, modified = ?2, generation = iif(?1 AND enabled, generation, ?4) WHERE id = ?3",
            .bool(isEnabled), .integer(now.microseconds), .integer(user), .integer(Self.newGeneration()))
    }

    func user(subject: UUID) throws -> User? {
        try connection.first(
            "SELECT * FROM user_row WHERE subject = ?",
            .blob(subject.bytes), row: Self.user)
    }

    func users(after id: Int64, limit: Int) throws -> [User] {
        try connection.rows(
            "SELECT * FROM user_row WHERE id > ? ORDER BY id LIMIT ?",
            .integer(id), .int(limit), row: Self.user)
    }

    func userCount() throws -> Int64 {
        try connection.first("SELECT count(*) FROM user") { $0.integer(0) } ?? 0
    }

    /// Sets the password, and where given all attributes with the aliases that follow from them.
    /// - Parameter generation: where given, only if no other password has been set since.
    /// - Returns: the new password's generation; nil where it was not set.
    func setPassword(
        _ password: PasswordHash, of user: Int64, ifGeneration generation: Int64? = nil, status: User.Status, expiresAt: Timestamp?,
        at now: Timestamp,
        attributes: (all: [UserAttribute], aliases: [UserAttribute])? = nil
    ) throws -> Int64? {
        let new = Self.newGeneration()
        return try connection.transaction {
            try connection.run(
                """
                UPDATE user SET password = ?1, password_expires = ?2, status = ?3, generation = ?7, modified = ?4
                WHERE id = ?5 AND generation = coalesce(?6, generation)
                """,
                .text(password.encoded), .optional(expiresAt?.microseconds), .text(status.rawValue), .integer(now.microseconds), .integer(user),
                .optional(generation), .integer(new))
            guard connection.changes == 1 else { return nil }
            guard let attributes else { return new }
            try connection.run("UPDATE user SET attributes = ? WHERE id = ?", .text(Self.text(attributes.all)), .integer(user))
            try connection.run("DELETE FROM alias WHERE user = ?", .integer(user))
            for alias in attributes.aliases {
                if try isTaken(alias, exceptBy: user) { throw IdentityError.aliasExists(alias.name) }
                try connection.run("INSERT INTO alias VALUES(?, ?, ?)", .text(alias.name), .text(alias.value), .integer(user))
            }
            return new
        }
    }

    /// What a password's generation is called: random, so that none comes twice, not even after the file was set back to where another password followed.
    private static func newGeneration() -> Int64 { Int64(Random.uint64() >> 12) }

    /// Whether a name leads to a user other than this one, be it as username, as an alias of any kind or as subject: among all of these, no two users
    /// share one, or signing in and administering could meet the wrong one.
    private func isTaken(_ key: String, isAddress: Bool = false, exceptBy user: Int64? = nil) throws -> Bool {
        try connection.first(
            """
            SELECT 1 FROM user WHERE name_key = ?1 AND id IS NOT ?3 UNION ALL SELECT 1 FROM user WHERE subject = ?2 AND id IS NOT ?3
            UNION ALL SELECT 1 FROM alias WHERE attribute IN ('email', 'phone_number', ?4) AND value = ?1 AND user IS NOT ?3
            """, .text(key), .optional(UUID(key.lowercased())?.bytes), .optional(user), .optional(isAddress ? nil : "preferred_username")
        ) { _ in true } ?? false
    }

    private func isTaken(_ alias: UserAttribute, exceptBy user: Int64? = nil) throws -> Bool {
        try isTaken(alias.value, isAddress: UserAttribute.addresses.contains(alias.name), exceptBy: user)
    }

    func user(id: Int64) throws -> User? {
        try connection.first(
            "SELECT * FROM user_row WHERE id = ?",
            .integer(id), row: Self.user)
    }

    // MARK: Rows

    private static func text(_ attributes: [UserAttribute]) -> String {
        var object: JSONObject = [:]
        for attribute in attributes { object[attribute.name] = .string(attribute.value) }
        return String(decoding: JSON.encode(.object(object)), as: UTF8.self)
    }

    static func user(_ row: Statement) throws -> User {
        guard let subject = row.withBytes(1, { UUID(bytes: $0) }), let status = User.Status(rawValue: row.text(3)),
            let attributes = try JSON.parse(row.text(8)).object
        else { throw StoreError.damaged("user") }
        return User(
            id: row.integer(0), subject: subject, username: row.text(2), status: status, isEnabled: row.bool(4),
            password: row.optionalText(5).flatMap { PasswordHash(encoded: $0) },
            passwordExpiresAt: row.optionalInteger(6).map { Timestamp(microseconds: $0) }, generation: row.integer(7),
            attributes: attributes.members.map { UserAttribute(name: $0.name, value: $0.value.string ?? "") },
            createdAt: Timestamp(microseconds: row.integer(9)), modifiedAt: Timestamp(microseconds: row.integer(10)))
    }
}
