#include "base/alloc.h"
#include "base/checked.h"
#include "base/pool.h"
#include "batch/preview.h"
#include "batch/sinks.h"
#include <string.h>

/* Stacks up to this size are gathered in memory and written at once: a write for each small row is dear. */
enum {
    GATHERED = 8 << 20
};

struct stack {
    const struct request *r;
    sheaf_view row; /* dtype and shape of every row */
    size_t row_bytes, total, header_bytes;
    unsigned char *block; /* the whole data, when it is small */
    bool in_place;        /* rows are in the temporary file before their records are in the journal */
    struct io_output out;
    struct write_failure failure;
};

static sheaf_status stack_place(void *self, struct worker *w, size_t i, int k, sheaf_view *view, sheaf_error *error)
{
    struct stack *s = self;
    char text[VIEW_TEXT], row_text[VIEW_TEXT];
    (void)k;
    if (!same_signature(view, &s->row))
        return sheaf_error_set(error, SHEAF_SHAPE,
                               "the result is %s, but the rows of the stack are %s: the input "
                               "changed while the map ran",
                               view_text(view, text), view_text(&s->row, row_text));
    view->data = s->block ? s->block + i * s->row_bytes : worker_scratch(w, s->row_bytes);
    if (view->data)
        return SHEAF_OK;
    return sheaf_error_set(error, SHEAF_NO_MEMORY, "no memory for a result of %s", view_text(view, text));
}

static sheaf_status stack_deliver(void *self, struct worker *w, size_t i, const sheaf_view *outs, sheaf_error *error)
{
    struct stack *s = self;
    if (s->block)
        return SHEAF_OK;
    sheaf_status status =
        io_write_at(&s->out, outs[0].data, s->row_bytes, s->header_bytes + (uint64_t)i * s->row_bytes, error);
    return status == SHEAF_OK ? status : write_failed(&s->failure, w, error);
}

static sheaf_status stack_open(void *self, struct worker *w, size_t i, const sheaf_view *view, struct far_place *place,
                               sheaf_error *error)
{
    struct stack *s = self;
    sheaf_view row = *view;
    if (!same_signature(view, &s->row))
        return stack_place(self, w, i, 0, &row, error);
    place->out = &s->out;
    place->at = s->header_bytes + (uint64_t)i * s->row_bytes;
    return SHEAF_OK;
}

static sheaf_status stack_close(void *self, struct worker *w, struct far_place *place, bool whole, sheaf_error *error)
{
    (void)self, (void)w, (void)place, (void)whole, (void)error;
    return SHEAF_OK;
}

/* The record of a row that was gathered. A row that is in the file already needs none. */
static bool stack_record(void *self, struct io_text *t, const sheaf_view *outs, int nout)
{
    const struct stack *s = self;
    return !s->block || record_values(self, t, outs, nout);
}

static bool stack_recall(void *self, sheaf_results *results, size_t i, const struct record *record)
{
    const struct stack *s = self;
    const unsigned char *at = record->payload, *end = at + record->size, *data;
    sheaf_view view;
    (void)results;
    if (!s->block)
        return record->size == 0;
    if (!values_next(&at, end, &view, &data) || at != end || !same_signature(&view, &s->row))
        return false;
    memcpy(s->block + i * s->row_bytes, data, s->row_bytes);
    return true;
}

static sheaf_status stack_sync(void *self, sheaf_error *error)
{
    return io_sync(&((const struct stack *)self)->out, error);
}

/* The error of a stack without a row. */
static sheaf_status nothing(const struct request *r, const sheaf_results *results, sheaf_error *error)
{
    const char *message;
    size_t i = results_first_failed(results);
    sheaf_status status = sheaf_results_status(results, i < results->n ? i : 0, &message);
    if (items_are_one(r->batch->items))
        return sheaf_error_set(error, status, "%.100s: nothing to write: %.380s", r->target->path, message);
    return sheaf_error_set(error, status, "%.100s: nothing to stack: no item has a result; the first: %.350s",
                           r->target->path, message);
}

/* The error of a stack whose dtype cannot say that a row is missing. */
static sheaf_status unmarked(const struct request *r, const sheaf_results *results, sheaf_dtype dtype,
                             sheaf_error *error)
{
    const char *message;
    size_t i = results_first_failed(results);
    for (size_t k = 0; i == results->n && k < results->n; k++)
        i = results->slots[k].status != SHEAF_OK ? k : i;
    sheaf_results_status(results, i, &message);
    return sheaf_error_set(error, SHEAF_INVALID,
                           "%.100s was not finished: %zu of %zu items have no result, which %s cannot mark as missing "
                           "(%.250s); write a .csv instead",
                           r->target->path, results->report.failed + results->report.skipped, results->n,
                           sheaf_dtype_name(dtype), message);
}

static bool complete(const sheaf_results *results)
{
    return results->report.failed + results->report.skipped == 0;
}

/* Rows of items without a result become NaN. */
static sheaf_status fill_missing(struct stack *s, const sheaf_results *results, sheaf_error *error)
{
    double room[2];
    sheaf_status status = SHEAF_OK;
    if (complete(results))
        return SHEAF_OK;
    if (!has_nan(s->row.dtype))
        return unmarked(s->r, results, s->row.dtype, error);
    unsigned char *nans = pool_get(s->row_bytes ? s->row_bytes : 1);
    if (!nans)
        return sheaf_error_set(error, SHEAF_NO_MEMORY, "no memory for a row of %zu bytes", s->row_bytes);
    sheaf_view row = s->row, nan = view_of_nan(&s->row, room);
    row.data = nans;
    status = sheaf_view_copy(&nan, &row, error);
    for (size_t i = 0; i < results->n && status == SHEAF_OK; i++) {
        if (results->slots[i].status == SHEAF_OK)
            continue;
        if (s->block)
            memcpy(s->block + i * s->row_bytes, nans, s->row_bytes);
        else
            status = io_write_at(&s->out, nans, s->row_bytes, s->header_bytes + (uint64_t)i * s->row_bytes, error);
    }
    pool_put(nans, s->row_bytes ? s->row_bytes : 1);
    return status;
}

/* The file's header, mem_alloc'ed, and its length. */
static sheaf_status make_header(struct stack *s, unsigned char **header, sheaf_error *error)
{
    int64_t shape[SHEAF_MAX_NDIM] = {(int64_t)s->r->batch->items->n};
    if (items_are_one(s->r->batch->items))
        return npy_header(s->row.dtype, s->row.ndim, s->row.shape, header, &s->header_bytes, error);
    if (s->row.ndim == SHEAF_MAX_NDIM)
        return sheaf_error_set(error, SHEAF_SHAPE, "results of rank %d cannot be stacked: rank is at most %d",
                               s->row.ndim, SHEAF_MAX_NDIM);
    memcpy(shape + 1, s->row.shape, (size_t)s->row.ndim * sizeof *shape);
    return npy_header(s->row.dtype, s->row.ndim + 1, shape, header, &s->header_bytes, error);
}

static sheaf_status write_header(struct stack *s, sheaf_error *error)
{
    unsigned char *header = NULL;
    sheaf_status status = make_header(s, &header, error);
    if (status == SHEAF_OK)
        status = io_write(&s->out, header, s->header_bytes, error);
    mem_free(header);
    return status;
}

/* Whether the room for all rows was taken by an earlier run. */
static bool has_room(const struct request *r)
{
    const struct journal *j = r->journal;
    return j && !j->restart && j->had.done > 0 && !rerun_is_finished(r);
}

/* What every row is going to be, from headers alone. */
static sheaf_status describe_rows(struct stack *s, sheaf_error *error)
{
    char a[SHEAF_NAME_MAX], b[SHEAF_NAME_MAX], text[VIEW_TEXT], other[VIEW_TEXT];
    const struct items *items = s->r->batch->items;
    struct preview p = {0};
    team t = team_lease(s->r->options->threads);
    sheaf_status status = preview_make(s->r->func, items, &t, &p, NULL, error);
    team_release(&t);
    if (status != SHEAF_OK)
        return status;
    if (p.first == items->n && items_are_one(items))
        return sheaf_error_set(error, p.error.status, "%.100s: nothing to write: %.380s", s->r->target->path,
                               p.error.message);
    if (p.first == items->n)
        return sheaf_error_set(error, p.error.status,
                               "%.100s: nothing to stack: no item can be read; the first: %.350s", s->r->target->path,
                               p.error.message);
    s->row = p.outs[0];
    if (p.other < items->n)
        return sheaf_error_set(error, SHEAF_SHAPE,
                               "results do not stack: %.100s gives %s, but %.100s gives %s; write to DIR/ instead",
                               item_name(items, p.first, a), view_text(&s->row, text), item_name(items, p.other, b),
                               view_text(&p.other_outs[0], other));
    if (p.unreadable && !has_nan(s->row.dtype))
        return sheaf_error_set(error, p.error.status,
                               "%.300s; %s cannot mark its row as missing: leave the item out, or write a .csv",
                               p.error.message, sheaf_dtype_name(s->row.dtype));
    s->row_bytes = (size_t)sheaf_view_size(&s->row) * sheaf_dtype_size(s->row.dtype);
    if (!size_mul(s->row_bytes, items->n, &s->total) || s->total > PTRDIFF_MAX)
        return sheaf_error_set(error, SHEAF_OVERFLOW, "%zu rows of %s are too many for one file", items->n,
                               view_text(&s->row, text));
    return has_room(s->r) ? SHEAF_OK : target_check_space(s->r->target, s->total, error);
}

static sheaf_status make_room(struct stack *s, sheaf_error *error)
{
    sheaf_status status = write_header(s, error);
    return status == SHEAF_OK ? io_resize(&s->out, s->header_bytes + (uint64_t)s->total, error) : status;
}

/* The rows of earlier runs: still in the temporary file, or, when the output was finished, in a copy of it. */
static sheaf_status find_rows(struct stack *s, sheaf_error *error)
{
    const struct contents *had = &s->r->journal->had;
    const char *path = s->r->target->path;
    struct io_identity there;
    unsigned char *header = NULL;
    sheaf_status status = make_header(s, &header, error);
    mem_free(header);
    if (status != SHEAF_OK)
        return status;
    if (!io_identify_open(s->out.fd, &there))
        return sheaf_error_set(error, SHEAF_IO, "%.300s: its temporary file cannot be looked at", path);
    if (rerun_is_finished(s->r))
        return io_copy(path, &s->out, !s->r->options->no_sync, error);
    if (there.size == s->header_bytes + s->total && (!had->finished || io_same(&there, &had->ending.output)))
        return SHEAF_OK;
    status = sheaf_error_set(error, SHEAF_CONFLICT,
                             "%.200s cannot be continued: the file with the rows that are done, %.200s, is %s; start "
                             "over (--force)",
                             path, s->out.temporary, there.size ? "not what it was" : "gone");
    s->in_place = there.size > 0; /* whatever it is, it is not ours to remove */
    return status;
}

/* Rows go to the temporary file, each before its record, and stay there whatever happens. */
static sheaf_status prepare_rows(struct stack *s, sheaf_error *error)
{
    struct journal *j = s->r->journal;
    sheaf_status status = journal_start(j, s->r->target->path, s->r->batch->items, error);
    const bool anew = !journal_is_worth(j);
    j->marks_end = true;
    if (status == SHEAF_OK)
        status = io_create_as(s->r->target->path, j->suffix, !anew, &s->out, error);
    /* Rows of an earlier run stay, whatever happens to this one. */
    s->in_place = status == SHEAF_OK && !anew && !rerun_is_finished(s->r);
    if (status == SHEAF_OK)
        status = anew ? make_room(s, error) : find_rows(s, error);
    if (status != SHEAF_OK)
        return status;
    s->in_place = s->out.stays = true;
    return journal_run(j, error);
}

/* Make the temporary, as long as it is going to be: a full disk is found before the work. */
static sheaf_status prepare(struct stack *s, sheaf_error *error)
{
    if (s->r->journal && s->total > GATHERED)
        return prepare_rows(s, error);
    sheaf_status status = begin_journal(s->r, error);
    if (status == SHEAF_OK)
        status = create_output(s->r, &s->out, error);
    if (status == SHEAF_OK)
        status = make_room(s, error);
    if (status == SHEAF_OK && s->total <= GATHERED) {
        s->block = pool_get(s->total ? s->total : 1);
        if (!s->block)
            status = sheaf_error_set(error, SHEAF_NO_MEMORY, "no memory for a stack of %zu bytes", s->total);
    }
    return status;
}

/* Shape and dtype of the rows are of what a stack may be continued with. */
static sheaf_status note_rows(const struct stack *s, sheaf_error *error)
{
    char text[VIEW_TEXT];
    return s->r->journal ? journal_fact(s->r->journal, "rows", view_text(&s->row, text), error) : SHEAF_OK;
}

/* Results whose shape headers tell: written to their place as they come. */
static sheaf_status stack_known(struct stack *s, sheaf_results **results, sheaf_error *error)
{
    struct sink sink = {.self = s,
                        .place = stack_place,
                        .deliver = stack_deliver,
                        .open = stack_open,
                        .close = stack_close,
                        .journal = s->r->journal,
                        .record = stack_record,
                        .recall = stack_recall};
    sheaf_status status = describe_rows(s, error);
    if (status == SHEAF_OK)
        status = note_rows(s, error);
    if (status == SHEAF_OK)
        status = prepare(s, error);
    sink.sync = s->in_place ? stack_sync : NULL;
    sink.in_memory = s->block != NULL;
    if (status == SHEAF_OK)
        status = map_run(s->r->func, s->r->batch, s->r->options, &sink, results, error);
    if (status == SHEAF_OK)
        status = end_journal(s->r, &sink, *results, error);
    if (status == SHEAF_OK && s->failure.error.status != SHEAF_OK) {
        status = s->failure.error.status;
        if (error)
            *error = s->failure.error;
    }
    if (status == SHEAF_OK)
        status = check_cancelled(s->r, *results, error);
    if (status == SHEAF_OK)
        status = fill_missing(s, *results, error);
    if (status == SHEAF_OK && s->block)
        status = io_write_at(&s->out, s->block, s->total, s->header_bytes, error);
    return status == SHEAF_OK ? finish_output(s->r, *results, &s->out, !items_are_one(s->r->batch->items), error)
                              : status;
}

/* Results whose shape only running tells: kept, then written one behind the other. */
static sheaf_status stack_kept(struct stack *s, sheaf_results **results, sheaf_error *error)
{
    const struct sink keep = {
        .place = keep_place, .keeps = true, .journal = s->r->journal, .record = record_values, .recall = recall_values};
    size_t first;
    sheaf_view view;
    sheaf_status status = begin_journal(s->r, error);
    if (status == SHEAF_OK)
        status = create_output(s->r, &s->out, error);
    if (status == SHEAF_OK)
        status = map_run(s->r->func, s->r->batch, s->r->options, &keep, results, error);
    if (status == SHEAF_OK)
        status = end_journal(s->r, &keep, *results, error);
    if (status == SHEAF_OK)
        status = check_cancelled(s->r, *results, error);
    if (status == SHEAF_OK)
        status = results_uniform(*results, 0, &first, &s->row, error);
    if (status != SHEAF_OK)
        return status;
    const sheaf_results *r = *results;
    if (first == r->n)
        return nothing(s->r, r, error);
    if (!complete(r) && !has_nan(s->row.dtype))
        return unmarked(s->r, r, s->row.dtype, error);
    s->row_bytes = (size_t)sheaf_view_size(&s->row) * sheaf_dtype_size(s->row.dtype);
    status = write_header(s, error);
    /* Rows without a result are written first, so that the file's length is right whichever row is missing. */
    if (status == SHEAF_OK)
        status = io_resize(&s->out, s->header_bytes + (uint64_t)s->row_bytes * r->n, error);
    if (status == SHEAF_OK)
        status = fill_missing(s, r, error);
    for (size_t i = 0; i < r->n && status == SHEAF_OK; i++) {
        if (r->slots[i].status != SHEAF_OK)
            continue;
        status = sheaf_results_view(r, i, 0, &view, error);
        if (status == SHEAF_OK)
            status = io_write_at(&s->out, view.data, s->row_bytes, s->header_bytes + (uint64_t)i * s->row_bytes, error);
    }
    return status == SHEAF_OK ? finish_output(s->r, r, &s->out, !items_are_one(s->r->batch->items), error) : status;
}

sheaf_status sink_stack(const struct request *r, sheaf_results **results, sheaf_error *error)
{
    struct stack s = {.r = r, .failure = {ATOMIC_FLAG_INIT, {SHEAF_OK, ""}}};
    if (r->batch->items->n == 0)
        return sheaf_error_set(error, SHEAF_INVALID, "%.200s: nothing to stack: the batch is empty", r->target->path);
    const bool known = func_is_known(r->func) && r->batch->items->urls.n == 0;
    sheaf_status status = known ? stack_known(&s, results, error) : stack_kept(&s, results, error);
    if (status != SHEAF_OK && s.in_place && journal_done(r->journal) > 0)
        io_keep(&s.out);
    else
        io_discard(&s.out);
    pool_put(s.block, s.total ? s.total : 1);
    return status;
}
