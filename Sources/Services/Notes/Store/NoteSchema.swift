internal import EventLog
internal import Shards

/// A notes shard's tables.
///
/// Notes are in the order they came (a rowid table), with one narrow unique index over the partition and sort key; users are
/// small integers. Ids are UUIDv7, so a user's notes are in order of time.
enum NoteSchema {
    static let schema = Schema(
        """
        CREATE TABLE user(
          id INTEGER PRIMARY KEY,
          user_id TEXT NOT NULL UNIQUE,
          key_id BLOB NOT NULL,
          wrapped_by BLOB NOT NULL,
          wrapped_key BLOB NOT NULL
        ) STRICT;
        CREATE TABLE note(
          id INTEGER PRIMARY KEY,
          user INTEGER NOT NULL,
          note_id BLOB NOT NULL,
          version INTEGER NOT NULL,
          created INTEGER NOT NULL,
          changed INTEGER NOT NULL,
          title BLOB NOT NULL,
          content BLOB NOT NULL
        ) STRICT;
        CREATE UNIQUE INDEX note_of_user ON note(user, note_id);
        CREATE TABLE idempotency(
          id INTEGER PRIMARY KEY,
          user INTEGER NOT NULL,
          key BLOB NOT NULL,
          body BLOB NOT NULL,
          created INTEGER NOT NULL,
          note_id BLOB NOT NULL,
          title BLOB NOT NULL,
          content BLOB NOT NULL,
          position TEXT NOT NULL
        ) STRICT;
        CREATE UNIQUE INDEX idempotency_key ON idempotency(user, key);
        """ + OutboxSchema.sql,
        // An answer is made again from the request that asks for it: a deleted note's contents had stayed here for a day.
        """
        ALTER TABLE idempotency DROP COLUMN title;
        ALTER TABLE idempotency DROP COLUMN content;
        """)

    /// Numbers of sealed fields: they are part of what a seal is bound to, so they never change. 3 and 4 were answers' once.
    enum Field {
        static let title: UInt8 = 1
        static let content: UInt8 = 2
    }
}
