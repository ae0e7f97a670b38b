/* Sources: a file that is read where it lies, or a stream (a pipe, a compressed file) that is kept as far as it has
 * been asked for. */

#include "io/format.h"
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    FIRST = 64 << 10,
    SYSTEM_MOST = 1 << 30
};

sheaf_status io_source_open(struct io_source *s, const char *path, int fd, const unsigned char *head, size_t n,
                            sheaf_error *error)
{
    struct stat st;
    *s = (struct io_source){.path = path, .fd = fd, .size = UINT64_MAX, .packing = unpacker_recognise(head, n)};
    if (fstat(fd, &st) != 0)
        return io_failed(path, "reading its size", errno, error);
    if (!S_ISREG(st.st_mode) || s->packing)
        return unpacker_new(s->packing, path, fd, head, n, &s->stream, error);
    s->size = (uint64_t)st.st_size;
    return SHEAF_OK;
}

void io_source_close(struct io_source *s)
{
    unpacker_free(s->stream);
    io_buffer_free(&s->bytes);
    if (s->fd >= 0)
        close(s->fd);
    *s = (struct io_source){.fd = -1};
}

/* Have the first `need` bytes of a stream at hand, or all when it is shorter. The buffer at most doubles, so that it
 * never holds much more than what really came. */
static sheaf_status fetch(struct io_source *s, uint64_t need, sheaf_error *error)
{
    sheaf_status status = SHEAF_OK;
    while (status == SHEAF_OK && s->size == UINT64_MAX && s->got < need) {
        size_t more = 0, capacity = s->bytes.capacity;
        if (s->got == capacity)
            status = io_reserve(&s->bytes, capacity ? 2 * capacity : FIRST, s->got, s->path, error);
        if (status == SHEAF_OK)
            status = unpacker_read(s->stream, s->bytes.data + s->got, s->bytes.capacity - s->got, &more, error);
        s->got += more;
        if (status == SHEAF_OK && more == 0)
            s->size = s->got;
    }
    return status;
}

sheaf_status io_source_some(struct io_source *s, void *to, size_t n, uint64_t offset, size_t *got, sheaf_error *error)
{
    *got = 0;
    if (s->stream) {
        uint64_t end = offset + n < offset ? UINT64_MAX : offset + n;
        sheaf_status status = s->size == UINT64_MAX ? fetch(s, end, error) : SHEAF_OK;
        if (status || offset >= s->got)
            return status;
        *got = s->got - offset < n ? (size_t)(s->got - offset) : n;
        memcpy(to, s->bytes.data + offset, *got);
        return SHEAF_OK;
    }
    while (*got < n && offset + *got <= INT64_MAX) {
        size_t most = n - *got < SYSTEM_MOST ? n - *got : SYSTEM_MOST;
        ssize_t r = pread(s->fd, (char *)to + *got, most, (off_t)(offset + *got));
        if (r < 0 && errno == EINTR)
            continue;
        if (r < 0) {
            const int code = errno;
            s->transient = io_may_pass(code);
            return io_failed(s->path, "reading", code, error);
        }
        if (r == 0)
            break;
        *got += (size_t)r;
    }
    return SHEAF_OK;
}

sheaf_status io_source_read(struct io_source *s, void *to, size_t n, uint64_t offset, sheaf_error *error)
{
    char text[IO_SHOWN];
    size_t got;
    sheaf_status status = io_source_some(s, to, n, offset, &got, error);
    if (status || got == n)
        return status;
    return sheaf_error_set(error, SHEAF_FORMAT, "%s: the file ends at byte %llu, but data are declared up to byte %llu",
                           io_shown(s->path, text), (unsigned long long)(offset + got), (unsigned long long)offset + n);
}

sheaf_status io_source_size(struct io_source *s, uint64_t *size, sheaf_error *error)
{
    sheaf_status status = s->size == UINT64_MAX ? fetch(s, UINT64_MAX, error) : SHEAF_OK;
    *size = s->size;
    return status;
}
