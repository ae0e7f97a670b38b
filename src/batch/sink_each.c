#include "base/hash.h"
#include "batch/netcdf.h"
#include "batch/preview.h"
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

#ifdef SHEAF_DEFLATE
/* An archive of one member, called as its input is. */
static sheaf_status npz_save_as(const struct request *r, const char *path, const char *suffix, size_t i,
                                const sheaf_view *view, sheaf_error *error)
{
    struct npz_output z = {0};
    struct io_output out = {0};
    char member[PATH_MAX];
    sheaf_status status = member_alone(r, i, member, error);
    if (status == SHEAF_OK)
        status = io_create_as(path, suffix, false, &out, error);
    npz_begin(&z, &out, r->options->compress);
    z.layout = request_layout(r);
    if (status == SHEAF_OK)
        status = npz_add(&z, member, view, error);
    if (status == SHEAF_OK)
        status = npz_end(&z, error);
    npz_clear(&z);
    if (status == SHEAF_OK)
        status = io_commit(&out, false, error);
    io_discard(&out);
    return status;
}
#endif

static sheaf_status save(const struct request *r, const char *path, size_t i, const sheaf_view *view,
                         sheaf_error *error)
{
    const char *suffix = r->journal ? r->journal->suffix : NULL;
    switch (r->target->format) {
    case TARGET_CSV:
        return csv_save_as(path, suffix, view, error);
    case TARGET_NC:
        return nc_save_as(r, path, suffix, i, view, error);
#ifdef SHEAF_DEFLATE
    case TARGET_NPZ:
        return npz_save_as(r, path, suffix, i, view, error);
#endif
    default:
        return npy_save_as(path, suffix, request_layout(r), view, false, error);
    }
}

static sheaf_status each_deliver(void *self, struct worker *w, size_t i, const sheaf_view *outs, sheaf_error *error)
{
    struct each *e = self;
    char path[PATH_MAX];
    sheaf_status status = target_of(e->r->target, w->map->items, i, path, error);
    if (status == SHEAF_OK)
        status = save(e->r, path, i, &outs[0], error);
    return status == SHEAF_IO ? write_failed(&e->failure, w, error) : status;
}

static sheaf_status each_open(void *self, struct worker *w, size_t i, const sheaf_view *view, struct far_place *place,
                              sheaf_error *error)
{
    struct each *e = self;
    char path[PATH_MAX];
    sheaf_status status = target_of(e->r->target, w->map->items, i, path, error);
    if (status == SHEAF_OK)
        status =
            npy_create_as(path, e->r->journal ? e->r->journal->suffix : NULL, view, &place->own, &place->at, error);
    place->out = &place->own;
    return status == SHEAF_IO ? write_failed(&e->failure, w, error) : status;
}

static sheaf_status each_close(void *self, struct worker *w, struct far_place *place, bool whole, sheaf_error *error)
{
    struct each *e = self;
    sheaf_status status = whole ? io_commit(&place->own, false, error) : SHEAF_OK;
    io_discard(&place->own);
    return status == SHEAF_OK ? status : write_failed(&e->failure, w, error);
}

/* A record tells how many bytes of data the file has at least, so that one cut short is not taken for the result. */
static bool each_record(void *self, struct io_text *t, const sheaf_view *outs, int nout)
{
    unsigned char bytes[8];
    const struct request *r = ((const struct each *)self)->r;
    const bool as_is = r->target->format == TARGET_NPY || r->target->format == TARGET_NC;
    (void)nout;
    store_u64(bytes, as_is ? (uint64_t)sheaf_view_size(&outs[0]) * sheaf_dtype_size(outs[0].dtype) : 0);
    return io_text_add(t, (const char *)bytes, sizeof bytes);
}

static bool each_recall(void *self, sheaf_results *results, size_t i, const struct record *record)
{
    const struct each *e = self;
    char path[PATH_MAX];
    struct stat st;
    return record->size == 8 && target_of(e->r->target, results->items, i, path, NULL) == SHEAF_OK &&
           stat(path, &st) == 0 && S_ISREG(st.st_mode) && (uint64_t)st.st_size > load_u64(record->payload);
}

/* All outputs, by one syncfs for each file system. */
static sheaf_status each_sync(void *self, sheaf_error *error)
{
    const struct target *target = ((const struct each *)self)->r->target;
    sheaf_status status = SHEAF_OK;
    for (size_t k = 0; k < target->nsyncs && status == SHEAF_OK; k++)
        status = io_sync_directory(target->syncs[k], error);
    return status;
}

/* Headers tell how much is going to be written. */
static sheaf_status check_space(const struct request *r, sheaf_error *error)
{
    struct preview p = {0};
    if (!func_is_known(r->func))
        return SHEAF_OK;
    team t = team_lease(r->options->threads);
    sheaf_status status = preview_make(r->func, r->batch->items, &t, &p, NULL, error);
    team_release(&t);
    if (status == SHEAF_OK && p.first < r->batch->items->n && r->target->format == TARGET_CSV)
        status = csv_check(r->target->path, &p.outs[0], error);
    if (status == SHEAF_OK && p.first < r->batch->items->n && r->target->format == TARGET_NC)
        status = nc_check_dtype(r->target->path, r->func->outputs[0], p.outs[0].dtype, error);
    const uint64_t need = p.bytes_out + p.readable * HEADER, n = r->batch->items->n;
    const uint64_t done = r->journal && !r->journal->restart ? r->journal->had.done : 0;
    if (status == SHEAF_OK)
        status = target_check_space(r->target, done == 0 ? need : need / n * (n - done), error);
    return status;
}

/* An item that failed leaves no file, also where an earlier run had one for it. */
static sheaf_status remove_failed(const struct request *r, const sheaf_results *results, sheaf_error *error)
{
    char path[PATH_MAX];
    sheaf_status status = SHEAF_OK;
    if (!results->report.failed || (!r->options->overwrite && !r->options->resume))
        return SHEAF_OK;
    for (size_t i = 0; i < results->n && status == SHEAF_OK; i++) {
        if (results->slots[i].status == SHEAF_OK || !results->slots[i].attempts)
            continue;
        status = target_of(r->target, results->items, i, path, error);
        if (status == SHEAF_OK && unlink(path) != 0 && errno != ENOENT)
            status = sheaf_error_set(error, SHEAF_IO, "%.300s: cannot be removed: %s", path, strerror(errno));
    }
    return status;
}

static sheaf_status finish(const struct request *r, struct each *e, const sheaf_results *results, sheaf_error *error)
{
    sheaf_status status = remove_failed(r, results, error);
    if (e->failure.error.status != SHEAF_OK) {
        size_t written = results->report.done - results->report.failed;
        return sheaf_error_set(error, e->failure.error.status, "%s (%zu of %zu files were written)",
                               e->failure.error.message, written, results->n);
    }
    if (status == SHEAF_OK && !r->options->no_sync)
        status = each_sync(e, error);
    if (status == SHEAF_OK)
        status = write_items(r, results, false, error);
    if (status == SHEAF_OK)
        status = write_history(r, error);
    if (status == SHEAF_OK && r->journal && !was_cancelled(results))
        status = journal_finish(r->journal, NULL, results, error);
    return status;
}

sheaf_status sink_each(const struct request *r, sheaf_results **results, sheaf_error *error)
{
    struct each e = {.r = r, .failure = {ATOMIC_FLAG_INIT, {SHEAF_OK, ""}}};
    const bool plain = r->target->format == TARGET_NPY && !r->options->fortran_order && !r->options->big_endian;
    const struct sink sink = {.self = &e,
                              .place = each_place,
                              .deliver = each_deliver,
                              .open = plain ? each_open : NULL,
                              .close = each_close,
                              .journal = r->journal,
                              .record = each_record,
                              .recall = each_recall,
                              .sync = each_sync};
    sheaf_status status = target_make_directories(r->target, r->batch->items, error);
    if (status == SHEAF_OK)
        status = check_space(r, error);
    if (status == SHEAF_OK)
        status = begin_journal(r, error);
    if (status == SHEAF_OK)
        status = map_run(r->func, r->batch, r->options, &sink, results, error);
    if (status == SHEAF_OK)
        status = end_journal(r, &sink, *results, e.failure.error.status == SHEAF_OK ? error : NULL);
    if (e.failure.error.status != SHEAF_OK)
        status = SHEAF_OK; /* finish has the first of the two errors */
    return status == SHEAF_OK ? finish(r, &e, *results, error) : status;
}
