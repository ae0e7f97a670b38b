#include "batch/results.h"

#include <string.h>

sheaf_status results_uniform(const sheaf_results *results, int k, size_t *first, sheaf_view *signature,
                             sheaf_error *error)
{
    char a[SHEAF_NAME_MAX], b[SHEAF_NAME_MAX], a_text[VIEW_TEXT], b_text[VIEW_TEXT];
    sheaf_view view;
    *first = results->n;
    if (k < 0 || k >= results->nout)
        return sheaf_error_set(error, SHEAF_INVALID, "output %d of a function with %d", k, results->nout);
    for (size_t i = 0; i < results->n; i++) {
        if (results->slots[i].status != SHEAF_OK)
            continue;
        sheaf_status status = sheaf_results_view(results, i, k, &view, error);
        if (status != SHEAF_OK)
            return status;
        if (*first == results->n) {
            *first = i;
            *signature = view;
        } else if (!same_signature(&view, signature)) {
            return sheaf_error_set(error, SHEAF_SHAPE, "results do not stack: %s gives %s, but %s gives %s",
                                   item_name(results->items, *first, a), view_text(signature, a_text),
                                   item_name(results->items, i, b), view_text(&view, b_text));
        }
    }
    return SHEAF_OK;
}

static sheaf_status check_failures(const sheaf_results *results, const sheaf_view *signature, sheaf_error *error)
{
    for (size_t i = 0; i < results->n; i++) {
        const char *message;
        if (sheaf_results_status(results, i, &message) != SHEAF_OK && !has_nan(signature->dtype))
            return sheaf_error_set(error, SHEAF_SHAPE,
                                   "results do not stack: %s has no NaN to stand for the item that failed (%s)",
                                   sheaf_dtype_name(signature->dtype), message);
    }
    return SHEAF_OK;
}

sheaf_status sheaf_results_stack(const sheaf_results *results, int k, sheaf_array **out, sheaf_error *error)
{
    size_t first;
    sheaf_view signature, row;
    sheaf_array *array = NULL;
    *out = NULL;
    sheaf_status status = results_uniform(results, k, &first, &signature, error);
    if (status == SHEAF_OK && first == results->n)
        status = sheaf_error_set(error, SHEAF_INVALID, "nothing to stack: none of %zu items has a result", results->n);
    if (status == SHEAF_OK && signature.ndim == SHEAF_MAX_NDIM)
        status = sheaf_error_set(error, SHEAF_SHAPE, "results of rank %d cannot be stacked: rank is at most %d",
                                 signature.ndim, SHEAF_MAX_NDIM);
    if (status == SHEAF_OK)
        status = check_failures(results, &signature, error);
    if (status != SHEAF_OK)
        return status;
    int64_t shape[SHEAF_MAX_NDIM] = {(int64_t)results->n};
    memcpy(shape + 1, signature.shape, (size_t)signature.ndim * sizeof *shape);
    status = sheaf_array_new(signature.dtype, signature.ndim + 1, shape, &array, error);
    if (status != SHEAF_OK)
        return status;
    double room[2];
    sheaf_view whole = sheaf_array_view(array), nan = signature;
    if (has_nan(signature.dtype))
        nan = view_of_nan(&signature, room);
    for (size_t i = 0; i < results->n && status == SHEAF_OK; i++) {
        sheaf_view from = nan;
        if (results->slots[i].status == SHEAF_OK)
            status = sheaf_results_view(results, i, k, &from, error);
        if (status == SHEAF_OK)
            status = sheaf_view_index(&whole, 0, (int64_t)i, &row, error);
        if (status == SHEAF_OK)
            status = sheaf_view_copy(&from, &row, error);
    }
    if (status == SHEAF_OK)
        *out = array;
    else
        sheaf_array_free(array);
    return status;
}
