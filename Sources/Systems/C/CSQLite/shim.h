#pragma once
#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

// SQLite makes files readable for all; one that is there already keeps its mode, and its log gets the same.
static inline void strongroom_sqlite_make_private(const char *path) {
    int descriptor = open(path, O_CREAT | O_EXCL | O_CLOEXEC | O_RDWR, 0600);
    if (descriptor >= 0) close(descriptor);
}

// sqlite3_config and sqlite3_db_config are variadic, and SQLITE_TRANSIENT is a cast macro: Swift imports none of them.

static inline int strongroom_sqlite_configure(void) { return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); }

static inline int strongroom_sqlite_db_config(sqlite3 *db, int option, int on) {
    return sqlite3_db_config(db, option, on, (int *)0);
}

static inline int strongroom_sqlite_bind_blob(sqlite3_stmt *statement, int index, const void *bytes, sqlite3_uint64 count) {
    // A null pointer would bind NULL; an empty blob is not NULL.
    return count == 0 ? sqlite3_bind_zeroblob(statement, index, 0)
                      : sqlite3_bind_blob64(statement, index, bytes, count, SQLITE_TRANSIENT);
}

static inline int strongroom_sqlite_bind_text(sqlite3_stmt *statement, int index, const char *bytes, sqlite3_uint64 count) {
    return sqlite3_bind_text64(statement, index, bytes ? bytes : "", count, SQLITE_TRANSIENT, SQLITE_UTF8);
}
