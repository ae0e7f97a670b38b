/* Files in memory. The parent writes and reads them by pwrite and pread, never through a mapping: whatever a worker
 * does to them, no signal can come of it. */

#include "worker/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
    SYSTEM_MOST = 1 << 30
};

int worker_memory(const char *name)
{
    int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd >= 0 && fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_SEAL) != 0) {
        close(fd);
        fd = -1;
    }
    return fd;
}

bool worker_write(int fd, const void *data, size_t n, uint64_t offset)
{
    for (const char *at = data; n > 0;) {
        ssize_t w = pwrite(fd, at, n < SYSTEM_MOST ? n : SYSTEM_MOST, (off_t)offset);
        if (w < 0 && errno == EINTR)
            continue;
        if (w <= 0)
            return false;
        at += w;
        offset += (uint64_t)w;
        n -= (size_t)w;
    }
    return true;
}

bool worker_read(int fd, void *data, size_t n, uint64_t offset)
{
    for (char *at = data; n > 0;) {
        ssize_t r = pread(fd, at, n < SYSTEM_MOST ? n : SYSTEM_MOST, (off_t)offset);
        if (r < 0 && errno == EINTR)
            continue;
        if (r == 0)
            errno = ENODATA;
        if (r <= 0)
            return false;
        at += r;
        offset += (uint64_t)r;
        n -= (size_t)r;
    }
    return true;
}
