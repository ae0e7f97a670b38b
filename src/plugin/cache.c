/* Where compiled objects are kept: named by what they were made from, so that an entry is right or is not there. */

#include "base/alloc.h"
#include "plugin/compile.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static sheaf_status no_memory(sheaf_error *error)
{
    return sheaf_error_set(error, SHEAF_NO_MEMORY, "no memory for the name of the cache");
}

/* mkdir -p; whether the directory can be written then. path is restored. */
static bool make_directories(char *path)
{
    for (char *p = path + 1; *p; p++) {
        if (*p != '/')
            continue;
        *p = '\0';
        mkdir(path, 0700);
        *p = '/';
    }
    mkdir(path, 0700);
    return access(path, W_OK | X_OK) == 0;
}

static char *join(struct arena *a, const char *first, const char *second)
{
    size_t n = strlen(first) + strlen(second) + 1;
    char *text = arena_alloc(a, n, 1);
    if (text)
        snprintf(text, n, "%s%s", first, second);
    return text;
}

sheaf_status cache_directory(struct arena *a, const char *given, char **directory, sheaf_error *error)
{
    const char *base = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    *directory = NULL;
    if (given) {
        char *path = arena_strdup(a, *given ? given : ".");
        if (!path)
            return no_memory(error);
        if (!make_directories(path))
            return sheaf_error_set(error, SHEAF_IO, "the cache %.200s cannot be made or written: %s", given,
                                   strerror(errno));
        *directory = path;
        return SHEAF_OK;
    }
    if ((!base || *base != '/') && (!home || *home != '/'))
        return SHEAF_OK;
    char *path = base && *base == '/' ? join(a, base, "/sheaf") : join(a, home, "/.cache/sheaf");
    if (!path)
        return no_memory(error);
    *directory = make_directories(path) ? path : NULL;
    return SHEAF_OK;
}

sheaf_status cache_temporary(struct arena *a, char **directory, sheaf_error *error)
{
    const char *base = getenv("TMPDIR");
    base = base && *base ? base : "/tmp";
    *directory = join(a, base, "/sheaf-XXXXXX");
    if (!*directory)
        return no_memory(error);
    if (!mkdtemp(*directory))
        return sheaf_error_set(error, SHEAF_IO, "%.200s: making a temporary directory: %s", base, strerror(errno));
    return SHEAF_OK;
}

/* FNV-1a of 128 bits. */
void key_add(struct key *key, const void *data, size_t n)
{
    __extension__ typedef unsigned __int128 u128;
    const u128 prime = ((u128)1 << 88) + 0x13b;
    const unsigned char *bytes = data;
    u128 h = (u128)key->high << 64 | key->low;
    for (size_t i = 0; i < n; i++)
        h = (h ^ bytes[i]) * prime;
    key->high = (uint64_t)(h >> 64);
    key->low = (uint64_t)h;
}

/* The NUL too, so that "a" "bc" is not "ab" "c". */
void key_add_text(struct key *key, const char *text)
{
    key_add(key, text, strlen(text) + 1);
}
