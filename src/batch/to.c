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

static bool items_row(struct io_text *t, const sheaf_results *results, size_t i)
{
    char name[24], index[24], attempts[24];
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
    sheaf_status status = io_create(path, &out, error);
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

sheaf_status check_cancelled(const struct request *r, const sheaf_results *results, sheaf_error *error)
{
    if (!results->cancelled || !results->report.skipped)
        return SHEAF_OK;
    return sheaf_error_set(error, SHEAF_SKIPPED, "%.300s was not written: cancelled after %zu of %zu items",
                           r->target->path, results->report.done, results->n);
}

sheaf_status finish_output(const struct request *r, const sheaf_results *results, struct io_output *out, bool always,
                           sheaf_error *error)
{
    sheaf_status status = write_items(r, results, always, error);
    if (status != SHEAF_OK)
        return status;
    status = io_commit(out, !r->options->no_sync, error);
    if (status != SHEAF_OK)
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
    if (target->kind != TARGET_CSV && target->kind != TARGET_NPZ && func->nout > 1)
        return sheaf_error_set(error, SHEAF_UNSUPPORTED,
                               "%.200s: %s has %d outputs, and an .npy file holds one array; use a .csv or .npz",
                               target->path, func->name, func->nout);
    if (func_is_computed(func) && items->n && items->files == items->n && !func_takes(func, items->at[0].count))
        return sheaf_error_set(
            error, SHEAF_INVALID,
            "%s takes %d arrays, but %.200s gives %d; sheaf_batch_add_files makes an item of several "
            "files",
            func->name, func->nin, items->at[0].name, items->at[0].count);
    return SHEAF_OK;
}

sheaf_status sheaf_map_to(const sheaf_func *func, const sheaf_batch *batch, const sheaf_map_options *options,
                          const char *path, sheaf_results **results, sheaf_error *error)
{
    sheaf_map_options checked;
    struct target target = {0};
    sheaf_results *r = NULL;
    sheaf_error local = {SHEAF_OK, ""};
    if (results)
        *results = NULL;
    sheaf_status status = map_options(options, &checked, &local);
    if (status == SHEAF_OK)
        status = target_parse(path, &target, &local);
    if (status == SHEAF_OK)
        status = check_function(func, batch, &target, &local);
    if (status == SHEAF_OK)
        status = target_check(&target, batch->items, checked.overwrite, &local);
    const struct request request = {func, batch, &checked, &target};
    if (status == SHEAF_OK && target.kind == TARGET_CSV)
        status = sink_csv(&request, &r, &local);
    else if (status == SHEAF_OK && target.kind == TARGET_NPY)
        status = sink_stack(&request, &r, &local);
    else if (status == SHEAF_OK && target.kind == TARGET_NPZ)
        status = sink_npz(&request, &r, &local);
    else if (status == SHEAF_OK)
        status = sink_each(&request, &r, &local);
    target_clear(&target);
    if (results)
        *results = r;
    else
        sheaf_results_free(r);
    if (status != SHEAF_OK && error)
        *error = local;
    return status;
}
