/* Items that are members of one output, each by itself: what they are called. */

#include "base/alloc.h"
#include "batch/sinks.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static sheaf_status no_memory(size_t n, sheaf_error *error)
{
    return sheaf_error_set(error, SHEAF_NO_MEMORY, "no memory for the names of %zu members", n);
}

/* Two of these texts that are the same; NULL: there are none. Sorts them. */
static const char *twice(const char **names, size_t n)
{
    qsort(names, n, sizeof *names, by_text);
    for (size_t i = 1; i < n; i++)
        if (strcmp(names[i], names[i - 1]) == 0)
            return names[i];
    return NULL;
}

/* The part of its file that an item is, "" for a whole one. */
static const char *part_of(const struct items *items, const struct item *item)
{
    const char *path = item_is_file(item) ? item_member(items, item, 0, 0) : "";
    const size_t n = io_file_length(path);
    return path[n] ? path + n + 1 : "";
}

/* Whether items are parts of files, each of another name. */
static sheaf_status find_parts(const struct request *r, bool *differ, sheaf_error *error)
{
    const struct items *items = r->batch->items;
    const char **parts = mem_alloc((items->n + 1) * sizeof *parts);
    *differ = items->n > 1;
    if (!parts)
        return no_memory(items->n, error);
    for (size_t i = 0; i < items->n && *differ; i++) {
        parts[i] = part_of(items, items_at(items, i));
        *differ = *parts[i];
    }
    *differ = *differ && !twice(parts, items->n);
    mem_free(parts);
    return SHEAF_OK;
}

sheaf_status members_apart(const struct request *r, bool *apart, sheaf_error *error)
{
    sheaf_status status = find_parts(r, &r->target->by_part, error);
    *apart = r->options->as_is || r->target->by_part;
    return status == SHEAF_OK && *apart ? check_members(r, error) : status;
}

static sheaf_status name_it(const struct request *r, size_t i, const char *part, char name[PATH_MAX],
                            sheaf_error *error)
{
    if (!*part)
        return sheaf_batch_path(r->batch, i, "{stem}", name, error);
    snprintf(name, PATH_MAX, "%s", part);
    for (char *p = name; *p; p++)
        *p = *p == '/' ? '_' : *p;
    return SHEAF_OK;
}

sheaf_status member_name(const struct request *r, size_t i, char name[PATH_MAX], sheaf_error *error)
{
    return name_it(r, i, r->target->by_part ? part_of(r->batch->items, items_at(r->batch->items, i)) : "", name, error);
}

sheaf_status member_alone(const struct request *r, size_t i, char name[PATH_MAX], sheaf_error *error)
{
    return name_it(r, i, part_of(r->batch->items, items_at(r->batch->items, i)), name, error);
}

sheaf_status check_members(const struct request *r, sheaf_error *error)
{
    const size_t n = r->batch->items->n;
    char name[PATH_MAX];
    struct arena arena = {0};
    sheaf_status status = SHEAF_OK;
    const char **names = mem_alloc((n + 1) * sizeof *names);
    for (size_t i = 0; names && i < n && !status; i++) {
        status = member_name(r, i, name, error);
        names[i] = status ? NULL : arena_strdup(&arena, name);
        if (!status && !names[i])
            status = no_memory(n, error);
    }
    if (!names)
        status = no_memory(n, error);
    const char *both = status ? NULL : twice(names, n);
    if (both)
        status = sheaf_error_set(error, SHEAF_CONFLICT,
                                 "%.200s: two items would be the member %.100s; write to DIR/ by a template with "
                                 "{index} or {dir} in it",
                                 r->target->path, both);
    mem_free(names);
    arena_free(&arena);
    return status;
}
