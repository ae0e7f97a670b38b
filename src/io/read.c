/* KEY=VALUE texts that say what a file does not say itself. */

#include "base/alloc.h"
#include "io/join.h"
#include <string.h>

struct sheaf_read {
    const struct io_format *format; /* NULL: by content */
    char *whole;                    /* all texts, with spaces between */
    struct io_join *join;           /* NULL: a file is an array */
    size_t n;
    char *texts[]; /* KEY, NUL, VALUE, NUL */
};

void sheaf_read_free(sheaf_read *read)
{
    for (size_t i = 0; read && i < read->n; i++)
        mem_free(read->texts[i]);
    if (read) {
        mem_free(read->whole);
        mem_free(read->join);
    }
    mem_free(read);
}

const char *read_text(const sheaf_read *read)
{
    return read && read->n ? read->whole : NULL;
}

static char *join(size_t n, const char *const *texts)
{
    size_t bytes = 1;
    for (size_t i = 0; i < n; i++)
        bytes += strlen(texts[i]) + 1;
    char *whole = mem_alloc(bytes), *at = whole;
    if (whole)
        *whole = '\0';
    for (size_t i = 0; i < n && whole; i++)
        at = stpcpy(stpcpy(at, i ? " " : ""), texts[i]);
    return whole;
}

const struct io_format *read_format(const sheaf_read *read)
{
    return read ? read->format : NULL;
}

const char *read_value(const sheaf_read *read, const char *key)
{
    const char *value = NULL; /* the last one said counts */
    for (size_t i = 0; read && i < read->n; i++)
        if (strcmp(read->texts[i], key) == 0)
            value = read->texts[i] + strlen(key) + 1;
    return value;
}

static bool knows(const struct io_format *format, const char *key)
{
    for (const char *const *k = format->keys; k && *k; k++)
        if (strcmp(*k, key) == 0)
            return true;
    return strcmp(key, "format") == 0;
}

/* All keys are the format's; where none is named, each is some format's, and the others pass it over. */
static sheaf_status check(const sheaf_read *read, sheaf_error *error)
{
    const struct io_format *format;
    for (size_t i = 0; i < read->n; i++) {
        bool known = read->format && knows(read->format, read->texts[i]);
        for (int k = 0; !read->format && !known && (format = format_at(k)); k++)
            known = knows(format, read->texts[i]);
        if (!known && read->format)
            return sheaf_error_set(error, SHEAF_INVALID, "--read %.60s=…: the format %s has no such setting",
                                   read->texts[i], read->format->name);
        if (!known)
            return sheaf_error_set(error, SHEAF_INVALID, "--read %.60s=…: no format has such a setting",
                                   read->texts[i]);
    }
    return SHEAF_OK;
}

sheaf_status sheaf_read_new(size_t n, const char *const *texts, sheaf_read **out, sheaf_error *error)
{
    char names[128];
    *out = NULL;
    sheaf_read *read = mem_calloc(1, sizeof *read + n * sizeof *read->texts);
    if (!read)
        return sheaf_error_set(error, SHEAF_NO_MEMORY, "no memory for %zu settings", n);
    sheaf_status status = SHEAF_OK;
    if (!(read->whole = join(n, texts)))
        status = sheaf_error_set(error, SHEAF_NO_MEMORY, "no memory for %zu settings", n);
    for (size_t i = 0; i < n && status == SHEAF_OK; i++) {
        const char *equals = strchr(texts[i], '=');
        if (!equals || equals == texts[i])
            status = sheaf_error_set(error, SHEAF_INVALID, "--read takes KEY=VALUE, such as format=raw, not '%.100s'",
                                     texts[i]);
        else if (!(read->texts[i] = mem_strdup(texts[i])))
            status = sheaf_error_set(error, SHEAF_NO_MEMORY, "no memory for a setting");
        else
            read->texts[read->n++][equals - texts[i]] = '\0';
    }
    const char *name = status == SHEAF_OK ? read_value(read, "format") : NULL;
    if (name && !(read->format = format_named(name)))
        status = sheaf_error_set(error, SHEAF_INVALID, "--read format=%.60s: no such format; there are %s", name,
                                 format_names(names));
    if (status == SHEAF_OK)
        status = check(read, error);
    if (status)
        sheaf_read_free(read);
    else
        *out = read;
    return status;
}

/* ---- joins ---- */

const struct io_join *read_join(const sheaf_read *read)
{
    return read ? read->join : NULL;
}

size_t read_members(const sheaf_read *read, const char *const **paths)
{
    const struct io_join *join = read_join(read);
    *paths = join ? join->paths : NULL;
    return join ? join->n : 0;
}

const char *read_axis(const sheaf_read *read)
{
    return read->join->axis;
}

/* The join and all its texts, in one piece. */
static struct io_join *copy_join(size_t n, const char *const *paths, const char *axis, const sheaf_read *read)
{
    size_t bytes = sizeof(struct io_join) + n * sizeof *paths + strlen(axis) + 1;
    for (size_t k = 0; k < n; k++)
        bytes += strlen(paths[k]) + 1;
    struct io_join *join = mem_alloc(bytes);
    if (!join)
        return NULL;
    *join = (struct io_join){.n = n, .paths = (const char **)(join + 1), .read = read};
    char *at = (char *)(join->paths + n);
    for (size_t k = 0; k < n; k++) {
        join->paths[k] = at;
        at = stpcpy(at, paths[k]) + 1;
    }
    join->axis = strcpy(at, axis);
    return join;
}

sheaf_status read_joined(size_t n, const char *const *paths, const char *axis, const sheaf_read *read, sheaf_read **out,
                         sheaf_error *error)
{
    *out = mem_calloc(1, sizeof **out);
    if (*out && ((*out)->join = copy_join(n, paths, axis, read)))
        return SHEAF_OK;
    mem_free(*out);
    *out = NULL;
    return sheaf_error_set(error, SHEAF_NO_MEMORY, "no memory for the names of %zu files", n);
}
