/* Preloaded into the command: kills it with SIGKILL at its k-th call that changes something on disk.
 *
 *   KILL_AT=k   k = 2 n: before the n-th such call; k = 2 n + 1: behind it. 0 or unset: never
 *
 * Programs that the command starts are left alone. Time is what the test makes it: it stands still, but for a second at
 * every array that is opened, so that the journal is written as often as it can be. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

static atomic_long calls;
static atomic_long seconds = 1000000;
static long moment;

__attribute__((constructor)) static void start(void)
{
    const char *at = getenv("KILL_AT");
    moment = at && strcmp(program_invocation_short_name, "sheaf") == 0 ? atol(at) : 0;
}

static void die_at(long now)
{
    if (moment && now == moment)
        kill(getpid(), SIGKILL);
}

/* The real function, called between the moment before it and the moment behind it. */
#define CALL(type, name, parameters, arguments)            \
    type name parameters                                   \
    {                                                      \
        static type(*real) parameters;                     \
        if (!real)                                         \
            *(void **)&real = dlsym(RTLD_NEXT, #name);     \
        const long call = atomic_fetch_add(&calls, 1) + 1; \
        die_at(2 * call);                                  \
        type result = real arguments;                      \
        die_at(2 * call + 1);                              \
        return result;                                     \
    }

CALL(ssize_t, pwrite, (int fd, const void *data, size_t n, off_t at), (fd, data, n, at))
CALL(ssize_t, pwrite64, (int fd, const void *data, size_t n, off64_t at), (fd, data, n, at))
CALL(ssize_t, writev, (int fd, const struct iovec *pieces, int n), (fd, pieces, n))
CALL(ssize_t, copy_file_range, (int from, off64_t *a, int to, off64_t *b, size_t n, unsigned flags),
     (from, a, to, b, n, flags))
CALL(int, rename, (const char *from, const char *to), (from, to))
CALL(int, unlink, (const char *path), (path))
CALL(int, mkdir, (const char *path, mode_t mode), (path, mode))
CALL(int, ftruncate, (int fd, off_t size), (fd, size))
CALL(int, ftruncate64, (int fd, off64_t size), (fd, size))
CALL(int, fallocate, (int fd, int mode, off_t at, off_t size), (fd, mode, at, size))
CALL(int, fallocate64, (int fd, int mode, off64_t at, off64_t size), (fd, mode, at, size))
CALL(int, fsync, (int fd), (fd))
CALL(int, fdatasync, (int fd), (fd))
CALL(int, syncfs, (int fd), (fd))

/* Of writes those to files: messages change nothing. */
ssize_t write(int fd, const void *data, size_t n)
{
    static ssize_t (*real)(int, const void *, size_t);
    if (!real)
        *(void **)&real = dlsym(RTLD_NEXT, "write");
    if (fd <= STDERR_FILENO)
        return real(fd, data, n);
    const long call = atomic_fetch_add(&calls, 1) + 1;
    die_at(2 * call);
    ssize_t result = real(fd, data, n);
    die_at(2 * call + 1);
    return result;
}

int open(const char *path, int flags, ...)
{
    static int (*real)(const char *, int, ...);
    if (!real)
        *(void **)&real = dlsym(RTLD_NEXT, "open");
    va_list arguments;
    va_start(arguments, flags);
    const mode_t mode = flags & O_CREAT ? (mode_t)va_arg(arguments, int) : 0;
    va_end(arguments);
    const size_t n = strlen(path);
    if (!(flags & O_CREAT)) {
        if (n > 4 && strcmp(path + n - 4, ".npy") == 0)
            atomic_fetch_add(&seconds, 1);
        return real(path, flags, mode);
    }
    const long call = atomic_fetch_add(&calls, 1) + 1;
    die_at(2 * call);
    int fd = real(path, flags, mode);
    die_at(2 * call + 1);
    return fd;
}

int clock_gettime(clockid_t clock, struct timespec *t)
{
    static int (*real)(clockid_t, struct timespec *);
    if (!real)
        *(void **)&real = dlsym(RTLD_NEXT, "clock_gettime");
    if (clock != CLOCK_MONOTONIC)
        return real(clock, t);
    *t = (struct timespec){atomic_load(&seconds), 0};
    return 0;
}
