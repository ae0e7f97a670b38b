#include "batch/results.h"

#include "array/array.h"
#include "base/alloc.h"
#include "base/checked.h"
#include "base/pool.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

char *view_text(const sheaf_view *view, char text[VIEW_TEXT])
{
    char shape[SHAPE_TEXT];
    snprintf(text, VIEW_TEXT, "%s %s", sheaf_dtype_name(view->dtype), shape_text(view->ndim, view->shape, shape));
    return text;
}

bool has_nan(sheaf_dtype dtype)
{
    return dtype_is_float(dtype) || dtype_is_complex(dtype);
}

bool same_signature(const sheaf_view *a, const sheaf_view *b)
{
    if (a->dtype != b->dtype || a->ndim != b->ndim)
        return false;
    for (int d = 0; d < a->ndim; d++) {
        if (a->shape[d] != b->shape[d])
            return false;
    }
    return true;
}

sheaf_view view_of_nan(const sheaf_view *like, double room[2])
{
    double nans[2] = {NAN, NAN};
    sheaf_view wide, view = *like, one;
    sheaf_view_init(&wide, nans, dtype_is_complex(like->dtype) ? SHEAF_C128 : SHEAF_F64, 0, NULL, NULL);
    sheaf_view_init(&one, room, like->dtype, 0, NULL, NULL);
    sheaf_view_copy(&wide, &one, NULL);
    view.data = room;
    for (int d = 0; d < view.ndim; d++)
        view.strides[d] = 0;
    return view;
}

sheaf_status result_new(struct arena *arena, struct result **list, int k, size_t small, sheaf_view *view,
                        sheaf_error *error)
{
    char text[VIEW_TEXT];
    size_t bytes, header = sizeof(struct result) + (size_t)view->ndim * sizeof(int64_t);
    struct result *r;
    sheaf_status status = array_bytes(view->dtype, view->ndim, view->shape, &bytes, error);
    if (status != SHEAF_OK)
        return status;
    if (bytes <= small) {
        size_t align = bytes >= 64 ? 64 : 16;
        header = (header + align - 1) & ~(align - 1);
        r = arena_alloc(arena, header + bytes, align);
        if (r) {
            r->data = (char *)r + header;
            r->pooled = 0;
        }
    } else {
        r = arena_alloc(arena, header, sizeof(int64_t));
        if (r) {
            r->data = pool_get(bytes);
            r->pooled = bytes;
        }
    }
    if (!r || !r->data)
        return sheaf_error_set(error, SHEAF_NO_MEMORY, "no memory for a result of %s (%zu bytes)",
                               view_text(view, text), bytes);
    while (*list && (*list)->output < k)
        list = &(*list)->next;
    r->next = *list;
    r->output = (uint8_t)k;
    r->dtype = (uint8_t)view->dtype;
    r->ndim = (uint8_t)view->ndim;
    r->taken = false;
    for (int d = 0; d < view->ndim; d++)
        r->shape[d] = view->shape[d];
    view->data = r->data;
    *list = r;
    return SHEAF_OK;
}

void result_drop(struct result *list)
{
    for (struct result *r = list; r; r = r->next) {
        if (r->pooled && !r->taken)
            pool_put(r->data, r->pooled);
    }
}

sheaf_status results_new(const sheaf_func *func, struct items *items, int narenas, sheaf_results **out,
                         sheaf_error *error)
{
    sheaf_results *r = mem_calloc(1, sizeof *r);
    *out = NULL;
    if (!r)
        goto no_memory;
    r->items = items_retain(items);
    r->n = items->n;
    r->nout = func->nout;
    for (int k = 0; k < func->nout; k++) {
        r->names[k] = mem_strdup(func->outputs[k]);
        if (!r->names[k])
            goto no_memory;
    }
    r->arenas = mem_calloc((size_t)narenas, sizeof *r->arenas);
    r->narenas = r->arenas ? narenas : 0;
    if (!r->arenas || !size_mul(r->n, sizeof *r->slots, &r->slots_size))
        goto no_memory;
    r->slots = pool_get(r->slots_size ? r->slots_size : 1);
    if (!r->slots)
        goto no_memory;
    for (size_t i = 0; i < r->n; i++)
        r->slots[i] = (struct slot){.status = SHEAF_SKIPPED};
    *out = r;
    return SHEAF_OK;
no_memory:
    sheaf_results_free(r);
    return sheaf_error_set(error, SHEAF_NO_MEMORY, "no memory for the results of %zu items", items->n);
}

void sheaf_results_free(sheaf_results *results)
{
    if (!results)
        return;
    if (results->pooled) {
        for (size_t i = 0; i < results->n; i++)
            result_drop(results->slots[i].outputs);
    }
    for (int a = 0; a < results->narenas; a++)
        arena_free(&results->arenas[a]);
    for (int a = 0; results->traces && a < results->narenas; a++)
        mem_free(results->traces[a].at);
    mem_free(results->traces);
    mem_free(results->arenas);
    for (int k = 0; k < results->nout; k++)
        mem_free(results->names[k]);
    pool_put(results->slots, results->slots_size ? results->slots_size : 1);
    items_release(results->items);
    mem_free(results);
}

size_t sheaf_results_size(const sheaf_results *results)
{
    return results->n;
}

size_t sheaf_results_failed(const sheaf_results *results)
{
    return results->failed;
}

sheaf_map_report sheaf_results_report(const sheaf_results *results)
{
    return results->report;
}

sheaf_status sheaf_results_status(const sheaf_results *results, size_t i, const char **message)
{
    if (message)
        *message = "";
    if (i >= results->n) {
        if (message)
            *message = "no such item";
        return SHEAF_INVALID;
    }
    const struct slot *slot = &results->slots[i];
    if (message && slot->status != SHEAF_OK)
        *message = slot->message ? slot->message : results->skipped;
    return (sheaf_status)slot->status;
}

int sheaf_results_attempts(const sheaf_results *results, size_t i)
{
    return i < results->n ? (int)results->slots[i].attempts : 0;
}

/* Item i's k-th output, or NULL with an error. */
static struct result *find(const sheaf_results *results, size_t i, int k, sheaf_error *error)
{
    char buffer[SHEAF_NAME_MAX];
    const char *message;
    if (i >= results->n) {
        sheaf_error_set(error, SHEAF_INVALID, "item %zu of a map over %zu", i, results->n);
        return NULL;
    }
    if (k < 0 || k >= results->nout) {
        sheaf_error_set(error, SHEAF_INVALID, "output %d of a function with %d", k, results->nout);
        return NULL;
    }
    if (sheaf_results_status(results, i, &message) != SHEAF_OK) {
        sheaf_error_set(error, SHEAF_INVALID, "item [%zu] has no result: %s", i, message);
        return NULL;
    }
    struct result *r = results->slots[i].outputs;
    for (int skip = 0; skip < k && r; skip++)
        r = r->next;
    if (r && !r->taken)
        return r;
    sheaf_error_set(error, SHEAF_INVALID, "%s: its result was %s", item_name(results->items, i, buffer),
                    r ? "taken already" : "not kept in memory");
    return NULL;
}

sheaf_status sheaf_results_view(const sheaf_results *results, size_t i, int k, sheaf_view *out, sheaf_error *error)
{
    struct result *r = find(results, i, k, error);
    return r ? sheaf_view_init(out, r->data, (sheaf_dtype)r->dtype, r->ndim, r->shape, error) : SHEAF_INVALID;
}

sheaf_status sheaf_results_take(sheaf_results *results, size_t i, int k, sheaf_array **out, sheaf_error *error)
{
    sheaf_view view;
    *out = NULL;
    struct result *r = find(results, i, k, error);
    if (!r)
        return SHEAF_INVALID;
    if (!r->pooled) {
        sheaf_status status = sheaf_view_init(&view, r->data, (sheaf_dtype)r->dtype, r->ndim, r->shape, error);
        return status == SHEAF_OK ? sheaf_array_from_view(&view, view.dtype, out, error) : status;
    }
    /* Taken also when this fails: array_adopt has the buffer then. */
    r->taken = true;
    return array_adopt(r->data, r->pooled, r->data, (sheaf_dtype)r->dtype, r->ndim, r->shape, out, error);
}

size_t results_first_failed(const sheaf_results *results)
{
    size_t i = 0;
    while (i < results->n && (results->slots[i].status == SHEAF_OK || results->slots[i].attempts == 0))
        i++;
    return i;
}
