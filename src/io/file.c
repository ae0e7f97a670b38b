/* Output that appears whole or not at all: a temporary file in the same directory, then rename. */

#include "base/alloc.h"
#include "base/clock.h"
#include "io/io.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/uio.h>
#include <unistd.h>

#ifndef NAME_MAX
#define NAME_MAX 255
#endif

enum {
    SYSTEM_MOST = 1 << 30,
    TRIES = 100
};

static const char mark[] = ".sheaf-";

int io_open_file(const char *path, int flags)
{
    int fd;
    do
        fd = open(path, flags, 0666);
    while (fd < 0 && errno == EINTR);
    return fd;
}

/* A failed sync is never retried: the kernel may have dropped the pages, and a second call would say all is well. One
 * that a signal has interrupted has not been done. */
static int sync_file(int (*sync)(int), int fd)
{
    int r;
    do
        r = sync(fd);
    while (r != 0 && errno == EINTR);
    return r;
}

static int rename_file(const char *from, const char *to)
{
    int r;
    do
        r = rename(from, to);
    while (r != 0 && errno == EINTR);
    return r;
}

/* The directory part of path, "." when it has none; mem_alloc'ed. */
static char *directory_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (!slash)
        return mem_strdup(".");
    size_t n = slash == path ? 1 : (size_t)(slash - path);
    char *directory = mem_alloc(n + 1);
    if (directory) {
        memcpy(directory, path, n);
        directory[n] = '\0';
    }
    return directory;
}

/* A failed write, resize, sync or close, in words that say what to do. */
static sheaf_status write_failed(const struct io_output *out, uint64_t n, int code, sheaf_error *error)
{
    char text[IO_SHOWN], room[64] = "";
    const char *shown = io_shown(out->path, text);
    struct statvfs fs;
    if (out->fd >= 0 && fstatvfs(out->fd, &fs) == 0)
        snprintf(room, sizeof room, " (%llu are free)", (unsigned long long)fs.f_bavail * fs.f_frsize);
    unsigned long long bytes = n;
    if (code == ENOSPC)
        return sheaf_error_set(error, SHEAF_IO,
                               "%s: the disk is full: %llu bytes were still to be written%s; free some space or write "
                               "elsewhere",
                               shown, bytes, room);
    if (code == EDQUOT)
        return sheaf_error_set(error, SHEAF_IO,
                               "%s: your disk quota is full: %llu bytes were still to be written; free some space or "
                               "write elsewhere",
                               shown, bytes);
    if (code == EFBIG)
        return sheaf_error_set(
            error, SHEAF_IO,
            "%s: the file grew larger than allowed here (see ulimit -f, or the file system's limit): "
            "%llu bytes were still to be written",
            shown, bytes);
    return io_failed(out->path, "writing", code, error);
}

/* The name that is really to be written: path, or what it links to. Refuses what a rename must not replace. */
static sheaf_status resolve(const char *path, char **out, sheaf_error *error)
{
    struct stat st;
    char shown[IO_SHOWN], *target = NULL;
    size_t n = strlen(path);
    *out = NULL;
    if (n == 0)
        return sheaf_error_set(error, SHEAF_INVALID, "the output's name is empty");
    if (path[n - 1] == '/')
        return sheaf_error_set(error, SHEAF_IO, "%s: is a directory, not a file", io_shown(path, shown));
    if (lstat(path, &st) == 0) {
        if (S_ISLNK(st.st_mode) && (target = realpath(path, NULL)) && stat(target, &st) != 0)
            st.st_mode = S_IFREG;
        if (S_ISDIR(st.st_mode) || !(S_ISREG(st.st_mode) || S_ISLNK(st.st_mode))) {
            free(target);
            return sheaf_error_set(error, SHEAF_IO, "%s: is %s, not a file", io_shown(path, shown),
                                   S_ISDIR(st.st_mode) ? "a directory" : "a device or a pipe");
        }
    }
    *out = mem_strdup(target ? target : path);
    free(target);
    return *out ? SHEAF_OK : io_no_memory(path, n, error);
}

/* The template DIR/.NAME.sheaf-XXXXXX, NAME cut so that the whole is a legal file name. *suffix is where XXXXXX is. */
static char *temporary_name(const char *path, char **suffix)
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    size_t directory = (size_t)(name - path), n = strlen(name), most = NAME_MAX - 1 - (sizeof mark - 1) - IO_SUFFIX;
    if (directory < PATH_MAX - 1 && PATH_MAX - 1 - directory < NAME_MAX) /* nor may the path grow too long */
        most = PATH_MAX - 1 - directory > NAME_MAX - most ? PATH_MAX - 1 - directory - (NAME_MAX - most) : 0;
    if (n > most) {
        n = most;
        while (n > 0 && ((unsigned char)name[n] & 0xC0) == 0x80) /* not in the middle of a UTF-8 letter */
            n--;
    }
    size_t length = directory + 1 + n + (sizeof mark - 1) + IO_SUFFIX;
    char *text = mem_alloc(length + 1);
    if (!text)
        return NULL;
    memcpy(text, path, directory);
    text[directory] = '.';
    memcpy(text + directory + 1, name, n);
    memcpy(text + directory + 1 + n, mark, sizeof mark);
    *suffix = text + length - IO_SUFFIX;
    memset(*suffix, 0, IO_SUFFIX + 1);
    return text;
}

/* O_EXCL decides; the suffix need only be unlikely, and different for every thread and process. */
void io_draw_suffix(char suffix[IO_SUFFIX + 1])
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789";
    static atomic_uint_fast64_t counter;
    uint64_t x =
        atomic_fetch_add(&counter, 1) * 0x9E3779B97F4A7C15u + (uint64_t)getpid() * 0xD1B54A32D192ED03u + clock_ns();
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
    x ^= x >> 31;
    for (int i = 0; i < IO_SUFFIX; i++, x /= 36)
        suffix[i] = letters[x % 36];
    suffix[IO_SUFFIX] = '\0';
}

static sheaf_status create_failed(const char *path, int code, sheaf_error *error)
{
    char text[IO_SHOWN], *directory = directory_of(path);
    sheaf_status status = SHEAF_OK;
    if (!directory)
        return io_no_memory(path, strlen(path), error);
    const char *shown = io_shown(path, text);
    if (code == ENOENT)
        status = sheaf_error_set(error, SHEAF_IO, "%s: its directory %.200s does not exist; make it first", shown,
                                 directory);
    else if (code == ENOTDIR)
        status = sheaf_error_set(error, SHEAF_IO, "%s: %.200s is not a directory", shown, directory);
    else if (code == EACCES || code == EROFS)
        status = sheaf_error_set(error, SHEAF_IO, "%s: the directory %.200s may not be written: %s", shown, directory,
                                 strerror(code));
    else
        status = io_failed(path, "creating a temporary file beside it", code, error);
    mem_free(directory);
    return status;
}

static void forget(struct io_output *out)
{
    mem_free(out->path);
    mem_free(out->temporary);
    *out = (struct io_output){.fd = -1};
}

/* Set out's names, the temporary one without its suffix, whose place is *suffix. */
static sheaf_status name_output(const char *path, struct io_output *out, char **suffix, sheaf_error *error)
{
    *out = (struct io_output){.fd = -1};
    sheaf_status status = resolve(path, &out->path, error);
    if (status)
        return status;
    /* A name too long for the file system is refused now, not when all is written: the temporary one is shorter. */
    const char *slash = strrchr(out->path, '/');
    if (strlen(slash ? slash + 1 : out->path) > NAME_MAX)
        return io_failed(path, "creating it", ENAMETOOLONG, error);
    out->temporary = temporary_name(out->path, suffix);
    return out->temporary ? SHEAF_OK : io_no_memory(path, strlen(path), error);
}

sheaf_status io_create(const char *path, struct io_output *out, sheaf_error *error)
{
    char *suffix;
    int code = EEXIST;
    sheaf_status status = name_output(path, out, &suffix, error);
    for (int i = 0; status == SHEAF_OK && i < TRIES && out->fd < 0 && code == EEXIST; i++) {
        io_draw_suffix(suffix);
        out->fd = io_open_file(out->temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW);
        code = errno;
    }
    if (status == SHEAF_OK && out->fd < 0)
        status = create_failed(out->path, code, error);
    if (status)
        forget(out);
    return status;
}

sheaf_status io_create_as(const char *path, const char *suffix, bool keep, struct io_output *out, sheaf_error *error)
{
    char *end;
    const char *slash = strrchr(path, '/');
    /* Of long names only the beginning is in the temporary one: two of them could then be the same. */
    if (!suffix || (!keep && strlen(slash ? slash + 1 : path) > NAME_MAX / 2))
        return io_create(path, out, error);
    sheaf_status status = name_output(path, out, &end, error);
    if (status == SHEAF_OK) {
        memcpy(end, suffix, IO_SUFFIX);
        out->fd = io_open_file(out->temporary, O_RDWR | O_CREAT | (keep ? 0 : O_TRUNC) | O_CLOEXEC | O_NOFOLLOW);
        if (out->fd < 0)
            status = create_failed(out->path, errno, error);
    }
    if (status)
        forget(out);
    return status;
}

sheaf_status io_write(struct io_output *out, const void *data, size_t n, sheaf_error *error)
{
    return io_write_two(out, NULL, 0, data, n, error);
}

sheaf_status io_write_two(struct io_output *out, const void *head, size_t nhead, const void *data, size_t n,
                          sheaf_error *error)
{
    const char *first = head, *second = data;
    while (nhead + n > 0) {
        struct iovec pieces[2] = {{(void *)(uintptr_t)first, nhead},
                                  {(void *)(uintptr_t)second, n < SYSTEM_MOST ? n : SYSTEM_MOST}};
        ssize_t w = nhead ? writev(out->fd, pieces, 2) : write(out->fd, second, pieces[1].iov_len);
        if (w < 0 && errno == EINTR)
            continue;
        if (w <= 0)
            return write_failed(out, nhead + n, w < 0 ? errno : ENOSPC, error);
        size_t of_head = (size_t)w < nhead ? (size_t)w : nhead, of_data = (size_t)w - of_head;
        first = of_head ? first + of_head : first;
        second = of_data ? second + of_data : second;
        nhead -= of_head;
        n -= of_data;
    }
    return SHEAF_OK;
}

sheaf_status io_write_at(const struct io_output *out, const void *data, size_t n, uint64_t offset, sheaf_error *error)
{
    const char *at = data;
    while (n > 0) {
        ssize_t w = pwrite(out->fd, at, n < SYSTEM_MOST ? n : SYSTEM_MOST, (off_t)offset);
        if (w < 0 && errno == EINTR)
            continue;
        if (w <= 0)
            return write_failed(out, n, w < 0 ? errno : ENOSPC, error);
        at += w;
        offset += (uint64_t)w;
        n -= (size_t)w;
    }
    return SHEAF_OK;
}

/* fallocate, not posix_fallocate: where the file system cannot reserve, the C library would write every block. */
sheaf_status io_resize(struct io_output *out, uint64_t size, sheaf_error *error)
{
    int r;
    if (size > INT64_MAX)
        return write_failed(out, size, EFBIG, error);
    do
        r = ftruncate(out->fd, (off_t)size);
    while (r != 0 && errno == EINTR);
    if (r == 0 && size > 0) {
        do
            r = fallocate(out->fd, 0, 0, (off_t)size);
        while (r != 0 && errno == EINTR);
        if (r != 0 && (errno == EOPNOTSUPP || errno == ENOSYS || errno == EINVAL))
            r = 0;
    }
    return r == 0 ? SHEAF_OK : write_failed(out, size, errno, error);
}

/* fsync the directory so that the new name is on disk. Some file systems cannot, and say EINVAL. */
sheaf_status io_sync_names(const char *directory, sheaf_error *error)
{
    sheaf_status status = SHEAF_OK;
    int fd = io_open_file(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return io_failed(directory, "opening it to sync", errno, error);
    if (sync_file(fsync, fd) != 0 && errno != EINVAL && errno != ENOTSUP)
        status = io_failed(directory, "syncing", errno, error);
    close(fd);
    return status;
}

sheaf_status io_commit(struct io_output *out, bool sync, sheaf_error *error)
{
    sheaf_status status = SHEAF_OK;
    char *directory = NULL;
    if (!out->temporary)
        return sheaf_error_set(error, SHEAF_INVALID, "io_commit: nothing is open");
    if (sync && !(directory = directory_of(out->path)))
        status = io_no_memory(out->path, strlen(out->path), error);
    if (status == SHEAF_OK && sync && sync_file(fsync, out->fd) != 0)
        status = write_failed(out, 0, errno, error);
    int closed = close(out->fd), code = errno;
    out->fd = -1;
    if (status == SHEAF_OK && closed != 0 && code != EINTR) /* Linux has closed it, whatever the signal */
        status = write_failed(out, 0, code, error);
    if (status == SHEAF_OK && rename_file(out->temporary, out->path) != 0)
        status = io_failed(out->path, "renaming the finished file", errno, error);
    if (status && !out->stays)
        unlink(out->temporary);
    else if (!status && sync)
        status = io_sync_names(directory, error);
    mem_free(directory);
    forget(out);
    return status;
}

void io_discard(struct io_output *out)
{
    if (!out->temporary)
        return;
    if (out->fd >= 0)
        close(out->fd);
    unlink(out->temporary);
    forget(out);
}

void io_keep(struct io_output *out)
{
    if (out->temporary && out->fd >= 0)
        close(out->fd);
    forget(out);
}

sheaf_status io_sync(const struct io_output *out, sheaf_error *error)
{
    return sync_file(fdatasync, out->fd) == 0 ? SHEAF_OK : write_failed(out, 0, errno, error);
}

sheaf_status io_sync_directory(const char *directory, sheaf_error *error)
{
    sheaf_status status = SHEAF_OK;
    int fd = io_open_file(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return io_failed(directory, "opening it to sync", errno, error);
    if (sync_file(syncfs, fd) != 0)
        status = io_failed(directory, "syncing", errno, error);
    close(fd);
    return status;
}
