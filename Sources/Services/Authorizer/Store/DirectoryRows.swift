internal import Crypto
internal import Encodings
internal import Policies
internal import SQLite

/// The directory's SQL, and nothing else.
struct DirectoryRows {
    let connection: Connection
    let seal: AES256GCM

    func load() throws -> AccountDirectory {
        let generation = try connection.first("SELECT generation FROM state WHERE id = 1") { $0.integer(0) }
        var directory = AccountDirectory(generation: generation ?? 0)
        let roles = try connection.rows("SELECT name, id, path, description, trust_policy, maximum_session, created FROM role") { row in
            Role(
                name: row.text(0), id: row.text(1), path: row.text(2), description: row.optionalText(3), trustPolicy: row.text(4),
                maximumSession: row.int(5), created: Timestamp(microseconds: row.integer(6)))
        }
        for role in roles { directory.apply(.putRole(role)) }
        let users = try connection.rows("SELECT name, id, path, created FROM user") { row in
            User(name: row.text(0), id: row.text(1), path: row.text(2), created: Timestamp(microseconds: row.integer(3)))
        }
        for user in users { directory.apply(.putUser(user)) }
        for change in try policies() { directory.apply(change) }
        for change in try keys() { directory.apply(change) }
        return directory
    }

    private func policies() throws -> [DirectoryChange] {
        try connection.rows("SELECT owner_kind, owner, name, document FROM policy") { row in
            let text = row.text(3)
            guard let kind = OwnerKind(rawValue: row.text(0)) else { throw AuthorizerError.damagedStore(part: "policy") }
            // It was read before it was stored. If a later version reads more strictly, the service must not start with less than it was told.
            let document = try PolicyDocument(parsing: text.utf8.span, limit: nil)
            return .putPolicy(kind, owner: row.text(1), InlinePolicy(name: row.text(2), text: text, document: document))
        }
    }

    private func keys() throws -> [DirectoryChange] {
        try connection.rows("SELECT id, owner, status, secret, created FROM access_key") { row in
            let id = row.text(0)
            guard let status = AccessKey.Status(rawValue: row.text(2)) else { throw AuthorizerError.damagedStore(part: "access_key") }
            let secret = try seal.openBox(row.bytes(3), additionalData: Self.additionalData(id))
            return .putKey(
                AccessKey(id: id, owner: row.text(1), status: status, secret: secret, created: Timestamp(microseconds: row.integer(4))))
        }
    }

    func setGeneration(_ generation: Int64) throws {
        try connection.run("UPDATE state SET generation = ? WHERE id = 1", .integer(generation))
    }

    func write(_ change: DirectoryChange) throws {
        switch change {
        case .putRole(let role):
            try connection.run(
                "INSERT INTO role (key, name, id, path, description, trust_policy, maximum_session, created) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                .text(role.name.lowercased()), .text(role.name), .text(role.id), .text(role.path), .optional(role.description),
                .text(role.trustPolicy), .int(role.maximumSession), .integer(role.created.microseconds))
        case .deleteRole(let name): try connection.run("DELETE FROM role WHERE key = ?", .text(name.lowercased()))
        case .putUser(let user):
            try connection.run(
                "INSERT INTO user (key, name, id, path, created) VALUES (?, ?, ?, ?, ?)", .text(user.name.lowercased()), .text(user.name),
                .text(user.id), .text(user.path), .integer(user.created.microseconds))
        case .deleteUser(let name): try connection.run("DELETE FROM user WHERE key = ?", .text(name.lowercased()))
        case .putPolicy(let kind, let owner, let policy):
            try connection.run(
                "INSERT OR REPLACE INTO policy (owner_kind, owner, name, document) VALUES (?, ?, ?, ?)", .text(kind.rawValue),
                .text(owner.lowercased()), .text(policy.name), .text(policy.text))
        case .deletePolicy(let kind, let owner, let name):
            try connection.run(
                "DELETE FROM policy WHERE owner_kind = ? AND owner = ? AND name = ?", .text(kind.rawValue), .text(owner.lowercased()), .text(name))
        case .putKey(let key):
            let sealed = seal.sealBox(key.secret, additionalData: Self.additionalData(key.id))
            try connection.run(
                "INSERT OR REPLACE INTO access_key (id, owner, status, secret, created) VALUES (?, ?, ?, ?, ?)", .text(key.id), .text(key.owner),
                .text(key.status.rawValue), .blob(sealed), .integer(key.created.microseconds))
        case .deleteKey(let id): try connection.run("DELETE FROM access_key WHERE id = ?", .text(id))
        }
    }

    private static func additionalData(_ id: String) -> [UInt8] { Array("strongroom access key \(id)".utf8) }
}
