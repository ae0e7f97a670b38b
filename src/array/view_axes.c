/* Views with the axes moved, left out, reversed, cut: no copy. */

#include "array/array.h"

/* Count each axis from the first dimension, into `counted`; none may come twice. */
static sheaf_status distinct_axes(const sheaf_view *view, int n, const int *axes, const char *what, int *counted,
                                  sheaf_error *error)
{
    char text[SHAPE_TEXT];
    unsigned seen = 0;
    if (n < 0 || n > view->ndim)
        return sheaf_error_set(error, SHEAF_INVALID, "%s: %d axes given for shape %s", what, n,
                               shape_text(view->ndim, view->shape, text));
    for (int k = 0; k < n; k++) {
        counted[k] = axes[k];
        sheaf_status status = view_axis(view, &counted[k], what, error);
        if (status != SHEAF_OK)
            return status;
        if (seen & 1u << counted[k])
            return sheaf_error_set(error, SHEAF_INVALID, "%s: axis %d is given twice for shape %s", what, axes[k],
                                   shape_text(view->ndim, view->shape, text));
        seen |= 1u << counted[k];
    }
    return SHEAF_OK;
}

sheaf_status sheaf_view_moveaxis(const sheaf_view *view, int n, const int *axes, const int *destination,
                                 sheaf_view *out, sheaf_error *error)
{
    int from[SHEAF_MAX_NDIM], to[SHEAF_MAX_NDIM], order[SHEAF_MAX_NDIM];
    sheaf_status status = distinct_axes(view, n, axes, "moveaxis", from, error);
    if (status == SHEAF_OK)
        status = distinct_axes(view, n, destination, "moveaxis: destination", to, error);
    if (status != SHEAF_OK)
        return status;
    unsigned taken = 0, moved = 0;
    for (int k = 0; k < n; k++) {
        order[to[k]] = from[k];
        taken |= 1u << to[k];
        moved |= 1u << from[k];
    }
    for (int d = 0, next = 0; d < view->ndim; d++) {
        if (taken & 1u << d)
            continue;
        while (moved & 1u << next)
            next++;
        order[d] = next++;
    }
    return sheaf_view_transpose(view, order, out, error);
}

sheaf_status sheaf_view_squeeze(const sheaf_view *view, int n, const int *axes, sheaf_view *out, sheaf_error *error)
{
    char text[SHAPE_TEXT];
    int counted[SHEAF_MAX_NDIM];
    bool leave[SHEAF_MAX_NDIM] = {false};
    sheaf_status status = distinct_axes(view, n, axes, "squeeze", counted, error);
    if (status != SHEAF_OK)
        return status;
    for (int k = 0; k < n; k++) {
        leave[counted[k]] = true;
        if (view->shape[counted[k]] != 1)
            return sheaf_error_set(error, SHEAF_SHAPE, "squeeze: axis %d of shape %s is not of size 1", axes[k],
                                   shape_text(view->ndim, view->shape, text));
    }
    sheaf_view result = *view;
    result.ndim = 0;
    for (int d = 0; d < view->ndim; d++) {
        if (n > 0 ? leave[d] : view->shape[d] == 1)
            continue;
        result.shape[result.ndim] = view->shape[d];
        result.strides[result.ndim++] = view->strides[d];
    }
    *out = result;
    return SHEAF_OK;
}

sheaf_status sheaf_view_flip(const sheaf_view *view, int n, const int *axes, sheaf_view *out, sheaf_error *error)
{
    int counted[SHEAF_MAX_NDIM];
    sheaf_status status = distinct_axes(view, n, axes, "flip", counted, error);
    if (status != SHEAF_OK)
        return status;
    sheaf_view result = *view;
    const bool empty = sheaf_view_size(view) == 0;
    for (int k = 0; k < (n > 0 ? n : view->ndim); k++) {
        int d = n > 0 ? counted[k] : k;
        if (!empty)
            result.data = (char *)result.data + (view->shape[d] - 1) * view->strides[d];
        result.strides[d] = -view->strides[d];
    }
    *out = result;
    return SHEAF_OK;
}

sheaf_status sheaf_view_diagonal(const sheaf_view *view, int64_t k, int axis1, int axis2, sheaf_view *out,
                                 sheaf_error *error)
{
    int counted[2];
    if (view->ndim < 2) {
        char text[SHAPE_TEXT];
        return sheaf_error_set(error, SHEAF_INVALID, "diagonal: shape %s has no two axes",
                               shape_text(view->ndim, view->shape, text));
    }
    sheaf_status status = distinct_axes(view, 2, (const int[]){axis1, axis2}, "diagonal", counted, error);
    if (status != SHEAF_OK)
        return status;
    int64_t rows = view->shape[counted[0]], columns = view->shape[counted[1]];
    int64_t down = view->strides[counted[0]], along = view->strides[counted[1]];
    bool meets = k >= 0 ? k < columns : k > -rows;
    int64_t high = k < 0 && meets ? rows + k : rows, wide = k > 0 && meets ? columns - k : columns;
    int64_t length = !meets ? 0 : high < wide ? high : wide;
    sheaf_view result = *view;
    result.ndim = 0;
    for (int d = 0; d < view->ndim; d++) {
        if (d == counted[0] || d == counted[1])
            continue;
        result.shape[result.ndim] = view->shape[d];
        result.strides[result.ndim++] = view->strides[d];
    }
    if (length > 0)
        result.data = (char *)view->data + (k >= 0 ? k * along : -k * down);
    result.shape[result.ndim] = length;
    result.strides[result.ndim++] = down + along;
    *out = result;
    return SHEAF_OK;
}

sheaf_status sheaf_view_split(const sheaf_view *view, int axis, int64_t n, int64_t i, sheaf_view *out,
                              sheaf_error *error)
{
    char text[SHAPE_TEXT];
    sheaf_status status = view_axis(view, &axis, "split", error);
    if (status != SHEAF_OK)
        return status;
    if (n < 1 || i < 0 || i >= n)
        return sheaf_error_set(error, SHEAF_INVALID, "split: there is no part %lld of %lld of shape %s", (long long)i,
                               (long long)n, shape_text(view->ndim, view->shape, text));
    int64_t each = view->shape[axis] / n, longer = view->shape[axis] % n;
    int64_t start = i * each + (i < longer ? i : longer);
    return sheaf_view_slice(view, axis, start, start + each + (i < longer), 1, out, error);
}
