#pragma once
#include <sys/prctl.h>
#include <sys/socket.h>
#include <uv.h>

/* Variadic, so not importable as it is. */
static inline void thread_set_name(const char *name) { prctl(PR_SET_NAME, name); }

/* glibc declares it for _GNU_SOURCE only, which a module can't define for itself. */
extern int accept4(int fd, struct sockaddr *address, socklen_t *length, int flags);

/* Swift's runtime's own, which Swift code may not name: the task that calls, NULL outside of one. */
extern void *swift_task_getCurrent(void) __attribute__((swiftcall));
static inline void *current_task(void) { return swift_task_getCurrent(); }
