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
        """,
        // What an older key has signed is not known: it counts as a day, the longest that a token lives.
        """
        ALTER TABLE key RENAME TO key_before;
        CREATE TABLE key(kid TEXT PRIMARY KEY, use TEXT NOT NULL, stage TEXT NOT NULL, since INTEGER NOT NULL, longest INTEGER NOT NULL,
            sealed BLOB NOT NULL) STRICT, WITHOUT ROWID;
        INSERT INTO key SELECT kid, use, 'current', 0, 86400, sealed FROM key_before;
        DROP TABLE key_before;
        CREATE UNIQUE INDEX key_in_turn ON key(use, stage) WHERE stage != 'former';
        """)

    init(path: String) throws {
        connection = try Connection(path: path, role: .writer)
        try Self.schema.apply(to: connection)
    }
}
