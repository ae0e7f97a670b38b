#include "batch/items.h"

#include "base/alloc.h"
#include "base/checked.h"
#include "io/url.h"
#include <string.h>

struct items *items_retain(struct items *items)
{
    atomic_fetch_add_explicit(&items->owners, 1, memory_order_relaxed);
    return items;
}

void items_release(struct items *items)
{
    if (!items || atomic_fetch_sub_explicit(&items->owners, 1, memory_order_acq_rel) != 1)
        return;
    mem_free(items->at);
    urls_free(&items->urls);
    mem_free(items->cuts);
    arena_free(&items->arena);
    for (size_t k = 0; k < items->njoins; k++)
        sheaf_read_free(items->joins[k]);
    mem_free(items->joins);
    sheaf_read_free(items->read);
    mem_free(items);
}

void item_unpack(const struct item *item, sheaf_view *views)
{
    const struct packed_view *p = item->views;
    for (int v = 0; v < item->count; v++) {
        views[v].data = p->data;
        views[v].dtype = (sheaf_dtype)p->dtype;
        views[v].ndim = p->ndim;
        for (int d = 0; d < p->ndim; d++) {
            views[v].shape[d] = p->dims[d];
            views[v].strides[d] = p->dims[p->ndim + d];
        }
        p = (const struct packed_view *)(p->dims + 2 * p->ndim);
    }
}

uint64_t item_bytes(const struct item *item)
{
    const struct packed_view *p = item->views;
    uint64_t bytes = 0;
    for (int v = 0; v < item->count; v++) {
        uint64_t size = sheaf_dtype_size((sheaf_dtype)p->dtype);
        for (int d = 0; d < p->ndim; d++)
            size *= (uint64_t)p->dims[d];
        bytes += size;
        p = (const struct packed_view *)(p->dims + 2 * p->ndim);
    }
    return bytes;
}

char *decimal(size_t i, char *text)
{
    char digits[24];
    int n = 0;
    do {
        digits[n++] = (char)('0' + i % 10);
        i /= 10;
    } while (i);
    while (n)
        *text++ = digits[--n];
    *text = '\0';
    return text;
}

const char *item_name(const struct items *items, size_t i, char buffer[SHEAF_NAME_MAX])
{
    const struct cut *cut = items_cut(items, i);
    const struct item *item = items_at(items, i);
    char *end = buffer;
    if (item->name && (!cut || cut->refused))
        return item->name;
    if (cut) {
        const size_t n = strlen(item->name); /* there is room: who cut it has looked */
        memcpy(end, item->name, n);
        end += n;
        i -= cut->first;
    }
    *end = '[';
    end = decimal(i, end + 1);
    end[0] = ']';
    end[1] = '\0';
    return buffer;
}

sheaf_status sheaf_batch_new(sheaf_batch **out, sheaf_error *error)
{
    *out = NULL;
    sheaf_batch *batch = mem_calloc(1, sizeof *batch);
    struct items *items = mem_calloc(1, sizeof *items);
    if (!batch || !items) {
        mem_free(batch);
        mem_free(items);
        return sheaf_error_set(error, SHEAF_NO_MEMORY, "no memory for a batch");
    }
    atomic_init(&items->owners, 1);
    batch->items = items;
    *out = batch;
    return SHEAF_OK;
}

void sheaf_batch_free(sheaf_batch *batch)
{
    if (!batch)
        return;
    for (size_t i = 0; i < batch->narrays; i++)
        sheaf_array_free(batch->arrays[i]);
    mem_free(batch->arrays);
    items_release(batch->items);
    mem_free(batch);
}

bool items_reserve(struct items *items, size_t n)
{
    size_t bytes;
    if (n <= items->capacity)
        return true;
    size_t capacity = n < items->capacity * 2 ? items->capacity * 2 : n < 16 ? 16 : n;
    if (!size_mul(capacity, sizeof *items->at, &bytes))
        return false;
    struct item *at = mem_realloc(items->at, bytes);
    if (!at)
        return false;
    items->at = at;
    items->capacity = capacity;
    return true;
}

static sheaf_status no_memory(const struct items *items, sheaf_error *error)
{
    return sheaf_error_set(error, SHEAF_NO_MEMORY, "no memory for item [%zu] of the batch", items->n);
}

static sheaf_status check_view(const sheaf_view *view, const struct items *items, int v, sheaf_error *error)
{
    bool empty = false;
    if (!sheaf_dtype_size(view->dtype))
        return sheaf_error_set(error, SHEAF_INVALID, "item [%zu], array %d: %d is no dtype", items->n, v,
                               (int)view->dtype);
    if (view->ndim < 0 || view->ndim > SHEAF_MAX_NDIM)
        return sheaf_error_set(error, SHEAF_INVALID, "item [%zu], array %d: rank %d is outside 0..%d", items->n, v,
                               view->ndim, SHEAF_MAX_NDIM);
    size_t bytes = sheaf_dtype_size(view->dtype);
    for (int d = 0; d < view->ndim; d++) {
        if (view->shape[d] < 0)
            return sheaf_error_set(error, SHEAF_INVALID, "item [%zu], array %d: dimension %d is negative", items->n, v,
                                   d);
        empty = empty || view->shape[d] == 0;
        if (!size_mul(bytes, (size_t)(view->shape[d] ? view->shape[d] : 1), &bytes) || bytes > PTRDIFF_MAX)
            return sheaf_error_set(error, SHEAF_OVERFLOW, "item [%zu], array %d: its size does not fit in memory",
                                   items->n, v);
    }
    if (!view->data && !empty)
        return sheaf_error_set(error, SHEAF_INVALID, "item [%zu], array %d: its data is NULL", items->n, v);
    return SHEAF_OK;
}

static void *pack(struct arena *arena, const sheaf_view *views, int n)
{
    size_t words = 0;
    for (int v = 0; v < n; v++)
        words += sizeof(struct packed_view) / sizeof(int64_t) + 2 * (size_t)views[v].ndim;
    struct packed_view *first = arena_alloc(arena, words * sizeof(int64_t), sizeof(int64_t)), *p = first;
    if (!first)
        return NULL;
    for (int v = 0; v < n; v++) {
        p->data = views[v].data;
        p->dtype = (int32_t)views[v].dtype;
        p->ndim = views[v].ndim;
        for (int d = 0; d < p->ndim; d++) {
            p->dims[d] = views[v].shape[d];
            p->dims[p->ndim + d] = views[v].strides[d];
        }
        p = (struct packed_view *)(p->dims + 2 * p->ndim);
    }
    return first;
}

sheaf_status sheaf_batch_add_views(sheaf_batch *batch, const sheaf_view *views, int n, const char *name,
                                   sheaf_error *error)
{
    struct items *items = batch->items;
    if (n < 1 || n > ITEM_MAX_INPUTS)
        return sheaf_error_set(error, SHEAF_INVALID, "item [%zu]: %d arrays, expected 1 to %d", items->n, n,
                               ITEM_MAX_INPUTS);
    for (int v = 0; v < n; v++) {
        sheaf_status status = check_view(&views[v], items, v, error);
        if (status != SHEAF_OK)
            return status;
    }
    if (!items_reserve(items, items->entries + 1))
        return no_memory(items, error);
    struct item item = {name ? arena_strdup(&items->arena, name) : NULL, pack(&items->arena, views, n), n, 0, false};
    if (!item.views || (name && !item.name))
        return no_memory(items, error);
    items->at[items->entries++] = item;
    items->n++;
    return SHEAF_OK;
}

sheaf_status sheaf_batch_add_array(sheaf_batch *batch, sheaf_array *array, const char *name, sheaf_error *error)
{
    if (batch->narrays == batch->arrays_capacity) {
        size_t capacity = batch->arrays_capacity ? batch->arrays_capacity * 2 : 16, bytes;
        sheaf_array **arrays = size_mul(capacity, sizeof *arrays, &bytes) ? mem_realloc(batch->arrays, bytes) : NULL;
        if (!arrays)
            return no_memory(batch->items, error);
        batch->arrays = arrays;
        batch->arrays_capacity = capacity;
    }
    sheaf_view view = sheaf_array_view(array);
    sheaf_status status = sheaf_batch_add_views(batch, &view, 1, name, error);
    if (status == SHEAF_OK)
        batch->arrays[batch->narrays++] = sheaf_array_retain(array);
    return status;
}

sheaf_status items_check_paths(const struct items *items, const char *const *paths, int n, sheaf_error *error)
{
    if (n < 1 || n > ITEM_MAX_INPUTS)
        return sheaf_error_set(error, SHEAF_INVALID, "item [%zu]: %d files; an item has 1 to %d", items->n, n,
                               ITEM_MAX_INPUTS);
    for (int k = 0; k < n; k++)
        if (!paths[k] || !*paths[k])
            return sheaf_error_set(error, SHEAF_INVALID, "item [%zu]: an empty path", items->n);
    return SHEAF_OK;
}

char *items_paths(struct items *items, const char *const *paths, int n)
{
    const char *names[ITEM_MAX_INPUTS];
    const size_t nurls = items->urls.n;
    size_t bytes = 0;
    bool room = true;
    for (int k = 0; k < n && room; k++) {
        names[k] = paths[k];
        room = !url_is(paths[k]) || urls_add(items, k, paths[k], &names[k]);
        bytes += room ? strlen(names[k]) + 1 : 0;
    }
    char *all = room ? arena_alloc(&items->arena, bytes, 1) : NULL, *at = all;
    if (!all)
        items->urls.n = nurls;
    for (int k = 0; k < n && all; k++)
        at = stpcpy(at, names[k]) + 1;
    return all;
}

sheaf_status sheaf_batch_add_files(sheaf_batch *batch, const char *const *paths, int n, sheaf_error *error)
{
    struct items *items = batch->items;
    sheaf_status status = items_check_paths(items, paths, n, error);
    if (status != SHEAF_OK)
        return status;
    char *all = items_reserve(items, items->entries + 1) ? items_paths(items, paths, n) : NULL;
    if (!all)
        return no_memory(items, error);
    items->at[items->entries++] = (struct item){all, NULL, n, 0, false};
    items->n++;
    items->files++;
    items->paths += (size_t)n;
    return SHEAF_OK;
}

sheaf_status sheaf_batch_add_file(sheaf_batch *batch, const char *path, sheaf_error *error)
{
    return sheaf_batch_add_files(batch, &path, 1, error);
}

sheaf_status sheaf_batch_from_files(const char *const *paths, size_t n, sheaf_batch **out, sheaf_error *error)
{
    sheaf_batch *batch = NULL;
    *out = NULL;
    sheaf_status status = sheaf_batch_new(&batch, error);
    for (size_t i = 0; i < n && status == SHEAF_OK; i++)
        status = sheaf_batch_add_file(batch, paths[i], error);
    if (status == SHEAF_OK)
        *out = batch;
    else
        sheaf_batch_free(batch);
    return status;
}

sheaf_status sheaf_batch_from_views(const sheaf_view *views, size_t n, sheaf_batch **out, sheaf_error *error)
{
    sheaf_batch *batch = NULL;
    *out = NULL;
    sheaf_status status = sheaf_batch_new(&batch, error);
    if (status == SHEAF_OK && !items_reserve(batch->items, n))
        status = no_memory(batch->items, error);
    for (size_t i = 0; i < n && status == SHEAF_OK; i++)
        status = sheaf_batch_add_views(batch, &views[i], 1, NULL, error);
    if (status == SHEAF_OK)
        *out = batch;
    else
        sheaf_batch_free(batch);
    return status;
}

size_t sheaf_batch_size(const sheaf_batch *batch)
{
    return batch->items->n;
}

const char *sheaf_batch_name(const sheaf_batch *batch, size_t i, char buffer[SHEAF_NAME_MAX])
{
    return i < batch->items->n ? item_name(batch->items, i, buffer) : "";
}
