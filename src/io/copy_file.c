#include "base/pool.h"
#include "io/io.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

enum {
    PIECE = 1 << 20
};

/* By the kernel, which may share the blocks; false where it cannot, with errno. */
static bool copy_inside(int from, int to)
{
    ssize_t r;
    do
        r = copy_file_range(from, NULL, to, NULL, (size_t)1 << 30, 0);
    while (r > 0 || (r < 0 && errno == EINTR));
    return r == 0;
}

static sheaf_status copy_through(const char *path, int from, struct io_output *out, sheaf_error *error)
{
    sheaf_status status = SHEAF_OK;
    uint64_t at = 0;
    ssize_t r;
    char *piece = pool_get(PIECE);
    if (!piece)
        return io_no_memory(path, PIECE, error);
    do {
        r = pread(from, piece, PIECE, (off_t)at);
        if (r < 0 && errno != EINTR)
            status = io_failed(path, "reading", errno, error);
        if (r > 0)
            status = io_write_at(out, piece, (size_t)r, at, error);
        at += r > 0 ? (uint64_t)r : 0;
    } while (status == SHEAF_OK && r != 0);
    pool_put(piece, PIECE);
    return status;
}

sheaf_status io_copy(const char *path, struct io_output *out, bool sync, sheaf_error *error)
{
    sheaf_status status = SHEAF_OK;
    int r, from = io_open_file(path, O_RDONLY | O_CLOEXEC);
    if (from < 0)
        return io_failed(path, "opening", errno, error);
    do
        r = ftruncate(out->fd, 0);
    while (r != 0 && errno == EINTR);
    if (r != 0)
        status = io_failed(out->path, "copying it", errno, error);
    else if (!copy_inside(from, out->fd))
        status = copy_through(path, from, out, error);
    close(from);
    return status == SHEAF_OK && sync ? io_sync(out, error) : status;
}
