#include "batch/csv.h"
#include "array/array.h"
#include "base/alloc.h"
#include <stdio.h>
#include <string.h>

/* Text is handed on in pieces of about this many bytes. */
enum {
    FLUSH = 64 << 10
};

static sheaf_status no_memory(sheaf_error *error)
{
    return sheaf_error_set(error, SHEAF_NO_MEMORY, "no memory for CSV text");
}

/* The columns each output needs: as many as its longest vector has elements. */
static sheaf_status measure(struct csv *c, sheaf_error *error)
{
    char name[SHEAF_NAME_MAX], text[VIEW_TEXT];
    sheaf_view view;
    for (int k = 0; k < c->nout; k++) {
        c->width[k] = -1;
        c->scalar[k] = true;
        for (size_t i = 0; i < c->results->n; i++) {
            if (c->results->slots[i].status != SHEAF_OK)
                continue;
            sheaf_status status = sheaf_results_view(c->results, i, k, &view, error);
            if (status != SHEAF_OK)
                return status;
            if (view.ndim > 1 || sheaf_view_size(&view) > SHEAF_CSV_MAX_VECTOR)
                return sheaf_error_set(
                    error, SHEAF_SHAPE, "%s: %s is %s, and a CSV row holds numbers and vectors of at most %d",
                    item_name(c->results->items, i, name), c->names[k], view_text(&view, text), SHEAF_CSV_MAX_VECTOR);
            if (view.ndim > 0)
                c->scalar[k] = false;
            if (sheaf_view_size(&view) > c->width[k])
                c->width[k] = sheaf_view_size(&view);
        }
        if (c->width[k] < 0)
            c->width[k] = 1;
    }
    return SHEAF_OK;
}

sheaf_status csv_flush(struct csv *c, size_t least, sheaf_error *error)
{
    if (c->text.n < least)
        return SHEAF_OK;
    if (c->text.n && !c->write(c->text.data, c->text.n, c->user))
        return sheaf_error_set(error, SHEAF_IO, "the CSV text was not taken");
    c->text.n = 0;
    return SHEAF_OK;
}

sheaf_status csv_header(struct csv *c, sheaf_error *error)
{
    char name[512];
    bool ok = io_text_add(&c->text, "item", 4);
    for (int k = 0; k < c->nout; k++) {
        for (int64_t e = 0; e < c->width[k]; e++) {
            if (c->scalar[k])
                snprintf(name, sizeof name, "%s", c->names[k]);
            else
                snprintf(name, sizeof name, "%s[%lld]", c->names[k], (long long)e);
            ok = ok && io_text_add(&c->text, ",", 1) && io_text_field(&c->text, name);
        }
    }
    ok = ok && io_text_add(&c->text, "\n", 1);
    return ok ? SHEAF_OK : no_memory(error);
}

static bool cells(struct csv *c, const sheaf_view *view, int64_t width)
{
    char number[96];
    int64_t size = view ? sheaf_view_size(view) : 0;
    sheaf_view scalar;
    if (view)
        sheaf_view_init(&scalar, NULL, view->dtype, 0, NULL, NULL);
    for (int64_t e = 0; e < width; e++) {
        int n = 0;
        number[0] = ',';
        if (e < size) {
            scalar.data = (char *)view->data + (view->ndim ? e * view->strides[0] : 0);
            n = sheaf_format_scalar(&scalar, number + 1, sizeof number - 1);
        }
        if (!io_text_add(&c->text, number, (size_t)n + 1))
            return false;
    }
    return true;
}

sheaf_status csv_row(struct csv *c, size_t i, sheaf_error *error)
{
    char name[SHEAF_NAME_MAX];
    sheaf_view view;
    bool ok = io_text_field(&c->text, item_name(c->results->items, i, name));
    bool has = c->results->slots[i].status == SHEAF_OK;
    for (int k = 0; k < c->nout && ok; k++) {
        if (has) {
            sheaf_status status = sheaf_results_view(c->results, i, k, &view, error);
            if (status != SHEAF_OK)
                return status;
        }
        ok = cells(c, has ? &view : NULL, c->width[k]);
    }
    ok = ok && io_text_add(&c->text, "\n", 1);
    return ok ? csv_flush(c, FLUSH, error) : no_memory(error);
}

sheaf_status sheaf_results_csv(const sheaf_results *results, sheaf_write_fn *write, void *user, sheaf_error *error)
{
    struct csv c = {.results = results, .names = results->names, .nout = results->nout, .write = write, .user = user};
    sheaf_status status = measure(&c, error);
    if (status == SHEAF_OK)
        status = csv_header(&c, error);
    for (size_t i = 0; i < results->n && status == SHEAF_OK; i++)
        status = csv_row(&c, i, error);
    if (status == SHEAF_OK)
        status = csv_flush(&c, 0, error);
    io_text_free(&c.text);
    return status;
}
