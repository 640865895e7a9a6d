internal import Shards

/// The authorizer's one file.
enum AuthorizerSchema {
    /// Names are kept as written and found by their lower-case form. Secrets are sealed (AES-256-GCM under the service's master key, the
    /// key's id as additional data), so that the file alone signs nothing.
    static let schema = Schema(
        """
        CREATE TABLE state (id INTEGER PRIMARY KEY CHECK (id = 1), generation INTEGER NOT NULL) STRICT;
        INSERT INTO state (id, generation) VALUES (1, 0);
        CREATE TABLE role (
            key TEXT PRIMARY KEY, name TEXT NOT NULL, id TEXT NOT NULL UNIQUE, path TEXT NOT NULL, description TEXT, trust_policy TEXT NOT NULL,
            maximum_session INTEGER NOT NULL, created INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE user (
            key TEXT PRIMARY KEY, name TEXT NOT NULL, id TEXT NOT NULL UNIQUE, path TEXT NOT NULL, created INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE policy (
            owner_kind TEXT NOT NULL, owner TEXT NOT NULL, name TEXT NOT NULL, document TEXT NOT NULL, PRIMARY KEY (owner_kind, owner, name)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE access_key (
            id TEXT PRIMARY KEY, owner TEXT NOT NULL REFERENCES user (key), status TEXT NOT NULL, secret BLOB NOT NULL, created INTEGER NOT NULL
        ) STRICT;
        """)
}
