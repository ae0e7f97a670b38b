/* Items that are parts of files. A part's path is FILE:PART, which src/io understands. */

#include "base/alloc.h"
#include "batch/slices.h"
#include "io/io.h"
#include "io/url.h"
#include <stdio.h>

sheaf_status sheaf_batch_read(sheaf_batch *batch, size_t n, const char *const *texts, sheaf_error *error)
{
    sheaf_read *read = NULL;
    sheaf_status status = sheaf_read_new(n, texts, &read, error);
    if (status)
        return status;
    if (batch->items->njoins) {
        sheaf_read_free(read);
        return sheaf_error_set(error, SHEAF_INVALID, "how files are read is to be said before files are joined");
    }
    sheaf_read_free(batch->items->read);
    batch->items->read = read;
    return SHEAF_OK;
}

sheaf_status sheaf_batch_add_part(sheaf_batch *batch, const char *path, const char *part, sheaf_error *error)
{
    if (!path || !*path || !part)
        return sheaf_error_set(error, SHEAF_INVALID, "item [%zu]: no %s", batch->items->n,
                               part ? "path" : "name of a part");
    const size_t n = strlen(path), m = strlen(part) + 1;
    char *text = mem_alloc(n + 1 + m);
    if (!text)
        return sheaf_error_set(error, SHEAF_NO_MEMORY, "no memory for item [%zu] of the batch", batch->items->n);
    memcpy(text, path, n);
    text[n] = url_is(path) ? '#' : ':';
    memcpy(text + n + 1, part, m);
    sheaf_status status = sheaf_batch_add_file(batch, text, error);
    mem_free(text);
    return status;
}

const char *path_file(const char *path, char text[PATH_MAX])
{
    const size_t n = io_file_length(path);
    if (!path[n])
        return path;
    memcpy(text, path, n); /* a name that is a file's is shorter than PATH_MAX */
    text[n] = '\0';
    return text;
}

static bool ends_with(const char *text, const char *end)
{
    const size_t n = strlen(text), m = strlen(end);
    return n > m && memcmp(text + n - m, end, m) == 0;
}

/* What is called so is one array: it need not be opened to be counted. */
static bool is_one_array(const char *path)
{
    static const char *const ends[] = {".npy", ".npy.gz", ".npy.zst"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (ends_with(path, ends[i]))
            return true;
    return false;
}

sheaf_status sheaf_batch_add_parts(sheaf_batch *batch, const char *path, size_t n, const char *const *select,
                                   sheaf_error *error)
{
    sheaf_file *file = NULL;
    sheaf_status status = SHEAF_OK;
    for (size_t i = 0; i < n && !status; i++)
        status = sheaf_batch_add_part(batch, path, select[i], error);
    if (n)
        return status;
    /* A file that cannot be opened is an item that says so when its turn comes; a pipe can be opened once only. */
    if (is_one_array(path) || !io_is_regular(path) || sheaf_file_open(path, batch->items->read, &file, NULL) ||
        sheaf_file_parts(file) == 0 || !*sheaf_file_part_name(file, 0)) {
        sheaf_file_close(file);
        return sheaf_batch_add_file(batch, path, error);
    }
    for (size_t part = 0; part < sheaf_file_parts(file) && !status; part++)
        status = sheaf_batch_add_part(batch, path, sheaf_file_part_name(file, part), error);
    sheaf_file_close(file);
    return status;
}

sheaf_status items_not_fetched(const struct items *items, size_t i, sheaf_error *error)
{
    return sheaf_error_set(error, SHEAF_UNSUPPORTED, "%.300s: what is in it is known when it has been fetched",
                           items_at(items, i)->name);
}

sheaf_status sheaf_batch_describe(const sheaf_batch *batch, size_t i, sheaf_file_info *info, sheaf_error *error)
{
    struct io_buffer buffer = {0};
    const struct item *item = i < batch->items->n ? items_at(batch->items, i) : NULL;
    const struct cut *cut = item && item->cut ? items_cut(batch->items, i) : NULL;
    if (!item || !item_is_file(item))
        return sheaf_error_set(error, SHEAF_INVALID, "item [%zu] of the batch is no file", i);
    if (urls_first(batch->items, i) != SIZE_MAX)
        return items_not_fetched(batch->items, i, error);
    sheaf_status status = io_describe(item->name, item_read(batch->items, item, 0), &buffer, info, NULL, error);
    io_buffer_free(&buffer);
    if (status == SHEAF_OK && cut)
        status = cut_describe(cut, info, error);
    return status;
}
