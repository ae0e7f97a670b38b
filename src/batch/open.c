/* Opening the paths of items; what URLs gave is opened as files are. */

#include "batch/journal.h"
#include "io/url.h"

static sheaf_status not_fetched(struct worker *w, size_t i, int k, const struct http_get *get)
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

static sheaf_status open_fetched(struct worker *w, size_t i, int k, const struct http_get *get,
                                 struct io_buffer *buffer, struct io_input *in)
{
    const struct items *items = w->map->items;
    const char *part = url_part(items->urls.at[urls_of(items, i, k)].url);
    struct io_identity *identity = journal_identity(w, k);
    *in = (struct io_input){.fd = -1, .transient = get->transient};
    if (get->status != SHEAF_OK)
        return not_fetched(w, i, k, get);
    if (identity)
        *identity = get->body.identity;
    return io_open_fd(get->name, get->body.fd, part, k ? NULL : items->read, buffer, in, &w->error);
}

sheaf_status open_path(struct worker *w, size_t i, int k, struct io_buffer *buffer, struct io_input *in)
{
    const struct items *items = w->map->items;
    const struct item *item = items_at(items, i);
    const struct http_get *get = transfers_of(w->map->transfers, i, k);
    if (get)
        return open_fetched(w, i, k, get, buffer, in);
    return io_open_known(item_path(item, k), item_read(items, item, k), buffer, in, journal_identity(w, k),
                         journal_by_contents(w), &w->error);
}

sheaf_status describe_path(struct worker *w, size_t i, int k, sheaf_file_info *info, bool *known)
{
    const char *path = item_path(items_at(w->map->items, i), k);
    const struct http_get *get = transfers_of(w->map->transfers, i, k);
    struct io_input in;
    struct io_buffer buffer = {0};
    if (!get) {
        *known = io_is_regular(path) && sheaf_file_describe(path, info, NULL) == SHEAF_OK;
        return SHEAF_OK;
    }
    if (get->status != SHEAF_OK)
        return not_fetched(w, i, k, get);
    *known = open_fetched(w, i, k, get, &buffer, &in) == SHEAF_OK;
    *info = in.info;
    io_close(&in);
    io_buffer_free(&buffer);
    return SHEAF_OK;
}
