#include "io/io.h"

#include <limits.h>
#include <string.h>
#include <sys/stat.h>

static void fill(const struct stat *st, struct io_identity *identity)
{
    *identity = (struct io_identity){st->st_dev, st->st_ino, (uint64_t)st->st_size,
                                     (int64_t)st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec};
}

bool io_identify(const char *path, struct io_identity *identity)
{
    struct stat st;
    char file[PATH_MAX];
    const size_t n = io_file_length(path);
    if (path[n]) { /* then FILE is shorter than PATH_MAX */
        memcpy(file, path, n);
        file[n] = '\0';
        path = file;
    }
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
