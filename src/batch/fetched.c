/* What URLs gave, opened as files are. */

#include "batch/journal.h"
#include "io/url.h"

sheaf_status fetched_failed(struct worker *w, size_t i, int k, const struct http_get *get)
{
    const size_t n = strlen(get->name);
    w->error = get->error;
    /* Other URLs may give the same bytes: it is this one that has not got them. */
    if (strncmp(get->error.message, get->name, n) == 0)
        sheaf_error_set(&w->error, get->status, "%.300s%s", item_path(items_at(w->map->items, i), k),
                        get->error.message + n);
    w->transient = get->transient;
    return get->status;
}

sheaf_status fetched_open(struct worker *w, size_t i, int k, const struct http_get *get, struct io_buffer *buffer,
                          struct io_input *in)
{
    const struct items *items = w->map->items;
    const char *part = url_part(items->urls.at[urls_of(items, i, k)].url);
    struct io_identity *identity = journal_identity(w, k);
    *in = (struct io_input){.fd = -1, .transient = get->transient};
    if (get->status != SHEAF_OK)
        return fetched_failed(w, i, k, get);
    if (identity)
        *identity = get->body.identity;
    return io_open_fd(get->name, get->body.fd, part, k ? NULL : items->read, buffer, in, &w->error);
}

bool fetched_describe(struct worker *w, size_t i, int k, const struct http_get *get, sheaf_file_info *info)
{
    struct io_input in;
    struct io_buffer buffer = {0};
    const bool known = fetched_open(w, i, k, get, &buffer, &in) == SHEAF_OK;
    *info = in.info;
    io_close(&in);
    io_buffer_free(&buffer);
    return known;
}
