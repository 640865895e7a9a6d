/// The tables that an outbox keeps in its shard's file. Part of the file's own schema and its versions.
public enum OutboxSchema {
    /// - `stream`: one row for each epoch; `base` as in ``SourceStream``. The newest has the greatest epoch.
    /// - `outbox`: envelopes by position.
    /// - `outbox_state`: one row; `restored` is set in every backup's copy, and makes whoever opens it begin a new epoch. For copies made
    ///   by hand there is ``OutboxWitness``.
    public static let sql = """
        CREATE TABLE stream (
          number INTEGER PRIMARY KEY,
          base INTEGER NOT NULL,
          epoch BLOB NOT NULL UNIQUE,
          head INTEGER NOT NULL,
          digest BLOB,
          mark INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE outbox (
          position INTEGER PRIMARY KEY,
          event BLOB NOT NULL
        ) STRICT;
        CREATE TABLE outbox_state (
          id INTEGER PRIMARY KEY CHECK (id = 1),
          trimmed INTEGER NOT NULL,
          age INTEGER NOT NULL,
          restored INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE confirmation (
          position INTEGER PRIMARY KEY,
          age INTEGER NOT NULL
        ) STRICT;
        """
}
