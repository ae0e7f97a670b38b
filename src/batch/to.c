#include "batch/sinks.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

sheaf_status write_failed(struct write_failure *failure, struct worker *w, const sheaf_error *error)
{
    if (!atomic_flag_test_and_set(&failure->happened))
        failure->error = *error;
    map_stop(w->map, MAP_UNWRITABLE);
    return error->status;
}

sheaf_status create_output(const struct request *r, struct io_output *out, sheaf_error *error)
{
    return io_create_as(r->target->path, r->journal ? r->journal->suffix : NULL, false, out, error);
}

sheaf_status begin_journal(const struct request *r, sheaf_error *error)
{
    if (!r->journal)
        return SHEAF_OK;
    sheaf_status status = journal_start(r->journal, r->target->path, r->batch->items, error);
    return status == SHEAF_OK ? journal_run(r->journal, error) : status;
}

sheaf_status end_journal(const struct request *r, const struct sink *sink, const sheaf_results *results,
                         sheaf_error *error)
{
    struct journal *j = r->journal;
    sheaf_status status = SHEAF_OK;
    if (!j)
        return SHEAF_OK;
    /* Records that hold all there is are not written when the journal is about to go: end_run does it if it stays. */
    if (sink->sync || results->report.failed + results->report.skipped > 0)
        status = journal_flush(j, sink, true, error);
    if (atomic_load(&j->failed)) {
        status = j->error.status;
        if (error)
            *error = j->error;
    }
    return status;
}

bool record_values(void *self, struct io_text *t, const sheaf_view *outs, int nout)
{
    bool ok = true;
    (void)self;
    for (int k = 0; k < nout && ok; k++)
        ok = values_add(t, &outs[k]);
    return ok;
}

bool recall_values(void *self, sheaf_results *results, size_t i, const struct record *record)
{
    struct result *first = NULL;
    const unsigned char *at = record->payload, *end = at + record->size, *data;
    sheaf_view view;
    int k = 0;
    (void)self;
    for (; k < results->nout && values_next(&at, end, &view, &data); k++) {
        if (result_new(&results->arenas[0], &first, k, RESULT_SMALL, &view, NULL) != SHEAF_OK)
            break;
        const size_t bytes = (size_t)(at - data);
        if (bytes)
            memcpy(view.data, data, bytes);
        results->pooled = true;
    }
    if (k == results->nout && at == end) {
        results->slots[i].outputs = first;
        return true;
    }
    result_drop(first);
    return false;
}

static bool items_row(struct io_text *t, const sheaf_results *results, size_t i)
{
    char name[SHEAF_NAME_MAX], index[24], attempts[24];
    const char *message;
    sheaf_status status = sheaf_results_status(results, i, &message);
    decimal(i, index);
    decimal(results->slots[i].attempts, attempts);
    return io_text_field(t, index) && io_text_add(t, ",", 1) && io_text_field(t, item_name(results->items, i, name)) &&
           io_text_add(t, ",", 1) && io_text_field(t, sheaf_status_name(status)) && io_text_add(t, ",", 1) &&
           io_text_field(t, attempts) && io_text_add(t, ",", 1) && io_text_field(t, message) && io_text_add(t, "\n", 1);
}

sheaf_status write_items(const struct request *r, const sheaf_results *results, bool always, sheaf_error *error)
{
    static const char header[] = "index,item,status,attempts,message\n";
    const char *path = r->target->items_path;
    struct io_output out = {0};
    struct io_text text = {0};
    bool ok;
    if (!always && results->report.failed + results->report.skipped == 0) {
        if (unlink(path) != 0 && errno != ENOENT)
            return sheaf_error_set(error, SHEAF_IO, "%.300s: cannot be removed: %s", path, strerror(errno));
        return SHEAF_OK;
    }
    sheaf_status status = io_create_as(path, r->journal ? r->journal->suffix : NULL, false, &out, error);
    if (status != SHEAF_OK)
        return status;
    ok = io_text_add(&text, header, sizeof header - 1);
    for (size_t i = 0; i < results->n && ok && status == SHEAF_OK; i++) {
        ok = items_row(&text, results, i);
        if (ok && (text.n > 64 << 10)) {
            status = io_write(&out, text.data, text.n, error);
            text.n = 0;
        }
    }
    if (!ok)
        status = sheaf_error_set(error, SHEAF_NO_MEMORY, "%.300s: no memory", path);
    if (status == SHEAF_OK)
        status = io_write(&out, text.data, text.n, error);
    if (status == SHEAF_OK)
        status = io_commit(&out, !r->options->no_sync, error);
    io_discard(&out);
    io_text_free(&text);
    return status;
}

bool was_cancelled(const sheaf_results *results)
{
    return results->cancelled && results->report.skipped;
}

sheaf_status check_cancelled(const struct request *r, const sheaf_results *results, sheaf_error *error)
{
    if (!was_cancelled(results))
        return SHEAF_OK;
    return sheaf_error_set(error, SHEAF_SKIPPED, "%.300s was not written: cancelled after %zu of %zu items%s",
                           r->target->path, results->report.done, results->n, r->journal ? "; --resume continues" : "");
}

sheaf_status finish_output(const struct request *r, const sheaf_results *results, struct io_output *out, bool always,
                           sheaf_error *error)
{
    sheaf_status status = write_items(r, results, always, error);
    if (status == SHEAF_OK)
        status = write_history(r, error);
    if (status == SHEAF_OK && r->journal)
        status = journal_finish(r->journal, out, results, error);
    if (status != SHEAF_OK)
        return status;
    status = io_commit(out, !r->options->no_sync, error);
    /* An output that has its name stands, even when the directory could not be synced. */
    if (status != SHEAF_OK && access(r->target->path, F_OK) != 0)
        unlink(r->target->items_path);
    return status;
}

/* What no file of this kind can hold, whatever the items are. */
static sheaf_status check_function(const sheaf_func *func, const sheaf_batch *batch, const struct target *target,
                                   sheaf_error *error)
{
    const struct items *items = batch->items;
    if (target->kind != TARGET_CSV && func->nout == 0)
        return sheaf_error_set(error, SHEAF_INVALID, "%.200s: %s has no output to write", target->path, func->name);
    if ((target->kind == TARGET_NPY || target->kind == TARGET_EACH) && func->nout > 1)
        return sheaf_error_set(
            error, SHEAF_UNSUPPORTED, "%.200s: %s has %d outputs, and %s holds one array; use a .csv, .npz or .nc",
            target->path, func->name, func->nout, target->kind == TARGET_NPY ? "an .npy file" : "a file for each item");
    if (func_is_computed(func) && items->n && items->files == items->n && !func_takes(func, items->at[0].count))
        return sheaf_error_set(
            error, SHEAF_INVALID,
            "%s takes %d arrays, but %.200s gives %d; sheaf_batch_add_files makes an item of several "
            "files",
            func->name, func->nin, items->at[0].name, items->at[0].count);
    return SHEAF_OK;
}

static sheaf_status run_sink(const struct request *request, sheaf_results **results, sheaf_error *error)
{
    switch (request->target->kind) {
    case TARGET_CSV:
        return sink_csv(request, results, error);
    case TARGET_NPY:
        return sink_stack(request, results, error);
    case TARGET_NPZ:
        return sink_npz(request, results, error);
    case TARGET_NC:
        return sink_nc(request, results, error);
    default:
        return sink_each(request, results, error);
    }
}

/* What an earlier run has left under its temporary name goes with the journal that knows the name. */
static void remove_temporary(const struct request *r)
{
    const struct journal *j = r->journal;
    struct io_output out = {0};
    if (r->target->kind != TARGET_EACH && j->running && j->had.started && journal_done(j) == 0 &&
        io_create_as(r->target->path, j->suffix, true, &out, NULL) == SHEAF_OK)
        io_discard(&out);
}

/* The journal goes when all that it could tell is told by the output. */
static sheaf_status end_run(const struct request *request, sheaf_status status, const sheaf_results *results,
                            sheaf_error *error)
{
    const bool whole = status == SHEAF_OK && results && results->report.failed + results->report.skipped == 0;
    if (!request->journal)
        return status;
    const struct sink none = {0}; /* what a sink would sync has been flushed */
    sheaf_status closed = whole ? SHEAF_OK : journal_flush(request->journal, &none, true, NULL);
    if (status != SHEAF_OK)
        remove_temporary(request);
    closed = journal_close(request->journal, whole, status == SHEAF_OK ? error : NULL);
    return status == SHEAF_OK ? closed : status;
}

sheaf_status sheaf_map_to(const sheaf_func *func, const sheaf_batch *batch, const sheaf_map_options *options,
                          const char *path, sheaf_results **results, sheaf_error *error)
{
    sheaf_map_options checked;
    struct target target = {0};
    sheaf_results *r = NULL;
    sheaf_error local = {SHEAF_OK, ""};
    bool untouched = false;
    if (results)
        *results = NULL;
    sheaf_status status = map_options(options, &checked, &local);
    if (status == SHEAF_OK)
        status = target_parse(path, &target, &local);
    if (status == SHEAF_OK && checked.as_is)
        status = target_as_is(&target, batch->items, &local);
    if (status == SHEAF_OK)
        status = check_function(func, batch, &target, &local);
    struct request request = {func, batch, &checked, &target, NULL};
    if (status == SHEAF_OK)
        status = rerun_begin(&request, &untouched, &local);
    if (status == SHEAF_OK)
        status = untouched ? rerun_results(&request, &r, &local) : run_sink(&request, &r, &local);
    status = end_run(&request, status, r, &local);
    target_clear(&target);
    if (results)
        *results = r;
    else
        sheaf_results_free(r);
    if (status != SHEAF_OK && error)
        *error = local;
    return status;
}
