/* The peer of the bench `audit_ingest_vs_sqlite`: what a plain C program does that stores the rows of an audit log and nothing else.
 *
 *   audit_rows FOLDER FILES USERS EVENTS BODY BATCH
 *
 * Tables and indexes are those of Sources/Services/Audit/Store/AuditSchema.swift, the page cache is the service's; WAL, synchronous = FULL.
 * Stores EVENTS events of BODY sealed bytes, BATCH a transaction, over FILES files in turn, each with USERS users, and prints events per second.
 * It consumes, decodes, verifies, hashes and seals nothing. */
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define STREAMS 4

struct log { sqlite3 *db; sqlite3_stmt *event, *body, *stream, *span, *subject; int64_t leaf, seq[STREAMS]; char *known; };

static uint64_t seed = 88172645463325252u, clock_ms;

static uint64_t next_random(void) { seed ^= seed << 13; seed ^= seed >> 7; return seed ^= seed << 17; }
static double now(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return t.tv_sec + t.tv_nsec / 1e9; }
static void check(struct log *log, int code) {
    if (code != SQLITE_OK && code != SQLITE_DONE) { fprintf(stderr, "audit_rows: %s\n", sqlite3_errmsg(log->db)); exit(1); }
}
static void run(struct log *log, const char *sql) { check(log, sqlite3_exec(log->db, sql, 0, 0, 0)); }
static void step(struct log *log, sqlite3_stmt *s) { check(log, sqlite3_step(s)); check(log, sqlite3_reset(s)); }
static sqlite3_stmt *prepare(struct log *log, const char *sql) {
    sqlite3_stmt *s;
    check(log, sqlite3_prepare_v3(log->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &s, 0));
    return s;
}

static void open_log(struct log *log, const char *path) {
    check(log, sqlite3_open_v2(path, &log->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, 0));
    run(log, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -8192; PRAGMA wal_autocheckpoint = 2000;"
        "CREATE TABLE subject(id INTEGER PRIMARY KEY, name TEXT UNIQUE, key_id BLOB NOT NULL, wrapped_by BLOB NOT NULL,"
        " wrapped_key BLOB NOT NULL) STRICT;"
        "CREATE TABLE stream(id INTEGER PRIMARY KEY, mark INTEGER NOT NULL DEFAULT 0, digest BLOB) STRICT;"
        "CREATE TABLE event(leaf INTEGER PRIMARY KEY, stream INTEGER NOT NULL, seq INTEGER NOT NULL, time INTEGER NOT NULL,"
        " subject INTEGER NOT NULL, resource INTEGER, action INTEGER NOT NULL, outcome INTEGER NOT NULL, address INTEGER NOT NULL,"
        " commitment BLOB NOT NULL) STRICT;"
        "CREATE UNIQUE INDEX event_place ON event(stream, seq);"
        "CREATE INDEX event_of_subject ON event(subject);"
        "CREATE INDEX event_of_resource ON event(resource) WHERE resource IS NOT NULL;"
        "CREATE INDEX event_refused ON event(outcome) WHERE outcome = 2;"
        "CREATE TABLE body(leaf INTEGER PRIMARY KEY, sealed BLOB NOT NULL) STRICT;"
        "CREATE TABLE span(block INTEGER PRIMARY KEY, earliest INTEGER NOT NULL, latest INTEGER NOT NULL) STRICT;"
        "INSERT INTO stream(id) VALUES (1), (2), (3), (4);");
    log->event = prepare(log, "INSERT INTO event(leaf, stream, seq, time, subject, resource, action, outcome, address, commitment)"
        " VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    log->body = prepare(log, "INSERT INTO body(leaf, sealed) VALUES(?, ?)");
    log->stream = prepare(log, "UPDATE stream SET mark = ?2, digest = ?3 WHERE id = ?1");
    log->subject = prepare(log, "INSERT INTO subject(id, name, key_id, wrapped_by, wrapped_key) VALUES(?, ?, ?, ?, ?)");
    log->span = prepare(log, "INSERT INTO span(block, earliest, latest) VALUES(?1, ?2, ?2)"
        " ON CONFLICT(block) DO UPDATE SET latest = excluded.latest");
}

/* A user's row, with their key, comes with their first event. */
static void meet(struct log *log, int user) {
    static unsigned char key[60];
    char name[40];
    if (log->known[user]) return;
    log->known[user] = 1;
    snprintf(name, sizeof name, "%08x-0000-4000-8000-%012x", user * 2654435761u, user);
    sqlite3_bind_int64(log->subject, 1, user);
    sqlite3_bind_text(log->subject, 2, name, -1, SQLITE_STATIC);
    sqlite3_bind_blob(log->subject, 3, key, 16, SQLITE_STATIC);
    sqlite3_bind_blob(log->subject, 4, key, 16, SQLITE_STATIC);
    sqlite3_bind_blob(log->subject, 5, key, sizeof key, SQLITE_STATIC);
    step(log, log->subject);
}

static void add(struct log *log, int users, int size) {
    static unsigned char sealed[65536];
    uint64_t commitment[4] = {next_random(), next_random(), next_random(), next_random()};
    int stream = next_random() % STREAMS, user = next_random() % users + 1;
    meet(log, user);
    memcpy(sealed, commitment, sizeof commitment);
    sqlite3_bind_int64(log->event, 1, log->leaf);
    sqlite3_bind_int64(log->event, 2, stream + 1);
    sqlite3_bind_int64(log->event, 3, ++log->seq[stream]);
    sqlite3_bind_int64(log->event, 4, ++clock_ms * 1000);
    sqlite3_bind_int64(log->event, 5, user);
    sqlite3_bind_int64(log->event, 6, clock_ms << 16 | 0x7000 | (next_random() & 0xfff));
    sqlite3_bind_int64(log->event, 7, 1);
    sqlite3_bind_int64(log->event, 8, 1);
    sqlite3_bind_int64(log->event, 9, commitment[0]);
    sqlite3_bind_blob(log->event, 10, commitment, sizeof commitment, SQLITE_STATIC);
    step(log, log->event);
    sqlite3_bind_int64(log->body, 1, log->leaf++);
    sqlite3_bind_blob(log->body, 2, sealed, size, SQLITE_STATIC);
    step(log, log->body);
}

static void finish(struct log *log) {
    static unsigned char digest[32];
    for (int i = 0; i < STREAMS; i++) {
        sqlite3_bind_int64(log->stream, 1, i + 1);
        sqlite3_bind_int64(log->stream, 2, log->seq[i]);
        sqlite3_bind_blob(log->stream, 3, digest, sizeof digest, SQLITE_STATIC);
        step(log, log->stream);
    }
    sqlite3_bind_int64(log->span, 1, (log->leaf - 1) / 256);
    sqlite3_bind_int64(log->span, 2, clock_ms * 1000);
    step(log, log->span);
}

int main(int argc, char **argv) {
    if (argc != 7) { fprintf(stderr, "usage: audit_rows FOLDER FILES USERS EVENTS BODY BATCH\n"); return 2; }
    int files = atoi(argv[2]), users = atoi(argv[3]), size = atoi(argv[5]), batch = atoi(argv[6]);
    long events = atol(argv[4]), stored = 0;
    struct log *logs = calloc(files, sizeof *logs);
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    clock_ms = t.tv_sec * 1000ull;
    if (!logs || size < 32 || size > 65536) return 2;
    for (int i = 0; i < files; i++) {
        char path[4096];
        snprintf(path, sizeof path, "%s/%d.sqlite", argv[1], i);
        open_log(&logs[i], path);
        if (!(logs[i].known = calloc(users + 1, 1))) return 2;
    }
    double start = now();
    while (stored < events)
        for (int i = 0; i < files && stored < events; i++) {
            run(&logs[i], "BEGIN IMMEDIATE");
            for (int n = 0; n < batch; n++, stored++) add(&logs[i], users, size);
            finish(&logs[i]);
            run(&logs[i], "COMMIT");
        }
    printf("%.0f\n", stored / (now() - start));
    for (int i = 0; i < files; i++) {
        sqlite3_finalize(logs[i].event); sqlite3_finalize(logs[i].body); sqlite3_finalize(logs[i].stream);
        sqlite3_finalize(logs[i].span); sqlite3_finalize(logs[i].subject);
        free(logs[i].known);
        sqlite3_close(logs[i].db);
    }
    free(logs);
    return 0;
}
