/* The items of a map: inputs, and the files that --with gives each of them. */

#include "map.h"
#include <glob.h>
#include <stdlib.h>
#include <string.h>

/* A pattern or template of --with, and what it gives item after item. */
struct each {
    const char *with, *file; /* NAME=FILE, and FILE in it */
    glob_t found;            /* of a pattern */
    bool is_template;
};

struct text {
    char *at;
    size_t n, capacity;
};

static void add(struct text *t, const char *piece, size_t n)
{
    if (t->n + n + 1 > t->capacity) {
        t->capacity = 2 * (t->n + n + 1);
        t->at = must(realloc(t->at, t->capacity));
    }
    memcpy(t->at + t->n, piece, n);
    t->n += n;
    t->at[t->n] = '\0';
}

/* One of {stem} {name} {dir} {index} of an input; false: it is none. */
static bool add_key(struct text *t, const char *key, size_t n, const char *input, size_t index)
{
    const char *slash = strrchr(input, '/'), *base = slash ? slash + 1 : input, *dot = strrchr(base, '.');
    char number[24];
    if (n == 4 && memcmp(key, "stem", 4) == 0)
        add(t, base, dot && dot != base ? (size_t)(dot - base) : strlen(base));
    else if (n == 4 && memcmp(key, "name", 4) == 0)
        add(t, base, strlen(base));
    else if (n == 3 && memcmp(key, "dir", 3) == 0)
        add(t, slash ? input : ".", slash ? (size_t)(slash - input) : 1);
    else if (n == 5 && memcmp(key, "index", 5) == 0)
        add(t, number, (size_t)snprintf(number, sizeof number, "%zu", index));
    else
        return false;
    return true;
}

/* The template's file for an input; NULL after a message. */
static char *expand(const struct each *e, const char *input, size_t index)
{
    struct text t = {NULL, 0, 0};
    for (const char *p = e->file; *p;) {
        const size_t plain = strcspn(p, "{"), key = p[plain] ? strcspn(p + plain + 1, "}") : 0;
        add(&t, p, plain);
        p += plain;
        if (!*p)
            break;
        if (!p[key + 1] || !add_key(&t, p + 1, key, input, index)) {
            complain(REFUSED, "--with %s: placeholders are {stem}, {name}, {dir} and {index}", e->with);
            free(t.at);
            return NULL;
        }
        p += key + 2;
    }
    return t.at;
}

/* Those of --with that give each item its own. */
static int find_each(const struct map_request *r, struct each *each, size_t *n)
{
    *n = 0;
    for (size_t i = 0; i < r->with.n; i++) {
        struct each *e = &each[*n];
        e->with = r->with.at[i];
        e->file = strchr(e->with, '=') + 1;
        if (!map_is_each(e->file))
            continue;
        e->is_template = strchr(e->file, '{') != NULL;
        memset(&e->found, 0, sizeof e->found);
        ++*n;
        if (e->is_template)
            continue;
        if (glob(e->file, 0, NULL, &e->found) != 0)
            return complain(REFUSED, "--with %s: no file matches", e->with);
        if (e->found.gl_pathc != r->paths.n)
            return complain(REFUSED, "--with %s: %zu files match, but there are %zu inputs", e->with, e->found.gl_pathc,
                            r->paths.n);
    }
    return DONE;
}

static int add_item(const struct map_request *r, const struct each *each, size_t n, size_t i, sheaf_batch *batch)
{
    const char *paths[MAP_MOST_NAMES] = {r->paths.at[i]};
    char *made[MAP_MOST_NAMES] = {NULL};
    sheaf_error error = {SHEAF_OK, ""};
    int status = DONE;
    for (size_t k = 0; k < n && status == DONE; k++) {
        made[k] = each[k].is_template ? expand(&each[k], r->paths.at[i], i) : NULL;
        paths[k + 1] = each[k].is_template ? made[k] : each[k].found.gl_pathv[i];
        status = paths[k + 1] ? DONE : REFUSED;
    }
    if (status == DONE && sheaf_batch_add_files(batch, paths, (int)n + 1, &error) != SHEAF_OK)
        status = complain(error.status == SHEAF_NO_MEMORY ? NO_OUTPUT : REFUSED, "%s", error.message);
    for (size_t k = 0; k < n; k++)
        free(made[k]);
    return status;
}

int map_items(const struct map_request *r, sheaf_batch **batch)
{
    struct each each[MAP_MOST_NAMES];
    sheaf_error error = {SHEAF_OK, ""};
    size_t n;
    int status = find_each(r, each, &n);
    if (status == DONE && sheaf_batch_new(batch, &error) != SHEAF_OK)
        status = complain(NO_OUTPUT, "%s", error.message);
    for (size_t i = 0; i < r->paths.n && status == DONE; i++)
        status = add_item(r, each, n, i, *batch);
    for (size_t k = 0; k < n; k++)
        if (!each[k].is_template)
            globfree(&each[k].found);
    return status;
}
