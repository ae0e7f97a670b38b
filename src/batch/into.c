#include "batch/driver.h"

#include <string.h>

/* The sink of sheaf_map_into: rows of the caller's memory. */
struct rows {
    const sheaf_view *out;
    bool direct; /* outputs are computed in place; otherwise in scratch memory, and copied */
};

static sheaf_view row_of(const struct rows *rows, size_t i)
{
    sheaf_view row = {.dtype = rows->out->dtype, .ndim = rows->out->ndim - 1};
    row.data = (char *)rows->out->data + (int64_t)i * rows->out->strides[0];
    memcpy(row.shape, rows->out->shape + 1, (size_t)row.ndim * sizeof *row.shape);
    memcpy(row.strides, rows->out->strides + 1, (size_t)row.ndim * sizeof *row.strides);
    return row;
}

static sheaf_status rows_place(void *self, struct worker *w, size_t i, int k, sheaf_view *view, sheaf_error *error)
{
    const struct rows *rows = self;
    char text[VIEW_TEXT], row_text[VIEW_TEXT];
    sheaf_view row = row_of(rows, i);
    (void)k;
    if (!same_signature(view, &row))
        return sheaf_error_set(error, SHEAF_SHAPE, "the result is %s, but a row of the output is %s",
                               view_text(view, text), view_text(&row, row_text));
    if (rows->direct) {
        *view = row;
        return SHEAF_OK;
    }
    view->data = worker_scratch(w, (size_t)sheaf_view_size(view) * sheaf_dtype_size(view->dtype));
    if (!view->data)
        return sheaf_error_set(error, SHEAF_NO_MEMORY, "no memory for a result of %s", view_text(view, text));
    return SHEAF_OK;
}

static sheaf_status rows_deliver(void *self, struct worker *w, size_t i, const sheaf_view *outs, sheaf_error *error)
{
    const struct rows *rows = self;
    (void)w;
    if (rows->direct)
        return SHEAF_OK;
    sheaf_view row = row_of(rows, i);
    return sheaf_view_copy(&outs[0], &row, error);
}

static sheaf_status check(const sheaf_func *func, const sheaf_batch *batch, const sheaf_view *out, sheaf_error *error)
{
    sheaf_view shape;
    size_t n = batch->items->n;
    if (func->nout != 1)
        return sheaf_error_set(error, SHEAF_INVALID, "%s has %d outputs; sheaf_map_into takes functions with one",
                               func->name, func->nout);
    sheaf_status status = sheaf_view_init(&shape, out->data, out->dtype, out->ndim, out->shape, error);
    if (status != SHEAF_OK)
        return status;
    if (out->ndim < 1 || (size_t)out->shape[0] != n)
        return sheaf_error_set(error, SHEAF_SHAPE, "the output has %lld rows, but the batch %zu items",
                               out->ndim < 1 ? 0LL : (long long)out->shape[0], n);
    if (!out->data && sheaf_view_size(out) > 0)
        return sheaf_error_set(error, SHEAF_INVALID, "the output's data is NULL");
    for (int d = 0; d < out->ndim; d++) {
        if (out->strides[d] == 0 && out->shape[d] > 1)
            return sheaf_error_set(error, SHEAF_INVALID, "the output's elements overlap: stride 0 along axis %d", d);
    }
    return SHEAF_OK;
}

sheaf_status sheaf_map_into(const sheaf_func *func, const sheaf_batch *batch, const sheaf_map_options *options,
                            const sheaf_view *out, sheaf_results **results, sheaf_error *error)
{
    sheaf_map_options checked;
    sheaf_results *r = NULL;
    double room[2];
    if (results)
        *results = NULL;
    sheaf_status status = map_options(options, &checked, error);
    if (status == SHEAF_OK)
        status = check(func, batch, out, error);
    if (status != SHEAF_OK)
        return status;
    struct rows rows = {.out = out};
    sheaf_view row = row_of(&rows, 0), nan = row;
    /* A callback is promised C order. */
    rows.direct = func_is_known(func) || sheaf_view_is_contiguous(&row);
    const struct sink sink = {.self = &rows, .place = rows_place, .deliver = rows_deliver, .elsewhere = rows.direct};
    status = map_run(func, batch, &checked, &sink, &r, error);
    if (status == SHEAF_OK && has_nan(out->dtype))
        nan = view_of_nan(&row, room);
    for (size_t i = 0; status == SHEAF_OK && has_nan(out->dtype) && i < r->n; i++) {
        if (r->slots[i].status == SHEAF_OK)
            continue;
        row = row_of(&rows, i);
        status = sheaf_view_copy(&nan, &row, error);
    }
    if (results && status == SHEAF_OK)
        *results = r;
    else
        sheaf_results_free(r);
    return status;
}
