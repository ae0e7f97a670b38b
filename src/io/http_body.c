/* What was fetched: a file in memory, or one on disk that has no name. */

#include "base/pool.h"
#include "io/http.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum {
    STEP = 256 << 10, /* memory is taken in steps where nobody told how much it is going to be */
    COPY = 1 << 20
};

static const char *disk(void)
{
    const char *directory = getenv("TMPDIR");
    return directory && *directory == '/' ? directory : access("/var/tmp", W_OK) == 0 ? "/var/tmp" : "/tmp";
}

uint64_t http_disk_free(void)
{
    struct statvfs fs;
    return statvfs(disk(), &fs) == 0 ? (uint64_t)fs.f_bavail * fs.f_frsize : 0;
}

static bool take(struct http_memory *m, uint64_t bytes)
{
    uint64_t held = atomic_load(&m->held), peak;
    do {
        if (held > m->limit || bytes > m->limit - held)
            return false;
    } while (!atomic_compare_exchange_weak(&m->held, &held, held + bytes));
    peak = atomic_load(&m->peak);
    while (held + bytes > peak && !atomic_compare_exchange_weak(&m->peak, &peak, held + bytes))
        ;
    return true;
}

static int nameless_file(void)
{
    char path[4096];
    int fd = open(disk(), O_TMPFILE | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
    if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL))
        return fd;
    /* The file system knows no files without a name: this one loses it at once. */
    if (snprintf(path, sizeof path, "%s/sheaf-XXXXXX", disk()) >= (int)sizeof path)
        return -1;
    fd = mkostemp(path, O_CLOEXEC);
    if (fd >= 0)
        unlink(path);
    return fd;
}

static sheaf_status failed(const char *name, const char *action, sheaf_error *error)
{
    const int code = errno;
    char text[IO_SHOWN];
    if (code == ENOSPC || code == EDQUOT)
        return sheaf_error_set(error, SHEAF_IO,
                               "%s: %s is full, where downloads are put that --memory does not hold; make room there, "
                               "or name another directory in TMPDIR",
                               io_shown(name, text), disk());
    return io_failed(name, action, code, error);
}

static sheaf_status write_all(int fd, const void *data, size_t n, uint64_t at, const char *name, sheaf_error *error)
{
    for (const char *from = data; n > 0;) {
        ssize_t w = pwrite(fd, from, n, (off_t)at);
        if (w < 0 && errno == EINTR)
            continue;
        if (w <= 0)
            return failed(name, "keeping what was downloaded", error);
        from += w;
        at += (uint64_t)w;
        n -= (size_t)w;
    }
    return SHEAF_OK;
}

static void give_memory(struct http_body *b)
{
    if (b->memory)
        atomic_fetch_sub(&b->memory->held, b->held);
    b->memory = NULL;
    b->held = 0;
}

sheaf_status http_body_begin(struct http_body *b, struct http_memory *memory, uint64_t expected, const char *name,
                             sheaf_error *error)
{
    const uint64_t first = expected == UINT64_MAX ? STEP : expected;
    http_body_close(b);
    if (take(memory, first)) {
        b->memory = memory;
        b->held = first;
        b->fd = memfd_create("sheaf download", MFD_CLOEXEC);
    } else {
        b->fd = nameless_file();
    }
    return b->fd >= 0 ? SHEAF_OK : failed(name, "making room for a download", error);
}

/* Go on on disk. */
static sheaf_status spill(struct http_body *b, const char *name, sheaf_error *error)
{
    sheaf_status status = SHEAF_OK;
    int fd = nameless_file();
    unsigned char *copy = pool_get(COPY);
    if (fd < 0)
        status = failed(name, "making room for a download", error);
    else if (!copy)
        status = io_no_memory(name, COPY, error);
    for (uint64_t at = 0; at < b->size && status == SHEAF_OK;) {
        const ssize_t n = pread(b->fd, copy, COPY, (off_t)at);
        if (n <= 0 && errno != EINTR)
            status = failed(name, "moving a download to the disk", error);
        else if (n > 0)
            status = write_all(fd, copy, (size_t)n, at, name, error);
        at += n > 0 ? (uint64_t)n : 0;
    }
    pool_put(copy, COPY);
    if (status) {
        if (fd >= 0)
            close(fd);
        return status;
    }
    close(b->fd);
    b->fd = fd;
    give_memory(b);
    return SHEAF_OK;
}

sheaf_status http_body_add(struct http_body *b, const void *data, size_t n, const char *name, sheaf_error *error)
{
    sheaf_status status = SHEAF_OK;
    const uint64_t end = b->size + n;
    if (b->memory && end > b->held) {
        /* Half as much again: whoever sends without end asks seldom. */
        const uint64_t more = end - b->held + (b->held / 2 > STEP ? b->held / 2 : STEP);
        if (take(b->memory, more))
            b->held += more;
        else
            status = spill(b, name, error);
    }
    if (status == SHEAF_OK)
        status = write_all(b->fd, data, n, b->size, name, error);
    if (status == SHEAF_OK)
        b->size = end;
    return status;
}

void http_body_close(struct http_body *b)
{
    if (b->cached.temporary)
        io_discard(&b->cached); /* its descriptor is this one */
    else if (b->fd >= 0)
        close(b->fd);
    give_memory(b);
    *b = (struct http_body)HTTP_NO_BODY;
}
