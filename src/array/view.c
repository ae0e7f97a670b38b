#include "array/array.h"

#include "base/checked.h"
#include <stdio.h>
#include <string.h>

char *shape_text(int ndim, const int64_t *shape, char text[SHAPE_TEXT])
{
    size_t n = 0;
    text[n++] = '(';
    for (int d = 0; d < ndim; d++)
        n += (size_t)snprintf(text + n, SHAPE_TEXT - n, d ? ", %lld" : "%lld", (long long)shape[d]);
    snprintf(text + n, SHAPE_TEXT - n, ndim == 1 ? ",)" : ")");
    return text;
}

sheaf_status array_bytes(sheaf_dtype dtype, int ndim, const int64_t *shape, size_t *bytes, sheaf_error *error)
{
    char text[SHAPE_TEXT];
    size_t size = sheaf_dtype_size(dtype), total = size, nonzero = size;
    if (size == 0)
        return sheaf_error_set(error, SHEAF_INVALID, "%d is no dtype", (int)dtype);
    if (ndim < 0 || ndim > SHEAF_MAX_NDIM)
        return sheaf_error_set(error, SHEAF_INVALID, "rank %d is not between 0 and %d", ndim, SHEAF_MAX_NDIM);
    for (int d = 0; d < ndim; d++) {
        if (shape[d] < 0)
            return sheaf_error_set(error, SHEAF_INVALID, "dimension %d of shape %s is negative", d,
                                   shape_text(ndim, shape, text));
        total *= (size_t)shape[d];
        if (shape[d] > 0 && (!size_mul(nonzero, (size_t)shape[d], &nonzero) || nonzero > INT64_MAX))
            return sheaf_error_set(error, SHEAF_OVERFLOW, "an array of shape %s and dtype %s does not fit in memory",
                                   shape_text(ndim, shape, text), sheaf_dtype_name(dtype));
    }
    *bytes = total;
    return SHEAF_OK;
}

sheaf_status sheaf_view_init(sheaf_view *view, void *data, sheaf_dtype dtype, int ndim, const int64_t *shape,
                             sheaf_error *error)
{
    size_t bytes;
    sheaf_status status = array_bytes(dtype, ndim, shape, &bytes, error);
    if (status != SHEAF_OK)
        return status;
    view->data = data;
    view->dtype = dtype;
    view->ndim = ndim;
    int64_t stride = (int64_t)sheaf_dtype_size(dtype);
    for (int d = ndim - 1; d >= 0; d--) {
        view->shape[d] = shape[d];
        view->strides[d] = stride;
        stride *= shape[d] > 0 ? shape[d] : 1;
    }
    return SHEAF_OK;
}

sheaf_view sheaf_view_f64(const double *data, size_t n)
{
    sheaf_view view;
    view.data = (void *)(uintptr_t)data;
    view.dtype = SHEAF_F64;
    view.ndim = 1;
    view.shape[0] = (int64_t)n;
    view.strides[0] = sizeof(double);
    return view;
}

int64_t sheaf_view_size(const sheaf_view *view)
{
    int64_t n = 1;
    for (int d = 0; d < view->ndim; d++)
        n *= view->shape[d];
    return n;
}

bool sheaf_view_is_contiguous(const sheaf_view *view)
{
    int64_t stride = (int64_t)sheaf_dtype_size(view->dtype);
    bool packed = true;
    for (int d = view->ndim - 1; d >= 0; d--) {
        if (view->shape[d] == 0)
            return true;
        if (view->shape[d] > 1 && view->strides[d] != stride)
            packed = false;
        stride *= view->shape[d];
    }
    return packed;
}

sheaf_status view_axis(const sheaf_view *view, int *axis, const char *what, sheaf_error *error)
{
    char text[SHAPE_TEXT];
    if (*axis < -view->ndim || *axis >= view->ndim)
        return sheaf_error_set(error, SHEAF_INVALID, "%s: axis %d is out of range for shape %s", what, *axis,
                               shape_text(view->ndim, view->shape, text));
    if (*axis < 0)
        *axis += view->ndim;
    return SHEAF_OK;
}

static int64_t clamp(int64_t value, int64_t low, int64_t high)
{
    return value < low ? low : value > high ? high : value;
}

sheaf_status sheaf_view_slice(const sheaf_view *view, int axis, int64_t start, int64_t stop, int64_t step,
                              sheaf_view *out, sheaf_error *error)
{
    sheaf_status status = view_axis(view, &axis, "slice", error);
    if (status != SHEAF_OK)
        return status;
    if (step == 0 || step == INT64_MIN)
        return sheaf_error_set(error, SHEAF_INVALID, "slice: step %lld is not allowed", (long long)step);
    int64_t n = view->shape[axis], low = step > 0 ? 0 : -1, high = step > 0 ? n : n - 1;
    start = clamp(start < 0 ? start + n : start, low, high);
    stop = clamp(stop < 0 ? stop + n : stop, low, high);
    int64_t count = 0;
    if (step > 0 && stop > start)
        count = (stop - start - 1) / step + 1;
    else if (step < 0 && start > stop)
        count = (start - stop - 1) / -step + 1;
    int64_t stride = view->strides[axis];
    *out = *view;
    if (count > 0)
        out->data = (char *)view->data + start * stride;
    out->shape[axis] = count;
    out->strides[axis] = count > 1 ? stride * step : stride; /* step may be huge where one element is taken */
    return SHEAF_OK;
}

sheaf_status sheaf_view_index(const sheaf_view *view, int axis, int64_t index, sheaf_view *out, sheaf_error *error)
{
    char text[SHAPE_TEXT];
    sheaf_status status = view_axis(view, &axis, "index", error);
    if (status != SHEAF_OK)
        return status;
    int64_t n = view->shape[axis];
    if (index < -n || index >= n)
        return sheaf_error_set(error, SHEAF_INVALID, "index %lld is out of range for axis %d of shape %s",
                               (long long)index, axis, shape_text(view->ndim, view->shape, text));
    *out = *view;
    out->data = (char *)view->data + (index < 0 ? index + n : index) * view->strides[axis];
    out->ndim--;
    for (int d = axis; d < out->ndim; d++) {
        out->shape[d] = out->shape[d + 1];
        out->strides[d] = out->strides[d + 1];
    }
    return SHEAF_OK;
}

sheaf_status sheaf_view_transpose(const sheaf_view *view, const int *axes, sheaf_view *out, sheaf_error *error)
{
    sheaf_view result = *view;
    unsigned seen = 0;
    for (int d = 0; d < view->ndim; d++) {
        int axis = axes ? axes[d] : view->ndim - 1 - d;
        sheaf_status status = view_axis(view, &axis, "transpose", error);
        if (status != SHEAF_OK)
            return status;
        if (seen & 1u << axis)
            return sheaf_error_set(error, SHEAF_INVALID, "transpose: axis %d is given twice", axis);
        seen |= 1u << axis;
        result.shape[d] = view->shape[axis];
        result.strides[d] = view->strides[axis];
    }
    *out = result;
    return SHEAF_OK;
}

sheaf_status view_resolve_shape(const sheaf_view *view, int ndim, const int64_t *shape, int64_t *resolved,
                                sheaf_error *error)
{
    char from[SHAPE_TEXT], to[SHAPE_TEXT];
    if (ndim < 0 || ndim > SHEAF_MAX_NDIM)
        return sheaf_error_set(error, SHEAF_INVALID, "reshape: rank %d is not between 0 and %d", ndim, SHEAF_MAX_NDIM);
    int64_t size = sheaf_view_size(view), known = 1;
    int free_axis = -1;
    bool good = true;
    for (int d = 0; d < ndim; d++) {
        resolved[d] = shape[d];
        if (shape[d] == -1 && free_axis < 0)
            free_axis = d;
        else
            good = good && shape[d] >= 0 && !__builtin_mul_overflow(known, shape[d], &known);
    }
    if (good && free_axis >= 0) {
        good = known > 0 && size % known == 0;
        resolved[free_axis] = good ? size / known : 0;
        known = size;
    }
    if (!good || known != size)
        return sheaf_error_set(error, SHEAF_SHAPE, "reshape: shape %s cannot become %s",
                               shape_text(view->ndim, view->shape, from), shape_text(ndim, shape, to));
    return SHEAF_OK;
}

/* Strides that show view's elements under result's shape, both of the same size above 0. Old dimensions that are
 * packed among themselves count as one run; each new dimension must divide what is left of the current run. */
static bool strides_for(const sheaf_view *view, sheaf_view *result)
{
    int old = view->ndim - 1;
    int64_t left = 1, stride = 0;
    for (int d = result->ndim - 1; d >= 0; d--) {
        result->strides[d] = stride;
        if (result->shape[d] == 1)
            continue;
        if (left == 1) {
            while (view->shape[old] == 1)
                old--;
            stride = view->strides[old];
            left = view->shape[old--];
            while (old >= 0 && (view->shape[old] == 1 || view->strides[old] == stride * left)) {
                left *= view->shape[old];
                old--;
            }
        }
        if (left % result->shape[d] != 0)
            return false;
        result->strides[d] = stride;
        stride *= result->shape[d];
        left /= result->shape[d];
    }
    return true;
}

sheaf_status sheaf_view_reshape(const sheaf_view *view, int ndim, const int64_t *shape, sheaf_view *out,
                                sheaf_error *error)
{
    char from[SHAPE_TEXT], to[SHAPE_TEXT];
    sheaf_view result;
    int64_t resolved[SHEAF_MAX_NDIM];
    sheaf_status status = view_resolve_shape(view, ndim, shape, resolved, error);
    if (status == SHEAF_OK)
        status = sheaf_view_init(&result, view->data, view->dtype, ndim, resolved, error);
    if (status != SHEAF_OK)
        return status;
    if (!sheaf_view_is_contiguous(view) && !strides_for(view, &result))
        return sheaf_error_set(error, SHEAF_SHAPE, "reshape: %s cannot become %s without a copy",
                               shape_text(view->ndim, view->shape, from), shape_text(ndim, resolved, to));
    *out = result;
    return SHEAF_OK;
}
