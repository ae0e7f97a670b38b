#include "batch/preview.h"
#include "batch/sinks.h"
#include <stdio.h>

/* An .npy's header, for the estimate of the space needed. */
enum {
    HEADER = 128
};

struct each {
    const struct request *r;
    struct write_failure failure;
};

static sheaf_status each_place(void *self, struct worker *w, size_t i, int k, sheaf_view *view, sheaf_error *error)
{
    char text[VIEW_TEXT];
    (void)self, (void)i, (void)k;
    view->data = worker_scratch(w, (size_t)sheaf_view_size(view) * sheaf_dtype_size(view->dtype));
    if (view->data)
        return SHEAF_OK;
    return sheaf_error_set(error, SHEAF_NO_MEMORY, "no memory for a result of %s", view_text(view, text));
}

static sheaf_status each_deliver(void *self, struct worker *w, size_t i, const sheaf_view *outs, sheaf_error *error)
{
    struct each *e = self;
    char path[PATH_MAX];
    sheaf_status status = target_of(e->r->target, w->map->items, i, path, error);
    if (status == SHEAF_OK)
        status = npy_save(path, &outs[0], false, error);
    return status == SHEAF_IO ? write_failed(&e->failure, w, error) : status;
}

/* Headers tell how much is going to be written. */
static sheaf_status check_space(const struct request *r, sheaf_error *error)
{
    struct preview p;
    if (!func_is_known(r->func))
        return SHEAF_OK;
    team t = team_lease(r->options->threads);
    sheaf_status status = preview_make(r->func, r->batch->items, &t, &p, NULL, error);
    team_release(&t);
    if (status == SHEAF_OK)
        status = target_check_space(r->target, p.bytes_out + p.readable * HEADER, error);
    return status;
}

static sheaf_status finish(const struct request *r, struct each *e, const sheaf_results *results, sheaf_error *error)
{
    sheaf_status status = SHEAF_OK;
    if (e->failure.error.status != SHEAF_OK) {
        size_t written = results->report.done - results->report.failed;
        return sheaf_error_set(error, e->failure.error.status, "%s (%zu of %zu files were written)",
                               e->failure.error.message, written, results->n);
    }
    for (size_t k = 0; k < r->target->nsyncs && !r->options->no_sync && status == SHEAF_OK; k++)
        status = io_sync_directory(r->target->syncs[k], error);
    return status == SHEAF_OK ? write_items(r, results, false, error) : status;
}

sheaf_status sink_each(const struct request *r, sheaf_results **results, sheaf_error *error)
{
    struct each e = {.r = r, .failure = {ATOMIC_FLAG_INIT, {SHEAF_OK, ""}}};
    const struct sink sink = {&e, each_place, each_deliver, false};
    sheaf_status status = target_make_directories(r->target, r->batch->items, error);
    if (status == SHEAF_OK)
        status = check_space(r, error);
    if (status == SHEAF_OK)
        status = map_run(r->func, r->batch, r->options, &sink, results, error);
    return status == SHEAF_OK ? finish(r, &e, *results, error) : status;
}
