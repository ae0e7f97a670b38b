/* What calls of the functions that move elements give, from shapes and options alone. */

#include "ops/move.h"
#include <string.h>

static sheaf_status refuse(const struct op *op, enum sheaf_status status, const sheaf_view *x, const char *why,
                           sheaf_error *error)
{
    char text[SHAPE_TEXT];
    return sheaf_error_set(error, status, "%s: %s (x has shape %s)", op->info.name, why,
                           shape_text(x->ndim, x->shape, text));
}

static sheaf_status too_large(const struct op *op, const sheaf_view *x, sheaf_error *error)
{
    return refuse(op, SHEAF_OVERFLOW, x, "the result has more elements than can be counted", error);
}

/* *axis: the one that the options name, or the first. */
static sheaf_status one_axis(const struct op *op, const sheaf_view *x, const sheaf_options *o, int *axis,
                             sheaf_error *error)
{
    sheaf_status status = op_check_axes(op, x, o, 1, error);
    if (status)
        return status;
    if (x->ndim == 0)
        return refuse(op, SHEAF_INVALID, x, "a scalar has no axis: use stack, or reshape first", error);
    *axis = o->naxes ? op_axis(x, o) : 0;
    return SHEAF_OK;
}

/* Input k does not go with input 0. */
static sheaf_status mismatch(const struct op *op, const sheaf_view *in, int k, const char *what, sheaf_error *error)
{
    char a[SHAPE_TEXT], b[SHAPE_TEXT];
    return sheaf_error_set(error, SHEAF_SHAPE, "%s: input %d of shape %s does not fit input 0 of shape %s: %s",
                           op->info.name, k, shape_text(in[k].ndim, in[k].shape, a),
                           shape_text(in[0].ndim, in[0].shape, b), what);
}

static sheaf_status infer_concat(const struct op *op, int nin, const sheaf_view *in, const sheaf_options *o,
                                 sheaf_view *out, sheaf_error *error)
{
    int axis = 0;
    sheaf_status status = one_axis(op, in, o, &axis, error);
    if (status)
        return status;
    int64_t shape[SHEAF_MAX_NDIM];
    memcpy(shape, in->shape, sizeof shape[0] * (size_t)in->ndim);
    for (int k = 1; k < nin; k++) {
        bool fits = in[k].ndim == in->ndim;
        for (int i = 0; fits && i < in->ndim; i++)
            fits = i == axis || in[k].shape[i] == in->shape[i];
        if (!fits)
            return mismatch(op, in, k, "all dimensions but the axis must be equal", error);
        if (__builtin_add_overflow(shape[axis], in[k].shape[axis], &shape[axis]))
            return too_large(op, in, error);
    }
    return sheaf_view_init(out, NULL, op_promoted(op, nin, in), in->ndim, shape, error);
}

int stack_axis(const sheaf_view *x, const sheaf_options *o)
{
    int axis = o->naxes ? o->axes[0] : 0;
    return axis < 0 ? axis + x->ndim + 1 : axis;
}

static sheaf_status infer_stack(const struct op *op, int nin, const sheaf_view *in, const sheaf_options *o,
                                sheaf_view *out, sheaf_error *error)
{
    int axis = stack_axis(in, o);
    if (o->naxes < 0 || o->naxes > 1)
        return refuse(op, SHEAF_INVALID, in, "takes one axis", error);
    if (axis < 0 || axis > in->ndim) {
        char text[SHAPE_TEXT];
        return sheaf_error_set(error, SHEAF_INVALID, "%s: axis %d is out of range for a stack of shape %s arrays",
                               op->info.name, o->axes[0], shape_text(in->ndim, in->shape, text));
    }
    if (in->ndim == SHEAF_MAX_NDIM)
        return refuse(op, SHEAF_INVALID, in, "there are too many dimensions for one more", error);
    for (int k = 1; k < nin; k++)
        if (in[k].ndim != in->ndim || memcmp(in[k].shape, in->shape, sizeof in->shape[0] * (size_t)in->ndim) != 0)
            return mismatch(op, in, k, "all must have one shape", error);
    int64_t shape[SHEAF_MAX_NDIM];
    for (int i = 0; i <= in->ndim; i++)
        shape[i] = i < axis ? in->shape[i] : i == axis ? nin : in->shape[i - 1];
    return sheaf_view_init(out, NULL, op_promoted(op, nin, in), in->ndim + 1, shape, error);
}

static sheaf_status infer_roll(const struct op *op, const sheaf_view *x, const sheaf_options *o, sheaf_view *out,
                               sheaf_error *error)
{
    for (int k = 0; k < o->naxes && k < SHEAF_MAX_NDIM; k++) { /* an axis may come twice */
        sheaf_options one = *o;
        one.naxes = 1;
        one.axes[0] = o->axes[k];
        sheaf_status status = op_check_axes(op, x, &one, 1, error);
        if (status)
            return status;
    }
    if (o->nshift < 1 || o->nshift > SHEAF_MAX_NDIM)
        return refuse(op, SHEAF_INVALID, x, "options.shift must say how far", error);
    if (o->naxes < 0 || o->naxes > SHEAF_MAX_NDIM || (o->naxes && o->nshift != 1 && o->nshift != o->naxes))
        return refuse(op, SHEAF_INVALID, x, "give one shift, or one for each axis", error);
    return sheaf_view_init(out, NULL, x->dtype, x->ndim, x->shape, error);
}

static sheaf_status infer_tile(const struct op *op, const sheaf_view *x, const sheaf_options *o, sheaf_view *out,
                               sheaf_error *error)
{
    if (o->nrepeats < 0 || o->nrepeats > SHEAF_MAX_NDIM)
        return refuse(op, SHEAF_INVALID, x, "options.nrepeats is out of range", error);
    int ndim = o->nrepeats > x->ndim ? o->nrepeats : x->ndim;
    int64_t shape[SHEAF_MAX_NDIM];
    for (int i = 0; i < ndim; i++) {
        int at = i - (ndim - x->ndim), r = i - (ndim - o->nrepeats);
        int64_t extent = at < 0 ? 1 : x->shape[at], times = r < 0 ? 1 : o->repeats[r];
        if (times < 0)
            return refuse(op, SHEAF_INVALID, x, "options.repeats must not be negative", error);
        if (__builtin_mul_overflow(extent, times, &shape[i]))
            return too_large(op, x, error);
    }
    return sheaf_view_init(out, NULL, x->dtype, ndim, shape, error);
}

static sheaf_status infer_repeat(const struct op *op, const sheaf_view *x, const sheaf_options *o, sheaf_view *out,
                                 sheaf_error *error)
{
    sheaf_status status = op_check_axes(op, x, o, 1, error);
    if (status)
        return status;
    if (o->nrepeats != 1 || o->repeats[0] < 0)
        return refuse(op, SHEAF_INVALID, x, "options.repeats must say how often, once and not negative", error);
    int64_t shape[SHEAF_MAX_NDIM], flat = 0;
    if (!o->naxes && (status = op_elements(op, x, &flat, error)))
        return status;
    int ndim = o->naxes ? x->ndim : 1, axis = o->naxes ? op_axis(x, o) : 0;
    memcpy(shape, o->naxes ? x->shape : &flat, sizeof shape[0] * (size_t)ndim);
    if (__builtin_mul_overflow(shape[axis], o->repeats[0], &shape[axis]))
        return too_large(op, x, error);
    return sheaf_view_init(out, NULL, x->dtype, ndim, shape, error);
}

static sheaf_status infer_diag(const struct op *op, const sheaf_view *x, const sheaf_options *o, sheaf_view *out,
                               sheaf_error *error)
{
    sheaf_view seen;
    sheaf_status status = op_check_axes(op, x, o, 0, error);
    if (status)
        return status;
    if (x->ndim == 2) {
        status = sheaf_view_diagonal(x, o->k, 0, 1, &seen, error);
        return status ? status : sheaf_view_init(out, NULL, x->dtype, 1, seen.shape, error);
    }
    if (x->ndim != 1)
        return refuse(op, SHEAF_INVALID, x, "takes a vector or a matrix", error);
    int64_t side;
    if (o->k == INT64_MIN || __builtin_add_overflow(x->shape[0], o->k < 0 ? -o->k : o->k, &side))
        return too_large(op, x, error);
    return sheaf_view_init(out, NULL, x->dtype, 2, (const int64_t[]){side, side}, error);
}

sheaf_status move_infer(const struct op *op, int nin, const sheaf_view *in, const sheaf_options *o, sheaf_view *out,
                        sheaf_error *error)
{
    sheaf_status status;
    switch (op->kernel) {
    case M_roll:
        return infer_roll(op, in, o, out, error);
    case M_pad:
        return pad_infer(op, in, o, out, error);
    case M_tile:
        return infer_tile(op, in, o, out, error);
    case M_repeat:
        return infer_repeat(op, in, o, out, error);
    case M_concat:
        return infer_concat(op, nin, in, o, out, error);
    case M_stack:
        return infer_stack(op, nin, in, o, out, error);
    case M_take:
        return take_infer(op, in, o, out, error);
    case M_diag:
        return infer_diag(op, in, o, out, error);
    default:
        status = op_check_axes(op, in, o, 0, error);
        if (!status && in->ndim < 2)
            status = refuse(op, SHEAF_INVALID, in, "takes a matrix, or a stack of them", error);
        return status ? status : sheaf_view_init(out, NULL, in->dtype, in->ndim, in->shape, error);
    }
}
