/* Items that are slices of files: counted and described once for each file. */

#include "base/alloc.h"
#include "base/checked.h"
#include "batch/slices.h"
#include "io/url.h"
#include <stdio.h>

/* The last cut that begins at item i or before; NULL: none. */
static const struct cut *last_cut(const struct items *items, size_t i)
{
    size_t low = 0, high = items->ncuts;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (items->cuts[middle].first <= i)
            low = middle + 1;
        else
            high = middle;
    }
    return low ? &items->cuts[low - 1] : NULL;
}

const struct cut *items_cut(const struct items *items, size_t i)
{
    const struct cut *cut = items->ncuts ? last_cut(items, i) : NULL;
    return cut && i - cut->first < cut->n ? cut : NULL;
}

const struct item *items_find(const struct items *items, size_t i)
{
    const struct cut *cut = last_cut(items, i);
    if (!cut)
        return &items->at[i];
    const size_t behind = i - cut->first;
    return behind < cut->n ? &items->at[cut->entry] : &items->at[cut->entry + 1 + (behind - cut->n)];
}

uint64_t cut_bytes(const struct cut *cut, int count)
{
    uint64_t bytes = 0;
    for (int k = 0; k < count; k++)
        if (cut->parts[k].sliced)
            bytes += (uint64_t)sheaf_view_size(&cut->parts[k].view) * sheaf_dtype_size(cut->parts[k].view.dtype);
    return bytes;
}

sheaf_status cut_look(const struct io_input *in, const char *said, struct cut_part *part, size_t *n, sheaf_error *error)
{
    const sheaf_file_info *info = &in->info;
    int64_t shape[SHEAF_MAX_NDIM];
    int ndim = 0;
    part->axis = -1;
    sheaf_status status = part->sliced ? io_axis(in, said, &part->axis, error) : SHEAF_OK;
    if (status != SHEAF_OK)
        return status;
    for (int d = 0; d < info->ndim; d++)
        if (d != part->axis)
            shape[ndim++] = info->shape[d];
    if (part->sliced)
        *n = (size_t)info->shape[part->axis];
    return sheaf_view_init(&part->view, NULL, info->dtype, ndim, shape, error);
}

/* The names of the dimensions that a slice has. */
static sheaf_status note_dims(const struct io_input *in, struct arena *arena, struct cut_part *part, sheaf_error *error)
{
    struct io_text text = {NULL, 0, 0};
    bool ok = io_dimensions(in, &text);
    if (ok && text.n && part->sliced) {
        char *own = text.data;
        for (int d = 0; d < part->axis; d++)
            own += strcspn(own, "\n") + 1;
        char *next = own + strcspn(own, "\n") + 1;
        memmove(own, next, strlen(next) + 1);
    }
    if (ok && text.n)
        ok = (part->dims = arena_strdup(arena, text.data)) != NULL;
    io_text_free(&text);
    return ok ? SHEAF_OK : sheaf_error_set(error, SHEAF_NO_MEMORY, "no memory for the names of dimensions");
}

/* What items have of one file; arena (NULL: nobody asks) takes the names. What may pass is tried again at once: that it
 * could not be cut stays, as it decides how many items there are. */
static sheaf_status look_at(const char *path, const sheaf_read *read, const char *said, struct arena *arena,
                            struct cut_part *part, size_t *n, sheaf_error *error)
{
    sheaf_status status = SHEAF_OK;
    bool again = true;
    for (int tries = 0; again && tries < 3; tries++) {
        struct io_buffer buffer = {0};
        struct io_input in;
        status = cut_open(path, read, &buffer, &in, NULL, false, error);
        if (status == SHEAF_OK)
            status = cut_look(&in, said, part, n, error);
        if (status == SHEAF_OK && arena)
            status = note_dims(&in, arena, part, error);
        again = status != SHEAF_OK && in.transient;
        io_close(&in);
        io_buffer_free(&buffer);
    }
    return status;
}

/* Describe what items have of each file, and count the slices. */
static sheaf_status look(const struct items *items, const struct item *item, const char *const *paths, const char *said,
                         struct arena *arena, struct cut_part *parts, size_t *n, sheaf_error *error)
{
    const int count = item->count;
    char text[IO_SHOWN];
    sheaf_status status = SHEAF_OK;
    bool first = true;
    size_t own = 0;
    for (int k = 0; k < count && status == SHEAF_OK; k++) {
        status = look_at(paths[k], item_read(items, item, k), said, arena, &parts[k], &own, error);
        if (status != SHEAF_OK || !parts[k].sliced)
            continue;
        if (!first && own != *n)
            status =
                sheaf_error_set(error, SHEAF_SHAPE, "%s: has %zu slices along axis %s, and the array beside it %zu",
                                io_shown(paths[k], text), own, said, *n);
        *n = own;
        first = false;
    }
    return status;
}

sheaf_status cut_refusal(const struct items *items, const struct cut *cut, sheaf_error *error)
{
    const struct item *item = &items->at[cut->entry];
    const char *paths[ITEM_MAX_INPUTS];
    struct cut_part parts[ITEM_MAX_INPUTS];
    size_t n;
    for (int k = 0; k < item->count; k++) {
        paths[k] = item_path(item, k);
        parts[k] = (struct cut_part){.sliced = cut->parts[k].sliced};
    }
    const sheaf_status status = look(items, item, paths, cut->said, NULL, parts, &n, error);
    return status ? status
                  : sheaf_error_set(error, SHEAF_FORMAT, "%.300s: has changed since it could not be cut", item->name);
}

sheaf_status cut_describe(const struct cut *cut, sheaf_file_info *info, sheaf_error *error)
{
    const sheaf_view *view = &cut->parts[0].view;
    if (cut->refused)
        return sheaf_error_set(error, SHEAF_INVALID, "it cannot be cut along axis %.60s", cut->said);
    info->ndim = view->ndim;
    memcpy(info->shape, view->shape, sizeof info->shape);
    info->data_bytes = (uint64_t)sheaf_view_size(view) * sheaf_dtype_size(view->dtype);
    return SHEAF_OK;
}

static sheaf_status no_memory(const struct items *items, sheaf_error *error)
{
    return sheaf_error_set(error, SHEAF_NO_MEMORY, "no memory for item [%zu] of the batch", items->n);
}

static bool reserve_cut(struct items *items)
{
    size_t bytes;
    if (items->ncuts < items->cuts_capacity)
        return true;
    const size_t capacity = items->cuts_capacity ? 2 * items->cuts_capacity : 16;
    struct cut *cuts = size_mul(capacity, sizeof *cuts, &bytes) ? mem_realloc(items->cuts, bytes) : NULL;
    items->cuts = cuts ? cuts : items->cuts;
    items->cuts_capacity = cuts ? capacity : items->cuts_capacity;
    return cuts != NULL;
}

sheaf_status cut_add(struct items *items, const char *const *paths, int n, uint32_t joins, const bool *sliced,
                     const char *axis, sheaf_error *error)
{
    struct item item = {NULL, NULL, n, joins & INT32_MAX, true};
    sheaf_status status = items_check_paths(items, paths, n, error);
    for (int k = 0; k < n && status == SHEAF_OK; k++)
        if (url_is(paths[k]))
            status = sheaf_error_set(error, SHEAF_UNSUPPORTED,
                                     "item [%zu]: a URL cannot be cut, as its shape is known when it has been fetched: "
                                     "fetch it to a file first",
                                     items->n);
    if (status == SHEAF_OK && (!axis || !*axis))
        status = sheaf_error_set(error, SHEAF_INVALID, "item [%zu]: no axis to cut it along", items->n);
    if (status == SHEAF_OK && strlen(paths[0]) > SHEAF_NAME_MAX - 32)
        status = sheaf_error_set(error, SHEAF_INVALID, "item [%zu]: its name is too long", items->n);
    if (status != SHEAF_OK)
        return status;
    const size_t size = (size_t)n * sizeof(struct cut_part);
    struct cut_part *parts = arena_alloc(&items->arena, size, _Alignof(struct cut_part));
    struct cut cut = {.first = items->n, .n = 0, .entry = items->entries, .parts = parts};
    if (!parts || !(cut.said = arena_strdup(&items->arena, axis)) || !reserve_cut(items) ||
        !items_reserve(items, items->entries + 1))
        return no_memory(items, error);
    memset(parts, 0, size);
    for (int k = 0; k < n; k++)
        parts[k].sliced = sliced[k];
    status = look(items, &item, paths, axis, &items->arena, parts, &cut.n, error);
    if (status == SHEAF_NO_MEMORY || (status == SHEAF_OK && cut.n == 0))
        return status;
    cut.refused = status != SHEAF_OK;
    cut.n = cut.refused ? 1 : cut.n;
    if (cut.n > SIZE_MAX / 2 - items->n)
        return sheaf_error_set(error, SHEAF_INVALID, "%.200s: has more slices than can be counted", paths[0]);
    item.name = items_paths(items, paths, n);
    if (!item.name)
        return no_memory(items, error);
    items->at[items->entries++] = item;
    items->cuts[items->ncuts++] = cut;
    items->n += cut.n;
    items->files += cut.n;
    items->paths += (size_t)n;
    return SHEAF_OK;
}

sheaf_status sheaf_batch_add_files_slices(sheaf_batch *batch, const char *const *paths, int n, const bool *sliced,
                                          const char *axis, sheaf_error *error)
{
    return cut_add(batch->items, paths, n, 0, sliced, axis, error);
}

sheaf_status sheaf_batch_add_slices(sheaf_batch *batch, const char *path, const char *axis, sheaf_error *error)
{
    const bool sliced = true;
    return sheaf_batch_add_files_slices(batch, &path, 1, &sliced, axis, error);
}
