/* Checking a call, and what it gives: from dtypes and shapes alone. */

#include "ops/move.h"
#include <string.h>

static const char *kind_word(char kind)
{
    switch (kind) {
    case 'b':
        return "bool";
    case 'i':
        return "signed integers";
    case 'u':
        return "unsigned integers";
    case 'f':
        return "floats";
    default:
        return "complex numbers";
    }
}

static sheaf_status check_dtypes(const struct op *op, int nin, const sheaf_view *in, sheaf_error *error)
{
    const char *name = op->info.name;
    char argument[ARGUMENT_TEXT];
    for (int k = 0; k < nin; k++) {
        if ((unsigned)in[k].dtype >= SHEAF_DTYPE_COUNT)
            return sheaf_error_set(error, SHEAF_INVALID, "%s: %s has no valid dtype (%d)", name,
                                   op_argument(op, k, argument), (int)in[k].dtype);
        if (in[k].ndim < 0 || in[k].ndim > SHEAF_MAX_NDIM)
            return sheaf_error_set(error, SHEAF_INVALID, "%s: %s has %d dimensions, at most %d are possible", name,
                                   op_argument(op, k, argument), in[k].ndim, SHEAF_MAX_NDIM);
    }
    if (nin == 0)
        return SHEAF_OK;
    sheaf_dtype dtype = op_promoted(op, nin, in);
    if (strchr(op->info.dtypes, dtype_kind(dtype)))
        return SHEAF_OK;
    char text[SHAPE_TEXT];
    const char *advice = dtype_kind(dtype) == 'c' ? "use its real part or abs" : "convert it to an integer dtype first";
    return sheaf_error_set(error, SHEAF_DTYPE, "%s: does not take %s (x is %s of shape %s): %s", name,
                           kind_word(dtype_kind(dtype)), sheaf_dtype_name(in[0].dtype),
                           shape_text(in[0].ndim, in[0].shape, text), advice);
}

sheaf_status op_check_axes(const struct op *op, const sheaf_view *x, const sheaf_options *o, int most,
                           sheaf_error *error)
{
    char text[SHAPE_TEXT];
    const char *name = op->info.name;
    if (o->naxes < 0 || o->naxes > most) {
        shape_text(x->ndim, x->shape, text);
        if (most == 0)
            return sheaf_error_set(error, SHEAF_INVALID, "%s: takes no axis (shape %s)", name, text);
        return sheaf_error_set(error, SHEAF_INVALID, "%s: %d axes given, at most %d can be used (shape %s)", name,
                               o->naxes, most, text);
    }
    unsigned seen = 0;
    for (int k = 0; k < o->naxes; k++) {
        int axis = o->axes[k] < 0 ? o->axes[k] + x->ndim : o->axes[k];
        if (axis < 0 || axis >= x->ndim)
            return sheaf_error_set(error, SHEAF_INVALID, "%s: axis %d is out of range for x of shape %s", name,
                                   o->axes[k], shape_text(x->ndim, x->shape, text));
        if (seen & 1u << axis)
            return sheaf_error_set(error, SHEAF_INVALID, "%s: axis %d is given twice for x of shape %s", name,
                                   o->axes[k], shape_text(x->ndim, x->shape, text));
        seen |= 1u << axis;
    }
    return SHEAF_OK;
}

sheaf_status op_broadcast(const char *name, int n, const sheaf_view *in, int *ndim, int64_t *shape, sheaf_error *error)
{
    *ndim = 0;
    for (int k = 0; k < n; k++)
        *ndim = in[k].ndim > *ndim ? in[k].ndim : *ndim;
    for (int i = 0; i < *ndim; i++) {
        shape[i] = 1;
        for (int k = 0; k < n; k++) {
            int at = i - (*ndim - in[k].ndim);
            int64_t extent = at < 0 ? 1 : in[k].shape[at];
            if (shape[i] == 1) {
                shape[i] = extent;
            } else if (extent != 1 && extent != shape[i]) {
                char a[SHAPE_TEXT], b[SHAPE_TEXT], c[SHAPE_TEXT];
                return sheaf_error_set(error, SHEAF_SHAPE,
                                       "%s: x of shape %s%s y of shape %s%s%s do not broadcast together", name,
                                       shape_text(in[0].ndim, in[0].shape, a), n > 2 ? "," : " and",
                                       shape_text(in[1].ndim, in[1].shape, b), n > 2 ? " and z of shape " : "",
                                       n > 2 ? shape_text(in[2].ndim, in[2].shape, c) : "");
            }
        }
    }
    return SHEAF_OK;
}

void op_stretch(const sheaf_view *v, int ndim, const int64_t *shape, sheaf_view *wide)
{
    wide->data = v->data;
    wide->dtype = v->dtype;
    wide->ndim = ndim;
    for (int i = 0; i < ndim; i++) {
        int at = i - (ndim - v->ndim);
        wide->shape[i] = shape[i];
        wide->strides[i] = at < 0 || v->shape[at] == 1 ? 0 : v->strides[at];
    }
}

static sheaf_status infer_elementwise(const struct op *op, const sheaf_view *in, sheaf_view *out, sheaf_error *error)
{
    int64_t shape[SHEAF_MAX_NDIM];
    int ndim;
    sheaf_status status = op_broadcast(op->info.name, op->info.nin, in, &ndim, shape, error);
    return status ? status
                  : sheaf_view_init(out, NULL, op_result_dtype(op->rule, op_promoted(op, op->info.nin, in), 0), ndim,
                                    shape, error);
}

/* Whether the reduction has no value for no elements. */
static bool needs_elements(int kind)
{
    switch (kind) {
    case R_min:
    case R_max:
    case R_ptp:
    case R_argmin:
    case R_argmax:
    case R_stats:
    case R_nanmin:
    case R_nanmax:
    case R_nanargmin:
    case R_nanargmax:
        return true;
    default:
        return false;
    }
}

/* At most so many axes. */
static int most_axes(int kind)
{
    switch (kind) {
    case R_argmin:
    case R_argmax:
    case R_nanargmin:
    case R_nanargmax:
    case R_trapz:
    case R_dot:
        return 1;
    default:
        return SHEAF_MAX_NDIM;
    }
}

/* What is reduced: x, or for two inputs their common shape. */
static sheaf_status reduced(const struct op *op, const sheaf_view *in, const sheaf_options *o, sheaf_view *x,
                            sheaf_error *error)
{
    char a[SHAPE_TEXT], b[SHAPE_TEXT];
    int64_t shape[SHEAF_MAX_NDIM];
    int ndim;
    view_assign(x, &in[0]);
    if (op->info.nin == 2) {
        sheaf_status status = op_broadcast(op->info.name, 2, in, &ndim, shape, error);
        if (status)
            return status;
        op_stretch(&in[0], ndim, shape, x);
        if (o->naxes == 0 && in[0].ndim > 1 && in[1].ndim > 1)
            return sheaf_error_set(
                error, SHEAF_INVALID, "%s: x of shape %s and y of shape %s: give the axis to sum along, or use matmul",
                op->info.name, shape_text(in[0].ndim, in[0].shape, a), shape_text(in[1].ndim, in[1].shape, b));
    }
    if (x->ndim == 0 && most_axes(op->kernel) == 1 && op->kernel == R_trapz)
        return sheaf_error_set(error, SHEAF_INVALID, "%s: x is a scalar (shape ()), which has no axis to work along",
                               op->info.name);
    return SHEAF_OK;
}

static sheaf_status check_weights(const struct op *op, const sheaf_options *o, sheaf_error *error)
{
    const sheaf_view *w = o->weights;
    bool takes = op->class == CLASS_HISTOGRAM || (op->class == CLASS_TALLY && op->kernel == T_bincount) ||
                 (op->class == CLASS_REDUCE && (op->kernel == R_mean || op->kernel == R_var || op->kernel == R_std));
    if (!takes)
        return sheaf_error_set(error, SHEAF_INVALID,
                               "%s: takes no weights, which are for mean, var, std, histogram and bincount",
                               op->info.name);
    if ((unsigned)w->dtype >= SHEAF_DTYPE_COUNT || w->ndim < 0 || w->ndim > SHEAF_MAX_NDIM)
        return sheaf_error_set(error, SHEAF_INVALID, "%s: the weights are no valid view (dtype %d, %d dimensions)",
                               op->info.name, (int)w->dtype, w->ndim);
    char text[SHAPE_TEXT];
    if (dtype_kind(w->dtype) == 'c')
        return sheaf_error_set(error, SHEAF_DTYPE, "%s: weights must be real, these are %s of shape %s", op->info.name,
                               sheaf_dtype_name(w->dtype), shape_text(w->ndim, w->shape, text));
    return SHEAF_OK;
}

sheaf_status op_weights(const struct op *op, const sheaf_view *x, const sheaf_options *options, sheaf_view *weights,
                        sheaf_error *error)
{
    const sheaf_view *w = options->weights;
    bool fits = true;
    if (w->ndim == 1 && options->naxes == 1 && x->ndim > 1) {
        int axis = op_axis(x, options);
        fits = w->shape[0] == x->shape[axis];
        op_stretch(w, 0, NULL, weights);
        weights->ndim = x->ndim;
        for (int i = 0; i < x->ndim; i++) {
            weights->shape[i] = x->shape[i];
            weights->strides[i] = i == axis ? w->strides[0] : 0;
        }
    } else {
        fits = w->ndim <= x->ndim;
        for (int i = 0; fits && i < w->ndim; i++)
            fits = w->shape[i] == 1 || w->shape[i] == x->shape[i + x->ndim - w->ndim];
        if (fits)
            op_stretch(w, x->ndim, x->shape, weights);
    }
    if (fits)
        return SHEAF_OK;
    char a[SHAPE_TEXT], b[SHAPE_TEXT];
    return sheaf_error_set(error, SHEAF_SHAPE,
                           "%s: weights of shape %s do not fit x of shape %s: give them x's shape, or one for each "
                           "element along a single axis",
                           op->info.name, shape_text(w->ndim, w->shape, a), shape_text(x->ndim, x->shape, b));
}

static sheaf_status infer_reduce(const struct op *op, const sheaf_view *in, const sheaf_options *o, sheaf_view *outs,
                                 sheaf_error *error)
{
    sheaf_view x;
    sheaf_status status = reduced(op, in, o, &x, error);
    if (status || (status = op_check_axes(op, &x, o, most_axes(op->kernel), error)))
        return status;
    sheaf_view weights;
    if (o->weights && (status = op_weights(op, &x, o, &weights, error)))
        return status;
    bool along[SHEAF_MAX_NDIM];
    op_axes(op, &x, o, along);
    int64_t shape[SHEAF_MAX_NDIM];
    int ndim = 0;
    bool nothing = false, results = true;
    for (int i = 0; i < x.ndim; i++) {
        if (along[i])
            nothing |= x.shape[i] == 0;
        else
            results &= x.shape[i] != 0;
        if (!along[i] || o->keepdims)
            shape[ndim++] = along[i] ? 1 : x.shape[i];
    }
    if (nothing && results && needs_elements(op->kernel)) {
        char text[SHAPE_TEXT];
        return sheaf_error_set(error, SHEAF_INVALID,
                               "%s: x of shape %s has no elements to reduce, and %s of nothing "
                               "has no value",
                               op->info.name, shape_text(x.ndim, x.shape, text), op->info.name);
    }
    for (int k = 0; k < op->info.nout && !status; k++)
        status = sheaf_view_init(&outs[k], NULL, op_result_dtype(op->rule, op_promoted(op, op->info.nin, in), k), ndim,
                                 shape, error);
    return status;
}

static sheaf_status infer_rows(const struct op *op, const sheaf_view *in, const sheaf_options *o, sheaf_view *out,
                               sheaf_error *error)
{
    sheaf_status status = op_check_axes(op, in, o, 1, error);
    if (status)
        return status;
    sheaf_dtype dtype = op_result_dtype(op->rule, in->dtype, 0);
    if (op->class == CLASS_SCAN && o->naxes == 0) {
        size_t size = 1;
        for (int i = 0; i < in->ndim; i++)
            if (__builtin_mul_overflow(size, (size_t)in->shape[i], &size))
                return sheaf_error_set(error, SHEAF_OVERFLOW, "%s: x has too many elements", op->info.name);
        int64_t n = (int64_t)size;
        return sheaf_view_init(out, NULL, dtype, 1, &n, error);
    }
    if (in->ndim == 0)
        return sheaf_error_set(error, SHEAF_INVALID, "%s: x is a scalar (shape ()), which has no axis to work along",
                               op->info.name);
    int axis = op_axis(in, o);
    int64_t shape[SHEAF_MAX_NDIM];
    memcpy(shape, in->shape, sizeof shape[0] * (size_t)in->ndim);
    char text[SHAPE_TEXT];
    if (op->class == CLASS_TRANSFORM) {
        if (shape[axis] < 1)
            return sheaf_error_set(error, SHEAF_INVALID, "%s: axis %d of x, of shape %s, has no elements",
                                   op->info.name, axis, shape_text(in->ndim, in->shape, text));
        shape[axis] = shape[axis] / 2 + 1;
    } else if (op->class == CLASS_DIFFERENCE && op->kernel == D_diff) {
        if (o->order < 0)
            return sheaf_error_set(error, SHEAF_INVALID, "%s: order %d is negative (x of shape %s)", op->info.name,
                                   o->order, shape_text(in->ndim, in->shape, text));
        int64_t order = o->order ? o->order : 1;
        shape[axis] = shape[axis] > order ? shape[axis] - order : 0;
    } else if (op->class == CLASS_DIFFERENCE && shape[axis] < 2) {
        return sheaf_error_set(error, SHEAF_INVALID, "%s: axis %d of x, of shape %s, needs at least 2 elements",
                               op->info.name, axis, shape_text(in->ndim, in->shape, text));
    }
    return sheaf_view_init(out, NULL, dtype, in->ndim, shape, error);
}

static void matmul_mismatch(const struct op *op, const sheaf_view *in, const char *what, sheaf_error *error)
{
    char a[SHAPE_TEXT], b[SHAPE_TEXT];
    sheaf_error_set(error, SHEAF_SHAPE, "%s: x of shape %s and y of shape %s: %s", op->info.name,
                    shape_text(in[0].ndim, in[0].shape, a), shape_text(in[1].ndim, in[1].shape, b), what);
}

sheaf_status matmul_infer(const struct op *op, const sheaf_view *in, struct matmul_shape *s, sheaf_view *out,
                          sheaf_error *error)
{
    const sheaf_view *x = &in[0], *y = &in[1];
    if (x->ndim == 0 || y->ndim == 0) {
        matmul_mismatch(op, in, "a scalar is no matrix, use mul", error);
        return SHEAF_SHAPE;
    }
    s->m = x->ndim > 1 ? x->shape[x->ndim - 2] : 1;
    s->k = x->shape[x->ndim - 1];
    s->n = y->ndim > 1 ? y->shape[y->ndim - 1] : 1;
    if (s->k != y->shape[y->ndim > 1 ? y->ndim - 2 : 0]) {
        matmul_mismatch(op, in, "x's last dimension and y's last but one must be equal", error);
        return SHEAF_SHAPE;
    }
    int nx = x->ndim > 2 ? x->ndim - 2 : 0, ny = y->ndim > 2 ? y->ndim - 2 : 0;
    s->ndim = nx > ny ? nx : ny;
    int64_t shape[SHEAF_MAX_NDIM];
    for (int i = 0; i < s->ndim; i++) {
        int64_t a = i < s->ndim - nx ? 1 : x->shape[i - (s->ndim - nx)];
        int64_t b = i < s->ndim - ny ? 1 : y->shape[i - (s->ndim - ny)];
        if (a != b && a != 1 && b != 1) {
            matmul_mismatch(op, in, "the stacks do not broadcast together", error);
            return SHEAF_SHAPE;
        }
        shape[i] = s->stack[i] = a == 1 ? b : a;
    }
    int ndim = s->ndim;
    if (x->ndim > 1)
        shape[ndim++] = s->m;
    if (y->ndim > 1)
        shape[ndim++] = s->n;
    if (!out)
        return SHEAF_OK;
    return sheaf_view_init(out, NULL, op_result_dtype(op->rule, op_promoted(op, op->info.nin, in), 0), ndim, shape,
                           error);
}

sheaf_status op_infer(const struct op *op, int nin, const sheaf_view *in, const sheaf_options *options,
                      sheaf_view *outs, sheaf_error *error)
{
    options = options_or_default(options);
    sheaf_status status = check_dtypes(op, nin, in, error);
    if (!status && options->weights)
        status = check_weights(op, options, error);
    if (status)
        return status;
    struct matmul_shape s;
    switch (op->class) {
    case CLASS_CAST:
    case CLASS_UNARY:
    case CLASS_BINARY:
    case CLASS_TERNARY:
        status = op_check_axes(op, in, options, 0, error);
        return status ? status : infer_elementwise(op, in, outs, error);
    case CLASS_REDUCE:
        return infer_reduce(op, in, options, outs, error);
    case CLASS_ORDER:
        status = op_check_axes(op, in, options, 1, error);
        return status ? status : order_infer(op, in, options, outs, error);
    case CLASS_MATMUL:
        status = op_check_axes(op, in, options, 0, error);
        return status ? status : matmul_infer(op, in, &s, outs, error);
    case CLASS_QUANTILE:
        status = op_check_axes(op, in, options, SHEAF_MAX_NDIM, error);
        return status ? status : quantile_infer(op, in, options, outs, error);
    case CLASS_SEARCH:
        status = op_check_axes(op, in, options, 0, error);
        return status ? status : search_infer(op, in, options, outs, error);
    case CLASS_HISTOGRAM:
        status = op_check_axes(op, in, options, 0, error);
        return status ? status : histogram_infer(op, in, options, outs, error);
    case CLASS_TALLY:
        status = op_check_axes(op, in, options, 0, error);
        return status ? status : tally_infer(op, in, options, outs, error);
    case CLASS_VIEW:
        return view_infer(op, in, options, outs, error);
    case CLASS_MOVE:
        return move_infer(op, nin, in, options, outs, error);
    case CLASS_CREATE:
        return create_infer(op, in, options, outs, error);
    case CLASS_OUTER:
        return outer_infer(op, in, options, outs, error);
    case CLASS_COMPRESS:
        return compress_infer(op, in, options, outs, error);
    case CLASS_WINDOW:
        status = op_check_axes(op, in, options, 1, error);
        return status ? status : window_infer(op, in, options, outs, error);
    case CLASS_FILTER:
        status = op_check_axes(op, &in[2], options, 1, error);
        return status ? status : filter_infer(op, in, outs, error);
    case CLASS_INTERP:
        status = op_check_axes(op, in, options, 0, error);
        return status ? status : interp_infer(op, in, outs, error);
    case CLASS_CONVOLVE:
        status = op_check_axes(op, in, options, convolve_axes(op), error);
        return status ? status : convolve_infer(op, in, options, outs, error);
    default:
        return infer_rows(op, in, options, outs, error);
    }
}
