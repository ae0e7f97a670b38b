/* Bodies kept from run to run: DIR/urls/KEY has what is known of one, and names the file it is in. Each is written
 * under a temporary name; the first is renamed last, so that what it speaks of is there. */

#include "base/hash.h"
#include "io/http.h"
#include "io/url.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FIRST_LINE "sheaf url 1"

enum {
    CHUNK = 64 << 10,
    KEY = 33
};

/* Two sums of all of the URL: what is in it of secrets is not to be read from the name. */
static void key_of(const char *url, char key[KEY])
{
    const size_t n = url_length(url);
    snprintf(key, KEY, "%016llx%016llx", (unsigned long long)hash_bytes(url, n, 1),
             (unsigned long long)hash_bytes(url, n, 2));
}

static bool path_of(const char *directory, const char *name, char path[PATH_MAX])
{
    return snprintf(path, PATH_MAX, "%s/urls/%s", directory, name) < PATH_MAX;
}

/* The sum of a file's first size bytes; false: it has not so many. */
static bool sum_of(int fd, uint64_t size, uint64_t *sum)
{
    unsigned char chunk[CHUNK];
    *sum = 0;
    for (uint64_t at = 0; at < size;) {
        const size_t most = size - at < CHUNK ? (size_t)(size - at) : CHUNK;
        size_t got = 0;
        while (got < most) {
            const ssize_t n = pread(fd, chunk + got, most - got, (off_t)(at + got));
            if (n < 0 && errno == EINTR)
                continue;
            if (n <= 0)
                return false;
            got += (size_t)n;
        }
        *sum = hash_bytes(chunk, got, *sum);
        at += got;
    }
    return true;
}

/* The next line of *at, its end cut off; NULL: there is none. */
static char *line_of(char **at)
{
    char *line = *at, *end = strchr(line, '\n');
    if (!end)
        return NULL;
    *end = '\0';
    *at = end + 1;
    return line;
}

static bool understand(char *text, struct http_cached *c)
{
    char *lines[6];
    char *at = text;
    for (int k = 0; k < 6; k++)
        if (!(lines[k] = line_of(&at)))
            return false;
    if (strcmp(lines[0], FIRST_LINE) != 0 || strlen(lines[1]) >= sizeof c->body || strchr(lines[1], '/') ||
        strlen(lines[4]) >= sizeof c->version.etag || strlen(lines[5]) >= sizeof c->version.modified)
        return false;
    strcpy(c->body, lines[1]);
    c->size = strtoull(lines[2], NULL, 10);
    c->sum = strtoull(lines[3], NULL, 16);
    strcpy(c->version.etag, lines[4]);
    strcpy(c->version.modified, lines[5]);
    return *c->body && (*c->version.etag || *c->version.modified);
}

bool http_cache_find(const char *directory, const char *url, struct http_cached *c)
{
    char key[KEY], path[PATH_MAX], text[1024];
    key_of(url, key);
    if (!path_of(directory, key, path))
        return false;
    const int fd = io_open_file(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    const ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    if (fd >= 0)
        close(fd);
    if (n <= 0)
        return false;
    text[n] = '\0';
    return understand(text, c);
}

bool http_cache_open(const char *directory, const struct http_cached *c, struct http_body *b)
{
    char path[PATH_MAX];
    struct stat st;
    uint64_t sum;
    http_body_close(b);
    if (!path_of(directory, c->body, path))
        return false;
    b->fd = io_open_file(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    b->size = c->size;
    if (b->fd >= 0 && fstat(b->fd, &st) == 0 && S_ISREG(st.st_mode) && (uint64_t)st.st_size == c->size &&
        sum_of(b->fd, c->size, &sum) && sum == c->sum)
        return true;
    http_body_close(b);
    return false;
}

static void make_directories(const char *directory)
{
    char path[PATH_MAX];
    if (!path_of(directory, "", path))
        return;
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(path, 0700); /* what it could not do, creating the file tells */
        *slash = '/';
    }
}

sheaf_status http_cache_begin(const char *directory, const char *url, struct http_body *b, sheaf_error *error)
{
    char key[KEY], name[KEY + 8], suffix[IO_SUFFIX + 1], path[PATH_MAX];
    http_body_close(b);
    key_of(url, key);
    io_draw_suffix(suffix);
    snprintf(name, sizeof name, "%s-%s", key, suffix);
    if (!path_of(directory, name, path))
        return sheaf_error_set(error, SHEAF_INVALID, "--cache: the directory's name is too long");
    make_directories(directory);
    sheaf_status status = io_create(path, &b->cached, error);
    b->fd = status == SHEAF_OK ? b->cached.fd : -1;
    return status;
}

static sheaf_status write_key(const char *path, const char *body, uint64_t size, uint64_t sum,
                              const struct http_version *version, sheaf_error *error)
{
    char text[1024];
    struct io_output out = {.fd = -1};
    const int n = snprintf(text, sizeof text, "%s\n%s\n%llu\n%016llx\n%s\n%s\n", FIRST_LINE, body,
                           (unsigned long long)size, (unsigned long long)sum, version->etag, version->modified);
    sheaf_status status = io_create(path, &out, error);
    if (status == SHEAF_OK)
        status = io_write(&out, text, (size_t)n, error);
    if (status == SHEAF_OK)
        status = io_commit(&out, false, error);
    io_discard(&out);
    return status;
}

sheaf_status http_cache_keep(const char *directory, const char *url, const struct http_version *version,
                             struct http_body *b, sheaf_error *error)
{
    char key[KEY], path[PATH_MAX], old[PATH_MAX], body[48];
    struct http_cached before;
    uint64_t sum;
    const bool replaces = http_cache_find(directory, url, &before);
    key_of(url, key);
    snprintf(body, sizeof body, "%s", strrchr(b->cached.path, '/') + 1);
    if (!path_of(directory, key, path) || !sum_of(b->fd, b->size, &sum))
        return sheaf_error_set(error, SHEAF_IO, "--cache %.200s: what was written there cannot be read", directory);
    b->fd = fcntl(b->fd, F_DUPFD_CLOEXEC, 3); /* the other one is closed with the output */
    sheaf_status status = b->fd < 0 ? io_failed(path, "keeping it", errno, error) : SHEAF_OK;
    if (status == SHEAF_OK)
        status = io_commit(&b->cached, false, error);
    if (status == SHEAF_OK)
        status = write_key(path, body, b->size, sum, version, error);
    if (status == SHEAF_OK && replaces && path_of(directory, before.body, old))
        unlink(old); /* whoever has it open keeps it */
    return status;
}
