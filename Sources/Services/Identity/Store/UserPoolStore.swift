import Encodings
import JSON
import SQLite
import Shards

/// One pool's file: its users, groups and sealed keys. SQL and nothing else; confined to its thread.
final class UserPoolStore {
    let connection: Connection

    static let schema = Schema(
        """
        CREATE TABLE user(id INTEGER PRIMARY KEY AUTOINCREMENT, subject BLOB NOT NULL UNIQUE, name TEXT NOT NULL, name_key TEXT NOT NULL UNIQUE,
            status TEXT NOT NULL, enabled INTEGER NOT NULL, password TEXT, password_expires INTEGER, generation INTEGER NOT NULL,
            attributes TEXT NOT NULL, created INTEGER NOT NULL, modified INTEGER NOT NULL) STRICT;
        CREATE VIEW user_row AS SELECT id, subject, name, status, enabled, password, password_expires, generation, attributes, created, modified,
            name_key FROM user;
        CREATE TABLE alias(attribute TEXT NOT NULL, value TEXT NOT NULL, user INTEGER NOT NULL REFERENCES user(id) ON DELETE CASCADE,
            PRIMARY KEY(attribute, value)) STRICT, WITHOUT ROWID;
        CREATE INDEX alias_by_user ON alias(user);
        CREATE TABLE user_group(name TEXT PRIMARY KEY, description TEXT, role TEXT, precedence INTEGER, created INTEGER NOT NULL,
            modified INTEGER NOT NULL) STRICT, WITHOUT ROWID;
        CREATE TABLE membership(user INTEGER NOT NULL REFERENCES user(id) ON DELETE CASCADE,
            user_group TEXT NOT NULL REFERENCES user_group(name) ON DELETE CASCADE, PRIMARY KEY(user, user_group)) STRICT, WITHOUT ROWID;
        CREATE INDEX membership_by_group ON membership(user_group, user);
        CREATE TABLE key(use TEXT PRIMARY KEY, kid TEXT NOT NULL, sealed BLOB NOT NULL) STRICT, WITHOUT ROWID;
        """)

    init(path: String) throws {
        connection = try Connection(path: path, role: .writer)
        try Self.schema.apply(to: connection)
    }

    /// For tests.
    init(connection: Connection) throws {
        self.connection = connection
        try Self.schema.apply(to: connection)
    }

    // MARK: Keys

    func insert(_ keys: [PoolKeys.Sealed]) throws {
        try connection.transaction {
            for key in keys {
                try connection.run("INSERT INTO key VALUES(?, ?, ?)", .text(key.use.rawValue), .text(key.keyID), .blob(key.box))
            }
        }
    }

    func keys() throws -> [PoolKeys.Sealed] {
        try connection.rows("SELECT use, kid, sealed FROM key") { row in
            guard let use = PoolKeys.Use(rawValue: row.text(0)) else { throw StoreError.damaged("key") }
            return PoolKeys.Sealed(use: use, keyID: row.text(1), box: row.bytes(2))
        }
    }
}
