// What Glibc's Swift module leaves out: variadic calls, macros and the environment's array.
#pragma once
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

/* Variadic. */
static inline int strongroom_descriptor_flags(int descriptor) { return fcntl(descriptor, F_GETFD); }

static inline char **strongroom_environ(void) { return environ; }

static inline int strongroom_set_thread_name(const char *name) { return prctl(PR_SET_NAME, name, 0, 0, 0); }

static inline int strongroom_open(const char *path, int flags, unsigned mode) {
    return open(path, flags | O_CLOEXEC, (mode_t)mode);
}

static inline int strongroom_limit_get(int which, uint64_t *soft, uint64_t *hard) {
    struct rlimit limit;
    if (getrlimit(which, &limit) != 0) return -1;
    *soft = limit.rlim_cur;
    *hard = limit.rlim_max;
    return 0;
}

static inline int strongroom_limit_set(int which, uint64_t soft, uint64_t hard) {
    struct rlimit limit = {.rlim_cur = soft, .rlim_max = hard};
    return setrlimit(which, &limit);
}

// 1 where the process was started with the signal ignored, as nohup does it.
static inline int strongroom_is_ignored(int number) {
    struct sigaction action;
    return sigaction(number, 0, &action) == 0 && !(action.sa_flags & SA_SIGINFO) && action.sa_handler == SIG_IGN;
}

// `handler` runs on whichever thread the kernel picks; SA_RESTART keeps blocking calls of other code undisturbed.
static inline int strongroom_on_signal(int number, void (*handler)(int)) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = handler;
    action.sa_flags = SA_RESTART;
    sigemptyset(&action.sa_mask);
    return sigaction(number, &action, 0);
}

static inline int strongroom_ignore_signal(int number) {
    return signal(number, SIG_IGN) == SIG_ERR ? -1 : 0;
}
