#pragma once
#include <sys/prctl.h>
#include <uv.h>

/* Variadic, so not importable as it is. */
static inline void thread_set_name(const char *name) { prctl(PR_SET_NAME, name); }
