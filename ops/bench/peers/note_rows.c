/* The peer of the bench `durable_write_vs_sqlite`: what a plain C program does that commits each note and its event by itself.
 *
 *   note_rows FILE USERS PRELOAD SECONDS BODY EVENT
 *
 * Tables and indexes are those of Sources/Services/Notes/Store/NoteSchema.swift, the page cache and the checkpoints are the service's; WAL,
 * synchronous = FULL. Preloads PRELOAD notes of USERS users, then commits one note of BODY bytes and one outbox row of EVENT bytes at a time for SECONDS, and prints commits per second. */
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static sqlite3 *db;
static sqlite3_stmt *note, *outbox;
static uint64_t seed = 88172645463325252u;
static int body_size, event_size;

static uint64_t next_random(void) { seed ^= seed << 13; seed ^= seed >> 7; return seed ^= seed << 17; }
static double now(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return t.tv_sec + t.tv_nsec / 1e9; }
static void check(int code) {
    if (code != SQLITE_OK && code != SQLITE_DONE && code != SQLITE_ROW) { fprintf(stderr, "note_rows: %s\n", sqlite3_errmsg(db)); exit(1); }
}
static void run(const char *sql) { check(sqlite3_exec(db, sql, 0, 0, 0)); }
static sqlite3_stmt *prepare(const char *sql) { sqlite3_stmt *s; check(sqlite3_prepare_v2(db, sql, -1, &s, 0)); return s; }
static void step(sqlite3_stmt *s) { check(sqlite3_step(s)); check(sqlite3_reset(s)); }

static void add(int users) {
    static unsigned char id[16], title[64], body[65536], event[65536];
    struct timespec t; clock_gettime(CLOCK_REALTIME, &t);
    uint64_t ms = t.tv_sec * 1000ull + t.tv_nsec / 1000000, random = next_random();
    for (int i = 0; i < 6; i++) id[i] = ms >> (40 - 8 * i);
    memcpy(id + 6, &random, 8); random = next_random(); memcpy(id + 14, &random, 2);
    int user = random % users + 1;
    memcpy(body, &random, 8); memcpy(event, &random, 8);
    sqlite3_bind_int64(note, 1, user);
    sqlite3_bind_blob(note, 2, id, 16, SQLITE_STATIC);
    sqlite3_bind_int64(note, 3, ms);
    sqlite3_bind_blob(note, 4, title, sizeof title, SQLITE_STATIC);
    sqlite3_bind_blob(note, 5, body, body_size, SQLITE_STATIC);
    step(note);
    sqlite3_bind_blob(outbox, 1, event, event_size, SQLITE_STATIC);
    step(outbox);
}

int main(int argc, char **argv) {
    if (argc != 7) { fprintf(stderr, "usage: note_rows FILE USERS PRELOAD SECONDS BODY EVENT\n"); return 2; }
    int users = atoi(argv[2]), preload = atoi(argv[3]);
    double seconds = atof(argv[4]);
    body_size = atoi(argv[5]); event_size = atoi(argv[6]);
    check(sqlite3_open(argv[1], &db));
    run("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -4096; PRAGMA wal_autocheckpoint = 2000;"
        "CREATE TABLE IF NOT EXISTS user(id INTEGER PRIMARY KEY, user_id TEXT NOT NULL UNIQUE, key_id BLOB, wrapped_by BLOB, wrapped_key BLOB) STRICT;"
        "CREATE TABLE IF NOT EXISTS note(id INTEGER PRIMARY KEY, user INTEGER NOT NULL, note_id BLOB NOT NULL, version INTEGER NOT NULL,"
        " created INTEGER NOT NULL, changed INTEGER NOT NULL, title BLOB NOT NULL, content BLOB NOT NULL) STRICT;"
        "CREATE UNIQUE INDEX IF NOT EXISTS note_of_user ON note(user, note_id);"
        "CREATE TABLE IF NOT EXISTS outbox(position INTEGER PRIMARY KEY, event BLOB NOT NULL) STRICT;");
    note = prepare("INSERT INTO note(user, note_id, version, created, changed, title, content) VALUES (?1, ?2, 1, ?3, ?3, ?4, ?5)");
    outbox = prepare("INSERT INTO outbox(event) VALUES (?1)");
    run("BEGIN");
    sqlite3_stmt *user = prepare("INSERT OR IGNORE INTO user(id, user_id) VALUES (?1, ?2)");
    for (int i = 1; i <= users; i++) {
        char name[40];
        snprintf(name, sizeof name, "%08x-0000-4000-8000-%012x", i * 2654435761u, i);
        sqlite3_bind_int(user, 1, i);
        sqlite3_bind_text(user, 2, name, -1, SQLITE_STATIC);
        step(user);
    }
    sqlite3_finalize(user);
    for (int i = 0; i < preload; i++) add(users);
    run("COMMIT; PRAGMA wal_checkpoint(TRUNCATE);");
    long commits = 0;
    double start = now(), end = start + seconds;
    while (now() < end) { run("BEGIN IMMEDIATE"); add(users); run("COMMIT"); commits++; }
    printf("%.0f\n", commits / (now() - start));
    sqlite3_finalize(note); sqlite3_finalize(outbox);
    return sqlite3_close(db);
}
