#include "batch/csv.h"
#include "batch/preview.h"
#include "batch/sinks.h"
#include "batch/stream.h"
#include <sys/stat.h>

/* Whether files can be looked at twice: what a pipe has given is gone. */
static bool all_regular(const struct items *items)
{
    struct stat st;
    for (size_t i = 0; i < items->entries; i++)
        for (int k = 0; item_is_file(&items->at[i]) && k < items->at[i].count; k++)
            if (stat(item_path(&items->at[i], k), &st) == 0 && !S_ISREG(st.st_mode))
                return false;
    return true;
}

/* The columns, from all headers; not known: they do not tell. */
static sheaf_status columns(struct csv *c, const sheaf_func *func, const sheaf_batch *batch,
                            const sheaf_map_options *options, bool *known, sheaf_error *error)
{
    const size_t n = batch->items->n;
    struct preview p = {0};
    *known = func_is_known(func) && all_regular(batch->items);
    if (!*known)
        return SHEAF_OK;
    team t = team_lease(options->threads);
    sheaf_status status = preview_make(func, batch->items, &t, &p, NULL, error);
    team_release(&t);
    *known = p.other == n;
    for (int k = 0; k < func->nout && status == SHEAF_OK && *known; k++) {
        const sheaf_view *out = p.first < n ? &p.outs[k] : NULL;
        status = out ? check_csv_cell(func->name, out, error) : SHEAF_OK;
        c->scalar[k] = !out || out->ndim == 0;
        c->width[k] = c->scalar[k] ? 1 : out->shape[0];
    }
    return status;
}

/* Write every row as soon as it is there. */
static sheaf_status follow(sheaf_stream *s, struct csv *c, sheaf_error *error)
{
    sheaf_status status = SHEAF_OK;
    size_t i;
    while (status == SHEAF_OK) {
        if (!stream_ready(s))
            status = csv_flush(c, 0, error);
        if (status != SHEAF_OK || !stream_wait(s, &i))
            break;
        /* Rows that a cancelled map has not come to are left out. */
        const bool wanted = s->results->slots[i].ended || !s->results->cancelled;
        if (wanted && !c->results)
            status = csv_header(c, error);
        if (wanted)
            c->results = s->results;
        if (wanted && status == SHEAF_OK)
            status = csv_row(c, i, error);
        stream_release(s, i);
    }
    return status == SHEAF_OK ? csv_flush(c, 0, error) : status;
}

static sheaf_status at_once(const sheaf_func *func, const sheaf_batch *batch, const sheaf_map_options *options,
                            sheaf_write_fn *write, void *user, sheaf_results **results, sheaf_error *error)
{
    sheaf_status status = sheaf_map(func, batch, options, results, error);
    if (status == SHEAF_OK && !was_cancelled(*results))
        status = sheaf_results_csv(*results, write, user, error);
    return status;
}

sheaf_status sheaf_map_csv(const sheaf_func *func, const sheaf_batch *batch, const sheaf_map_options *options,
                           sheaf_write_fn *write, void *user, sheaf_results **results, sheaf_error *error)
{
    struct csv c = {.names = func->outputs, .nout = func->nout, .write = write, .user = user};
    sheaf_results *r = NULL;
    sheaf_map_options checked;
    sheaf_stream *stream;
    bool known;
    sheaf_status status = map_options(options, &checked, error);
    checked.arrival = false;
    if (status == SHEAF_OK)
        status = columns(&c, func, batch, &checked, &known, error);
    if (status == SHEAF_OK && !known) {
        status = at_once(func, batch, &checked, write, user, &r, error);
    } else if (status == SHEAF_OK && (status = stream_open(func, batch, &checked, &c, &stream, error)) == SHEAF_OK) {
        status = follow(stream, &c, error);
        const sheaf_status closed = sheaf_map_close(stream, &r, status == SHEAF_OK ? error : NULL);
        status = status == SHEAF_OK ? closed : status;
        if (status == SHEAF_OK && batch->items->n == 0 && (status = csv_header(&c, error)) == SHEAF_OK)
            status = csv_flush(&c, 0, error);
    }
    io_text_free(&c.text);
    if (results)
        *results = r;
    else
        sheaf_results_free(r);
    return status;
}
