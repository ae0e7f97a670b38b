#include "base/alloc.h"
#include "base/hash.h"
#include "io/io.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHUNK (1 << 18) /* bytes hashed at a time: part of what the hash is */

static void fill(const struct stat *st, struct io_identity *identity)
{
    *identity = (struct io_identity){st->st_dev, st->st_ino, (uint64_t)st->st_size,
                                     (int64_t)st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec};
}

/* As many of the n bytes from offset on as there are; -1: they cannot be read. */
static ssize_t read_chunk(int fd, unsigned char *to, size_t n, off_t offset)
{
    size_t got = 0;
    while (got < n) {
        const ssize_t more = pread(fd, to + got, n - got, offset + (off_t)got);
        if (more < 0 && errno == EINTR)
            continue;
        if (more < 0)
            return -1;
        if (more == 0)
            break;
        got += (size_t)more;
    }
    return (ssize_t)got;
}

bool io_identify_contents(int fd, struct io_identity *identity)
{
    struct stat st;
    if (fstat(fd, &st) != 0)
        return false;
    fill(&st, identity);
    if (!S_ISREG(st.st_mode))
        return true;
    unsigned char *chunk = mem_alloc(CHUNK);
    uint64_t size = 0, hash = 0;
    ssize_t n = -1;
    while (chunk && (n = read_chunk(fd, chunk, CHUNK, (off_t)size)) > 0) {
        hash = hash_bytes(chunk, (size_t)n, hash);
        size += (uint64_t)n;
    }
    mem_free(chunk);
    *identity = (struct io_identity){.size = size, .mtime_ns = (int64_t)hash};
    return n == 0;
}

static bool identify_contents(const char *path, struct io_identity *identity)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* nobody may ever write to a pipe */
    const bool known = fd >= 0 && io_identify_contents(fd, identity);
    if (fd >= 0)
        close(fd);
    return known;
}

bool io_identify(const char *path, bool contents, struct io_identity *identity)
{
    struct stat st;
    char file[PATH_MAX];
    const size_t n = io_file_length(path);
    if (path[n]) { /* then FILE is shorter than PATH_MAX */
        memcpy(file, path, n);
        file[n] = '\0';
        path = file;
    }
    if (contents)
        return identify_contents(path, identity);
    if (stat(path, &st) != 0)
        return false;
    fill(&st, identity);
    return true;
}

bool io_identify_open(int fd, struct io_identity *identity)
{
    struct stat st;
    if (fstat(fd, &st) != 0)
        return false;
    fill(&st, identity);
    return true;
}

bool io_same(const struct io_identity *a, const struct io_identity *b)
{
    return a->device == b->device && a->inode == b->inode && a->size == b->size && a->mtime_ns == b->mtime_ns;
}
