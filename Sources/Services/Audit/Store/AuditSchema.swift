internal import Shards

/// The tables of one tenant's log.
///
/// `event` is narrow, so that what no index answers is found by reading it through; the sealed body lies beside it. Every index
/// grows at its end or in few places: a stream's numbers count up, and note ids are UUIDs of version 7. The order of the log is the
/// leaf index, counted from 0 without a gap: leaf n of the tenant's Merkle tree (RFC 9162 §2.1) is SHA-256(0x00 ‖ `commitment`).
enum AuditSchema {
    static let schema = Schema(
        """
        CREATE TABLE log(
          id INTEGER PRIMARY KEY CHECK(id = 1),
          epoch BLOB
        ) STRICT;
        CREATE TABLE stream(
          id INTEGER PRIMARY KEY,
          source TEXT NOT NULL,
          shard INTEGER NOT NULL,
          epoch BLOB NOT NULL,
          mark INTEGER NOT NULL DEFAULT 0,
          digest BLOB,
          known INTEGER NOT NULL DEFAULT 0,
          conflicts INTEGER NOT NULL DEFAULT 0,
          lost INTEGER NOT NULL DEFAULT 0,
          UNIQUE(epoch)
        ) STRICT;
        CREATE TABLE subject(
          id INTEGER PRIMARY KEY,
          name TEXT UNIQUE,
          key_id BLOB NOT NULL,
          wrapped_by BLOB NOT NULL,
          wrapped_key BLOB NOT NULL
        ) STRICT;
        CREATE TABLE action(
          id INTEGER PRIMARY KEY,
          name TEXT NOT NULL UNIQUE
        ) STRICT;
        CREATE TABLE event(
          leaf INTEGER PRIMARY KEY,
          stream INTEGER NOT NULL,
          seq INTEGER NOT NULL,
          time INTEGER NOT NULL,
          subject INTEGER NOT NULL,
          resource INTEGER,
          action INTEGER NOT NULL,
          outcome INTEGER NOT NULL,
          address INTEGER NOT NULL,
          commitment BLOB NOT NULL
        ) STRICT;
        CREATE UNIQUE INDEX event_place ON event(stream, seq);
        CREATE INDEX event_of_subject ON event(subject);
        CREATE INDEX event_of_resource ON event(resource) WHERE resource IS NOT NULL;
        CREATE INDEX event_refused ON event(outcome) WHERE outcome = 2;
        CREATE TABLE body(
          leaf INTEGER PRIMARY KEY,
          sealed BLOB NOT NULL
        ) STRICT;
        CREATE TABLE span(
          block INTEGER PRIMARY KEY,
          earliest INTEGER NOT NULL,
          latest INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE conflict(
          id INTEGER PRIMARY KEY,
          stream INTEGER NOT NULL,
          seq INTEGER NOT NULL,
          digest BLOB NOT NULL,
          received INTEGER NOT NULL,
          UNIQUE(stream, seq, digest)
        ) STRICT;
        """,
        // Whether the tenant was deleted: then users' events that still arrive are entered without their bodies.
        "ALTER TABLE log ADD COLUMN deleted INTEGER NOT NULL DEFAULT 0;")

    /// Numbers of sealed fields: they are part of what a seal is bound to, so they never change.
    enum Field {
        static let body: UInt8 = 1
    }

    /// Leaves that share one row of `span`, which knows the times they lie between.
    static let spanLeaves: Int64 = 256
}
