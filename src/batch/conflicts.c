#include "batch/targets.h"

#include "base/alloc.h"
#include "base/checked.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* What stat says a file is, whatever path it was reached by. */
struct identity {
    dev_t device;
    ino_t inode;
    size_t index; /* of the input's entry */
};

struct checking {
    const struct target *target;
    const struct items *items;
    bool overwrite;
    struct identity *inputs; /* sorted; made when an output is found to exist */
    size_t ninputs;
    size_t *table;                             /* item + 1 at its output's hash; 0: free */
    size_t slots;                              /* a power of two */
    char parent[PATH_MAX], resolved[PATH_MAX]; /* the directory last resolved, and to what */
};

static int by_identity(const void *a, const void *b)
{
    const struct identity *x = a, *y = b;
    if (x->device != y->device)
        return x->device < y->device ? -1 : 1;
    return x->inode < y->inode ? -1 : x->inode > y->inode;
}

static sheaf_status no_memory(const struct checking *c, sheaf_error *error)
{
    return sheaf_error_set(error, SHEAF_NO_MEMORY, "no memory to check the outputs of %zu items", c->items->n);
}

static sheaf_status list_inputs(struct checking *c, sheaf_error *error)
{
    struct stat st;
    char file[PATH_MAX];
    size_t bytes;
    if (c->inputs)
        return SHEAF_OK;
    if (!size_mul(c->items->paths, sizeof *c->inputs, &bytes) || !(c->inputs = mem_alloc(bytes)))
        return no_memory(c, error);
    for (size_t i = 0; i < c->items->entries; i++) {
        const struct item *item = &c->items->at[i];
        const char *path;
        for (int k = 0; item_is_file(item) && k < item->count; k++)
            for (size_t m = 0; (path = item_member(c->items, item, k, m)); m++)
                if (stat(path_file(path, file), &st) == 0)
                    c->inputs[c->ninputs++] = (struct identity){st.st_dev, st.st_ino, i};
    }
    qsort(c->inputs, c->ninputs, sizeof *c->inputs, by_identity);
    return SHEAF_OK;
}

/* Refuse path when it exists and is an input, or may not be replaced. */
static sheaf_status check_existing(struct checking *c, const char *path, bool overwrite, sheaf_error *error)
{
    struct stat st;
    if (stat(path, &st) != 0)
        return SHEAF_OK;
    sheaf_status status = list_inputs(c, error);
    if (status != SHEAF_OK)
        return status;
    const struct identity key = {st.st_dev, st.st_ino, 0},
                          *input = bsearch(&key, c->inputs, c->ninputs, sizeof key, by_identity);
    if (input)
        return sheaf_error_set(error, SHEAF_CONFLICT,
                               "%.200s: this output is the input %.200s; write to another name or directory", path,
                               c->items->at[input->index].name);
    if (S_ISDIR(st.st_mode))
        return sheaf_error_set(error, SHEAF_EXISTS, "%.300s: a directory of this name is in the way", path);
    if (!overwrite)
        return sheaf_error_set(error, SHEAF_EXISTS,
                               "%.300s: exists already; choose another name, or overwrite it (--force)", path);
    return SHEAF_OK;
}

/* Without "//", "/./" and, where that can be done by text alone, "/../". */
static void tidy(const char *from, char to[PATH_MAX])
{
    size_t at = 0;
    if (*from == '/')
        to[at++] = '/';
    while (*from) {
        from += strspn(from, "/");
        size_t n = strcspn(from, "/");
        const char *start = from;
        from += n;
        if (n == 0 || (n == 1 && *start == '.'))
            continue;
        if (n == 2 && memcmp(start, "..", 2) == 0 && at > 0 && !(at >= 2 && memcmp(to + at - 2, "..", 2) == 0)) {
            while (at > 0 && to[at - 1] != '/')
                at--;
            at -= at > 1;
            continue;
        }
        if (at > 0 && to[at - 1] != '/')
            to[at++] = '/';
        memmove(to + at, start, n);
        at += n;
    }
    to[at] = '\0';
}

/* One spelling for every path to the same file, as far as can be told before the file is there. */
static void canonical(struct checking *c, const char *path, char key[2 * PATH_MAX])
{
    char directory[PATH_MAX];
    const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
    directory_part(path, directory);
    if (strcmp(directory, c->parent) != 0) {
        memcpy(c->parent, directory, sizeof c->parent);
        if (!realpath(directory, c->resolved))
            tidy(directory, c->resolved);
    }
    snprintf(key, 2 * PATH_MAX, "%s/%s", c->resolved, base);
}

static uint64_t hash(const char *text)
{
    uint64_t h = 0xcbf29ce484222325u;
    for (; *text; text++)
        h = (h ^ (unsigned char)*text) * 0x100000001b3u;
    return h ^ h >> 29;
}

/* Enter item i's output into the table; CONFLICT when it is there. */
static sheaf_status enter(struct checking *c, size_t i, const char *path, sheaf_error *error)
{
    char key[2 * PATH_MAX], other_key[2 * PATH_MAX], other[PATH_MAX], a[SHEAF_NAME_MAX], b[SHEAF_NAME_MAX];
    canonical(c, path, key);
    size_t at = (size_t)hash(key) & (c->slots - 1);
    for (; c->table[at]; at = (at + 1) & (c->slots - 1)) {
        size_t j = c->table[at] - 1;
        sheaf_status status = target_of(c->target, c->items, j, other, error);
        if (status != SHEAF_OK)
            return status;
        canonical(c, other, other_key);
        if (strcmp(key, other_key) == 0)
            return sheaf_error_set(error, SHEAF_CONFLICT,
                                   "%.130s and %.130s would both be written to %.130s; use a template with {index} or "
                                   "{dir} in it",
                                   item_name(c->items, j, a), item_name(c->items, i, b), path);
    }
    c->table[at] = i + 1;
    return SHEAF_OK;
}

static sheaf_status check_each(struct checking *c, sheaf_error *error)
{
    char path[PATH_MAX];
    struct stat st;
    sheaf_status status = SHEAF_OK;
    /* Nothing can exist in a directory that does not. */
    bool fresh = c->target->directory && stat(c->target->directory, &st) != 0;
    for (c->slots = 16; c->slots < 2 * c->items->n; c->slots *= 2)
        ;
    c->table = mem_calloc(c->slots, sizeof *c->table);
    if (!c->table)
        return no_memory(c, error);
    for (size_t i = 0; i < c->items->n && status == SHEAF_OK; i++) {
        status = target_of(c->target, c->items, i, path, error);
        if (status == SHEAF_OK)
            status = enter(c, i, path, error);
        if (status == SHEAF_OK && !fresh)
            status = check_existing(c, path, c->overwrite, error);
    }
    return status;
}

sheaf_status target_check(const struct target *target, const struct items *items, bool overwrite, sheaf_error *error)
{
    struct checking *c = mem_calloc(1, sizeof *c);
    if (!c)
        return sheaf_error_set(error, SHEAF_NO_MEMORY, "no memory to check the output");
    c->target = target;
    c->items = items;
    c->overwrite = overwrite;
    sheaf_status status =
        target->kind == TARGET_EACH ? check_each(c, error) : check_existing(c, target->path, overwrite, error);
    /* It is ours to replace, but not when it is an input. */
    if (status == SHEAF_OK)
        status = check_existing(c, target->items_path, true, error);
    mem_free(c->inputs);
    mem_free(c->table);
    mem_free(c);
    return status;
}
