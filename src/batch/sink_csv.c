#include "batch/preview.h"
#include "batch/sinks.h"

sheaf_status check_csv_cell(const char *function, const sheaf_view *view, sheaf_error *error)
{
    char text[VIEW_TEXT];
    if (view->ndim == 0 || (view->ndim == 1 && view->shape[0] <= SHEAF_CSV_MAX_VECTOR))
        return SHEAF_OK;
    return sheaf_error_set(error, SHEAF_SHAPE,
                           "%s gives %s, and a CSV row holds numbers and vectors of at most %d; write to NAME.npy or "
                           "DIR/ instead",
                           function, view_text(view, text), SHEAF_CSV_MAX_VECTOR);
}

static sheaf_status csv_place(void *self, struct worker *w, size_t i, int k, sheaf_view *view, sheaf_error *error)
{
    sheaf_status status = check_csv_cell(w->map->func->name, view, error);
    return status == SHEAF_OK ? keep_place(self, w, i, k, view, error) : status;
}

/* Refuse results that no row can hold, as far as the first readable item tells. */
static sheaf_status check(const struct request *r, sheaf_error *error)
{
    sheaf_view outs[SHEAF_MAX_OUTPUTS];
    const struct items *items = r->batch->items;
    uint64_t bytes;
    double cost;
    size_t i = 0, scratch;
    sheaf_status status = SHEAF_OK;
    struct io_buffer buffer = {0};
    while (i < items->n && preview_item(r->func, items, i, &bytes, &cost, &scratch, &buffer, outs, NULL) != SHEAF_OK)
        i++;
    io_buffer_free(&buffer);
    for (int k = 0; i < items->n && k < r->func->nout && status == SHEAF_OK; k++)
        status = check_csv_cell(r->func->name, &outs[k], error);
    return status;
}

struct writing {
    struct io_output out;
    sheaf_status status;
    sheaf_error error;
};

static bool append(const char *text, size_t n, void *user)
{
    struct writing *w = user;
    w->status = io_write(&w->out, text, n, &w->error);
    return w->status == SHEAF_OK;
}

sheaf_status sink_csv(const struct request *r, sheaf_results **results, sheaf_error *error)
{
    const struct sink sink = {
        .place = csv_place, .keeps = true, .journal = r->journal, .record = record_values, .recall = recall_values};
    struct writing w = {.status = SHEAF_OK};
    sheaf_status status = func_is_known(r->func) ? check(r, error) : SHEAF_OK;
    if (status == SHEAF_OK)
        status = begin_journal(r, error);
    if (status != SHEAF_OK)
        return status;
    /* Made before the work, so that a directory that takes no file is found now. */
    status = create_output(r, &w.out, error);
    if (status != SHEAF_OK)
        return status;
    status = map_run(r->func, r->batch, r->options, &sink, results, error);
    if (status == SHEAF_OK)
        status = end_journal(r, &sink, *results, error);
    if (status == SHEAF_OK)
        status = check_cancelled(r, *results, error);
    if (status == SHEAF_OK) {
        status = sheaf_results_csv(*results, append, &w, error);
        if (w.status != SHEAF_OK) {
            status = w.status;
            if (error)
                *error = w.error;
        }
    }
    if (status == SHEAF_OK)
        status = finish_output(r, *results, &w.out, false, error);
    io_discard(&w.out);
    return status;
}
