/* Preloaded into the command, or into the program that DISTURB_PROGRAM names, to disturb it:
 *
 *   KILL_AT=k     SIGKILL at its k-th moment: k = 2 n is before the n-th call that changes something on disk, k = 2 n +
 * 1 behind it; 0 or unset: never FAIL_AT=k FAIL_CALL=pwrite FAIL_WITH=ENOSPC the k-th call of this name that the
 * program's own code makes fails so (EINTR, EIO, …), or moves but half of the bytes (short); `malloc` is every way to
 * allocate SIGNALS=NUMBER@MICROSECONDS[,…]   these signals, so long after its start DISTURB_TOLD=FILE   holds, at the
 * end, how many calls of FAIL_CALL there were; at a failure, which one that was DISTURB_CLOCK=real  else time stands
 * still, but for a second at every array that is opened, so that the journal is written as often as it can be
 *
 * Programs that the command starts are left alone. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum {
    SHORT = -1 /* beside the numbers of errors: half of the bytes */
};

static atomic_long calls;
static atomic_long seconds = 1000000;
static long moment;
static int real_clock;
static struct {
    const char *call, *told;
    long at;
    int with;
    atomic_long calls;
} fault;
static struct {
    uintptr_t begin, end;
} program; /* its code */

static long number(const char *name)
{
    const char *text = getenv(name);
    return text ? atol(text) : 0;
}

static void tell(long n)
{
    char line[32];
    if (!fault.told)
        return;
    int length = snprintf(line, sizeof line, "%ld\n", n);
    int fd = (int)syscall(SYS_openat, AT_FDCWD, fault.told, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    syscall(SYS_write, fd, line, (size_t)length);
    syscall(SYS_close, fd);
}

/* The program comes first. */
static int find_code(struct dl_phdr_info *info, size_t size, void *unused)
{
    (void)size, (void)unused;
    for (int k = 0; k < info->dlpi_phnum; k++) {
        const ElfW(Phdr) *part = &info->dlpi_phdr[k];
        if (part->p_type == PT_LOAD && part->p_flags & PF_X) {
            program.begin = info->dlpi_addr + part->p_vaddr;
            program.end = program.begin + part->p_memsz;
        }
    }
    return 1;
}

static int fault_named(const char *name)
{
    static const struct {
        const char *name;
        int with;
    } all[] = {{"ENOMEM", ENOMEM}, {"EIO", EIO},       {"ENOSPC", ENOSPC},
               {"EINTR", EINTR},   {"EMFILE", EMFILE}, {"short", SHORT}};
    for (size_t k = 0; k < sizeof all / sizeof *all; k++)
        if (strcmp(all[k].name, name) == 0)
            return all[k].with;
    fprintf(stderr, "disturb: FAIL_WITH=%s is unknown\n", name);
    abort();
}

static void send_later(int signal, long microseconds)
{
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = signal};
    struct itimerspec when = {.it_value = {microseconds / 1000000, microseconds % 1000000 * 1000 + 1}};
    timer_t timer;
    if (timer_create(CLOCK_MONOTONIC, &event, &timer) != 0 || timer_settime(timer, 0, &when, NULL) != 0)
        abort();
}

__attribute__((constructor)) static void start(void)
{
    const char *name = getenv("DISTURB_PROGRAM"), *clock = getenv("DISTURB_CLOCK"), *with = getenv("FAIL_WITH"),
               *at = getenv("SIGNALS");
    if (strcmp(program_invocation_short_name, name ? name : "sheaf") != 0)
        return;
    moment = number("KILL_AT");
    real_clock = clock && strcmp(clock, "real") == 0;
    fault.at = number("FAIL_AT");
    fault.call = getenv("FAIL_CALL");
    fault.told = getenv("DISTURB_TOLD");
    fault.with = with ? fault_named(with) : 0;
    if (fault.call)
        dl_iterate_phdr(find_code, NULL);
    for (; at; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL) {
        const char *after = strchr(at, '@');
        signal(atoi(at), SIG_DFL); /* whatever the script that started us ignores */
        send_later(atoi(at), after ? atol(after + 1) : 0);
    }
}

__attribute__((destructor)) static void stop(void)
{
    if (fault.call && !fault.at)
        tell(atomic_load(&fault.calls));
}

static void die_at(long now)
{
    if (moment && now == moment)
        kill(getpid(), SIGKILL);
}

/* What is to become of this call, made at this place: 0, the number of an error, or SHORT. */
static int fails(const char *name, const void *from)
{
    if (!program.end || (uintptr_t)from < program.begin || (uintptr_t)from >= program.end ||
        strcmp(name, fault.call) != 0 || atomic_fetch_add(&fault.calls, 1) + 1 != fault.at)
        return 0;
    tell(fault.at);
    return fault.with;
}

#define FIND(name)                                     \
    do {                                               \
        if (!real)                                     \
            *(void **)&real = dlsym(RTLD_NEXT, #name); \
    } while (0)

/* `half` is what a short call is made with. */
#define FAIL_OR(name, half)                                         \
    do {                                                            \
        const int with = fails(#name, __builtin_return_address(0)); \
        if (with > 0) {                                             \
            errno = with;                                           \
            return -1;                                              \
        }                                                           \
        if (with == SHORT)                                          \
            half;                                                   \
    } while (0)

/* The real function, called between the moment before it and the moment behind it. */
#define CHANGES(type, name, parameters, arguments, half)   \
    type name parameters                                   \
    {                                                      \
        static type(*real) parameters;                     \
        FIND(name);                                        \
        FAIL_OR(name, half);                               \
        const long call = atomic_fetch_add(&calls, 1) + 1; \
        die_at(2 * call);                                  \
        type result = real arguments;                      \
        die_at(2 * call + 1);                              \
        return result;                                     \
    }

#define WHOLE ((void)0)
#define HALF (n = (n + 1) / 2)

CHANGES(ssize_t, pwrite, (int fd, const void *data, size_t n, off_t at), (fd, data, n, at), HALF)
CHANGES(ssize_t, writev, (int fd, const struct iovec *pieces, int n), (fd, pieces, n), HALF)
CHANGES(ssize_t, copy_file_range, (int from, off64_t *a, int to, off64_t *b, size_t n, unsigned flags),
        (from, a, to, b, n, flags), HALF)
CHANGES(int, rename, (const char *from, const char *to), (from, to), WHOLE)
CHANGES(int, unlink, (const char *path), (path), WHOLE)
CHANGES(int, mkdir, (const char *path, mode_t mode), (path, mode), WHOLE)
CHANGES(int, ftruncate, (int fd, off_t size), (fd, size), WHOLE)
CHANGES(int, fallocate, (int fd, int mode, off_t at, off_t size), (fd, mode, at, size), WHOLE)
CHANGES(int, fsync, (int fd), (fd), WHOLE)
CHANGES(int, fdatasync, (int fd), (fd), WHOLE)
CHANGES(int, syncfs, (int fd), (fd), WHOLE)

/* Of writes those to files: messages change nothing, and only their loss on standard output matters. */
ssize_t write(int fd, const void *data, size_t n)
{
    static ssize_t (*real)(int, const void *, size_t);
    FIND(write);
    if (fd != STDERR_FILENO)
        FAIL_OR(write, HALF);
    if (fd <= STDERR_FILENO)
        return real(fd, data, n);
    const long call = atomic_fetch_add(&calls, 1) + 1;
    die_at(2 * call);
    ssize_t result = real(fd, data, n);
    die_at(2 * call + 1);
    return result;
}

ssize_t read(int fd, void *data, size_t n)
{
    static ssize_t (*real)(int, void *, size_t);
    FIND(read);
    FAIL_OR(read, HALF);
    return real(fd, data, n);
}

ssize_t pread(int fd, void *data, size_t n, off_t at)
{
    static ssize_t (*real)(int, void *, size_t, off_t);
    FIND(pread);
    FAIL_OR(pread, HALF);
    return real(fd, data, n, at);
}

/* A close that fails has closed the file: so it is on Linux. */
int close(int fd)
{
    static int (*real)(int);
    FIND(close);
    int result = real(fd);
    FAIL_OR(close, WHOLE);
    return result;
}

int open(const char *path, int flags, ...)
{
    static int (*real)(const char *, int, ...);
    FIND(open);
    FAIL_OR(open, WHOLE);
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
    FIND(clock_gettime);
    if (clock != CLOCK_MONOTONIC || real_clock)
        return real(clock, t);
    *t = (struct timespec){atomic_load(&seconds), 0};
    return 0;
}

/* The C library's own names: looking up the real ones would allocate. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);

static int refused(const void *from)
{
    if (!fails("malloc", from))
        return 0;
    errno = ENOMEM;
    return 1;
}

void *malloc(size_t size)
{
    return refused(__builtin_return_address(0)) ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    return refused(__builtin_return_address(0)) ? NULL : __libc_calloc(count, size);
}

void *realloc(void *old, size_t size)
{
    return refused(__builtin_return_address(0)) ? NULL : __libc_realloc(old, size);
}

int posix_memalign(void **out, size_t alignment, size_t size)
{
    static int (*real)(void **, size_t, size_t);
    FIND(posix_memalign);
    return refused(__builtin_return_address(0)) ? ENOMEM : real(out, alignment, size);
}
