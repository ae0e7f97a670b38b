/* The sink of NAME.nc: values are kept, and the file is written when all are there. */

#include "base/alloc.h"
#include "base/pool.h"
#include "batch/netcdf.h"
#include "batch/preview.h"

/* One variable of the file: output k of item i, or of all items. */
struct placed {
    size_t item, variable;
    int k;
};

struct nc_sink {
    const struct request *r;
    const sheaf_results *results;
    struct nc_results n;
    struct placed *placed; /* of those that are written one by one */
    size_t nplaced;
    bool stacked;
};

static sheaf_status no_memory(const struct nc_sink *s, size_t bytes, sheaf_error *error)
{
    return sheaf_error_set(error, SHEAF_NO_MEMORY, "%.200s: no memory for %zu bytes", s->r->target->path, bytes);
}

/* ---- a variable for each item ---- */

static sheaf_status place_one(struct nc_sink *s, size_t i, int k, const char *name, sheaf_error *error)
{
    struct placed *p = &s->placed[s->nplaced];
    sheaf_view view;
    sheaf_status status = sheaf_results_view(s->results, i, k, &view, error);
    *p = (struct placed){.item = i, .k = k};
    if (status == SHEAF_OK)
        status = nc_results_add(&s->n, i, k, &view, name, &p->variable, error);
    s->nplaced += status == SHEAF_OK;
    return status;
}

static sheaf_status place_each(struct nc_sink *s, sheaf_error *error)
{
    const sheaf_results *results = s->results;
    char name[PATH_MAX];
    sheaf_status status = SHEAF_OK;
    s->placed = mem_alloc((results->n * (size_t)results->nout + 1) * sizeof *s->placed);
    if (!s->placed)
        return no_memory(s, results->n * sizeof *s->placed, error);
    for (size_t i = 0; i < results->n && status == SHEAF_OK; i++) {
        if (results->slots[i].status != SHEAF_OK)
            continue;
        status = results->n > 1 ? member_name(s->r, i, name, error) : SHEAF_OK;
        for (int k = 0; k < results->nout && status == SHEAF_OK; k++)
            status = place_one(s, i, k, results->n > 1 ? name : NULL, error);
    }
    return status;
}

static sheaf_status write_each(struct nc_sink *s, struct io_output *out, sheaf_error *error)
{
    sheaf_view view;
    sheaf_status status = SHEAF_OK;
    for (size_t v = 0; v < s->nplaced && status == SHEAF_OK; v++) {
        const struct placed *p = &s->placed[v];
        status = sheaf_results_view(s->results, p->item, p->k, &view, error);
        if (status == SHEAF_OK)
            status = nc_put(&s->n.writer, out, p->variable, 0, (size_t)sheaf_view_size(&view), view.data, error);
    }
    return status;
}

/* ---- a variable for each output ---- */

static sheaf_status place_stacks(struct nc_sink *s, sheaf_view *rows, sheaf_error *error)
{
    const sheaf_results *results = s->results;
    sheaf_status status = SHEAF_OK;
    s->placed = mem_alloc((size_t)results->nout * sizeof *s->placed);
    if (!s->placed)
        return no_memory(s, (size_t)results->nout * sizeof *s->placed, error);
    for (int k = 0; k < results->nout && status == SHEAF_OK; k++) {
        size_t first;
        status = results_uniform(results, k, &first, &rows[k], error);
        if (status == SHEAF_OK && results->report.failed + results->report.skipped && !has_nan(rows[k].dtype))
            return sheaf_error_set(error, SHEAF_INVALID,
                                   "%.200s was not finished: %zu of %zu items have no result, which %s cannot mark as "
                                   "missing; write a .csv or .npz instead",
                                   s->r->target->path, results->report.failed + results->report.skipped, results->n,
                                   sheaf_dtype_name(rows[k].dtype));
        if (status == SHEAF_OK)
            status = nc_results_stack(&s->n, results, k, &rows[k], &s->placed[k].variable, error);
    }
    return status;
}

static sheaf_status write_stack(struct nc_sink *s, int k, const sheaf_view *row, struct io_output *out,
                                sheaf_error *error)
{
    const size_t n = (size_t)sheaf_view_size(row), bytes = n * sheaf_dtype_size(row->dtype);
    double room[2];
    sheaf_view view, nan = view_of_nan(row, room), nans = *row;
    sheaf_status status = SHEAF_OK;
    nans.data = pool_get(bytes ? bytes : 1);
    if (!nans.data)
        return no_memory(s, bytes, error);
    if (has_nan(row->dtype))
        status = sheaf_view_copy(&nan, &nans, error);
    for (size_t i = 0; i < s->results->n && status == SHEAF_OK; i++) {
        view = nans;
        if (s->results->slots[i].status == SHEAF_OK)
            status = sheaf_results_view(s->results, i, k, &view, error);
        if (status == SHEAF_OK)
            status = nc_put(&s->n.writer, out, s->placed[k].variable, (uint64_t)i * n, n, view.data, error);
    }
    pool_put(nans.data, bytes ? bytes : 1);
    return status;
}

static sheaf_status write_stacks(struct nc_sink *s, const sheaf_view *rows, struct io_output *out, sheaf_error *error)
{
    sheaf_status status = SHEAF_OK;
    for (int k = 0; k < s->results->nout && status == SHEAF_OK; k++)
        status = write_stack(s, k, &rows[k], out, error);
    return status;
}

/* ---- the sink ---- */

/* The error of a file without a result. */
static sheaf_status nothing(const struct nc_sink *s, sheaf_error *error)
{
    const char *message;
    const size_t i = results_first_failed(s->results);
    sheaf_status status = sheaf_results_status(s->results, i < s->results->n ? i : 0, &message);
    return sheaf_error_set(error, status, "%.100s: nothing to write: no item has a result; the first: %.350s",
                           s->r->target->path, message);
}

static sheaf_status write_file(struct nc_sink *s, struct io_output *out, sheaf_error *error)
{
    sheaf_view rows[SHEAF_MAX_OUTPUTS];
    if (s->results->report.failed + s->results->report.skipped == s->results->n)
        return nothing(s, error);
    sheaf_status status = s->stacked ? place_stacks(s, rows, error) : place_each(s, error);
    if (status == SHEAF_OK)
        status = nc_results_begin(&s->n, out, error);
    if (status == SHEAF_OK)
        status = s->stacked ? write_stacks(s, rows, out, error) : write_each(s, out, error);
    return status;
}

/* Refuse before anything is computed what headers tell. */
static sheaf_status check(const struct nc_sink *s, sheaf_error *error)
{
    const struct request *r = s->r;
    const struct items *items = r->batch->items;
    struct preview p = {0};
    char a[SHEAF_NAME_MAX], b[SHEAF_NAME_MAX];
    if (items->n == 0)
        return sheaf_error_set(error, SHEAF_INVALID, "%.200s: nothing to write: the batch is empty", r->target->path);
    if (!func_is_known(r->func))
        return SHEAF_OK;
    team t = team_lease(r->options->threads);
    sheaf_status status = preview_make(r->func, items, &t, &p, NULL, error);
    team_release(&t);
    for (int k = 0; k < r->func->nout && status == SHEAF_OK && p.first < items->n; k++)
        status = nc_check_dtype(r->target->path, r->func->outputs[k], p.outs[k].dtype, error);
    if (status == SHEAF_OK && s->stacked && p.first < items->n && p.other < items->n) {
        char text[VIEW_TEXT], other[VIEW_TEXT];
        int k = 0;
        while (k + 1 < r->func->nout && same_signature(&p.outs[k], &p.other_outs[k]))
            k++;
        status = sheaf_error_set(error, SHEAF_SHAPE,
                                 "results do not stack: %.100s gives %s, but %.100s gives %s; write to DIR/{stem}.nc "
                                 "instead",
                                 item_name(items, p.first, a), view_text(&p.outs[k], text),
                                 item_name(items, p.other, b), view_text(&p.other_outs[k], other));
    }
    return status == SHEAF_OK ? target_check_space(r->target, p.bytes_out, error) : status;
}

sheaf_status sink_nc(const struct request *r, sheaf_results **results, sheaf_error *error)
{
    const struct sink sink = {
        .place = keep_place, .keeps = true, .journal = r->journal, .record = record_values, .recall = recall_values};
    struct nc_sink s = {.r = r, .n = {.r = r}};
    struct io_output out = {0};
    sheaf_status status = members_apart(r, &s.stacked, error);
    s.stacked = !s.stacked && r->batch->items->n > 1;
    if (status == SHEAF_OK)
        status = check(&s, error);
    if (status == SHEAF_OK)
        status = begin_journal(r, error);
    /* Made before the work, so that a directory that takes no file is found now. */
    if (status == SHEAF_OK)
        status = create_output(r, &out, error);
    if (status == SHEAF_OK)
        status = map_run(r->func, r->batch, r->options, &sink, results, error);
    if (status == SHEAF_OK)
        status = end_journal(r, &sink, *results, error);
    if (status == SHEAF_OK)
        status = check_cancelled(r, *results, error);
    s.results = *results;
    if (status == SHEAF_OK)
        status = write_file(&s, &out, error);
    if (status == SHEAF_OK)
        status = finish_output(r, *results, &out, false, error);
    io_discard(&out);
    nc_results_clear(&s.n);
    mem_free(s.placed);
    return status;
}
