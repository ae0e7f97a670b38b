/* Items whose arrays are several files each. What reads them sees one file (src/io/join.c). */

#include "base/alloc.h"
#include "batch/slices.h"
#include "io/url.h"
#include <stdio.h>

const char *item_member(const struct items *items, const struct item *item, int k, size_t j)
{
    const char *const *paths;
    const size_t n = read_members(item_read(items, item, k), &paths);
    if (n == 0)
        return j == 0 ? item_path(item, k) : NULL;
    return j < n ? paths[j] : NULL;
}

bool item_is_named(const struct items *items, size_t i, const char *text)
{
    const struct item *item = items_at(items, i);
    char unnamed[SHEAF_NAME_MAX];
    const char *path;
    bool named = strstr(text, item_name(items, i, unnamed)) != NULL;
    for (int k = 0; k < item->count && item->joins && !named; k++)
        for (size_t j = 0; (path = item_member(items, item, k, j)) && !named; j++)
            named = strstr(text, path) != NULL;
    return named;
}

bool items_are_one(const struct items *items)
{
    return items->n == 1 && items->at[0].joins && !items->at[0].cut;
}

/* ---- names ---- */

static const char *base_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* "data/m01..m12.nc:tas" for data/m01.nc:tas to data/m12.nc:tas: what both end with, from a dot on, is said once. */
static char *name_of(const sheaf_join *join)
{
    const char *first = join->paths[0], *last = base_of(join->paths[join->n - 1]);
    size_t n = strlen(first), m = strlen(last), same = 0;
    const size_t base = (size_t)(base_of(first) - first);
    for (size_t k = 1; k < m && k < n - base && first[n - k] == last[m - k]; k++)
        if (last[m - k] == '.')
            same = k;
    if (join->n == 1)
        return mem_strdup(first);
    char *name = mem_alloc(n + m + 3);
    if (name)
        snprintf(name, n + m + 3, "%.*s..%s", (int)(n - same), first, last);
    return name;
}

/* ---- adding ---- */

static sheaf_status check(const struct items *items, const sheaf_join *arrays, int n, const char *name,
                          sheaf_error *error)
{
    if (n < 1 || n > ITEM_MAX_INPUTS)
        return sheaf_error_set(error, SHEAF_INVALID, "item [%zu]: %d arrays; an item has 1 to %d", items->n, n,
                               ITEM_MAX_INPUTS);
    if (name && !arrays[0].axis)
        return sheaf_error_set(error, SHEAF_INVALID, "item [%zu]: is one file, by which it is called", items->n);
    for (int k = 0; k < n; k++) {
        const sheaf_join *a = &arrays[k];
        if (a->n == 0 || (!a->axis && a->n > 1))
            return sheaf_error_set(error, SHEAF_INVALID,
                                   "item [%zu], array %d: %zu files, and no axis to join them along", items->n, k,
                                   a->n);
        if (a->axis && !*a->axis)
            return sheaf_error_set(error, SHEAF_INVALID, "item [%zu], array %d: the axis to join along is empty",
                                   items->n, k);
        for (size_t i = 0; i < a->n; i++)
            if (!a->paths[i] || !*a->paths[i])
                return sheaf_error_set(error, SHEAF_INVALID, "item [%zu], array %d: an empty path", items->n, k);
            else if (a->axis && url_is(a->paths[i]))
                return sheaf_error_set(error, SHEAF_UNSUPPORTED,
                                       "item [%zu]: URLs are not joined (--join): fetch them first, sheaf map x URL... "
                                       "-o DIR/, and join the files",
                                       items->n);
    }
    return SHEAF_OK;
}

/* Room for what n arrays are joined by. */
static sheaf_status reserve(struct items *items, size_t n, sheaf_error *error)
{
    if (items->njoins + n + 1 <= items->joins_capacity)
        return SHEAF_OK;
    const size_t capacity = 2 * items->joins_capacity + n + 1;
    sheaf_read **joins = capacity < INT32_MAX ? mem_realloc(items->joins, capacity * sizeof *joins) : NULL;
    if (!joins)
        return sheaf_error_set(error, SHEAF_NO_MEMORY, "no memory for item [%zu] of the batch", items->n);
    items->joins = joins;
    items->joins_capacity = capacity;
    if (items->njoins == 0)
        items->joins[items->njoins++] = NULL;
    return SHEAF_OK;
}

/* Note how the arrays are joined, from items->joins[*first] on, and what each is called. *made: to be freed. */
static sheaf_status note(struct items *items, const sheaf_join *arrays, int n, const char *name, size_t *first,
                         const char **paths, char **made, sheaf_error *error)
{
    sheaf_status status = check(items, arrays, n, name, error);
    if (status == SHEAF_OK)
        status = reserve(items, (size_t)n, error);
    *first = items->njoins;
    for (int k = 0; k < n && status == SHEAF_OK; k++) {
        const sheaf_join *a = &arrays[k];
        sheaf_read **read = &items->joins[items->njoins++];
        *read = NULL;
        if (a->axis)
            status = read_joined(a->n, a->paths, a->axis, k ? NULL : items->read, read, error);
        paths[k] = a->paths[0];
    }
    if (status == SHEAF_OK && !name && !(name = *made = name_of(&arrays[0])))
        status = sheaf_error_set(error, SHEAF_NO_MEMORY, "no memory for item [%zu] of the batch", items->n);
    paths[0] = name;
    return status;
}

/* sliced NULL: as one item. */
static sheaf_status add(sheaf_batch *batch, const sheaf_join *arrays, int n, const bool *sliced, const char *axis,
                        const char *name, sheaf_error *error)
{
    struct items *items = batch->items;
    const char *paths[ITEM_MAX_INPUTS];
    char *made = NULL;
    const size_t entries = items->entries;
    size_t first = items->njoins;
    sheaf_status status = note(items, arrays, n, name, &first, paths, &made, error);
    if (status == SHEAF_OK)
        status = sliced ? cut_add(items, paths, n, (uint32_t)first, sliced, axis, error)
                        : sheaf_batch_add_files(batch, paths, n, error);
    mem_free(made);
    if (status == SHEAF_OK && items->entries > entries) {
        items->at[entries].joins = (uint32_t)first & INT32_MAX;
        for (int k = 0; k < n; k++)
            items->paths += arrays[k].n - 1;
        return SHEAF_OK;
    }
    while (items->njoins > first)
        sheaf_read_free(items->joins[--items->njoins]);
    return status;
}

sheaf_status sheaf_batch_add_joined(sheaf_batch *batch, const sheaf_join *arrays, int n, const char *name,
                                    sheaf_error *error)
{
    return add(batch, arrays, n, NULL, NULL, name, error);
}

sheaf_status sheaf_batch_add_joined_slices(sheaf_batch *batch, const sheaf_join *arrays, int n, const bool *sliced,
                                           const char *axis, const char *name, sheaf_error *error)
{
    return add(batch, arrays, n, sliced, axis, name, error);
}
