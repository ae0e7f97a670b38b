/* Differences and slopes of neighbours: elementwise work on slices that are shifted along the axis. */

#include "base/pool.h"
#include "ops/op.h"

/* Indices [begin, end) of an axis. */
static sheaf_view slice(const sheaf_view *x, int axis, int64_t begin, int64_t end)
{
    sheaf_view v = *x;
    v.data = (char *)x->data + begin * x->strides[axis];
    v.shape[axis] = end - begin;
    return v;
}

static sheaf_status diff_once(const sheaf_view *x, int axis, const sheaf_options *options, const team *t,
                              const sheaf_view *out, sheaf_error *error)
{
    int64_t n = x->shape[axis];
    sheaf_view in[2] = {slice(x, axis, 1, n), slice(x, axis, 0, n - 1)};
    return elementwise_run(&op_table[OP_sub], in, options, t, out, error);
}

/* Differences of differences go to and fro between two buffers; the last ones go to out. */
static sheaf_status diff_often(const struct op *op, const sheaf_view *x, int axis, int order,
                               const sheaf_options *options, const team *t, const sheaf_view *out, sheaf_error *error)
{
    sheaf_view from = *x, to;
    int64_t shape[SHEAF_MAX_NDIM];
    size_t bytes;
    void *buffer[2] = {NULL, NULL};
    for (int i = 0; i < x->ndim; i++)
        shape[i] = x->shape[i];
    shape[axis]--;
    sheaf_status status = array_bytes(out->dtype, x->ndim, shape, &bytes, error);
    if (status)
        return status;
    for (int k = 0; k < (order > 2 ? 2 : 1) && !status; k++)
        if (!(buffer[k] = pool_get(bytes)))
            status = sheaf_error_set(error, SHEAF_NO_MEMORY, "%s: no memory for %zu bytes of differences",
                                     op->info.name, bytes);
    for (int k = 1; k < order && !status; k++) {
        status = sheaf_view_init(&to, buffer[(k - 1) % 2], out->dtype, x->ndim, shape, error);
        if (!status)
            status = diff_once(&from, axis, options, t, &to, error);
        from = to;
        shape[axis]--;
    }
    if (!status)
        status = diff_once(&from, axis, options, t, out, error);
    for (int k = 0; k < 2; k++)
        pool_put(buffer[k], bytes);
    return status;
}

/* (x[b] - x[a]) / h for the slices from a and b on, as many as `to` has. */
static sheaf_status slope(const sheaf_view *x, int axis, int64_t a, int64_t b, double h, const sheaf_options *options,
                          const team *t, const sheaf_view *to, sheaf_error *error)
{
    static const struct op op = {
        .info = {.name = "gradient", .nin = 3}, .class = CLASS_TERNARY, .rule = RULE_MEAN, .kernel = K_slope};
    float short_h = (float)h;
    bool is_short = dtype_real(to->dtype) == SHEAF_F32;
    int64_t count = to->shape[axis];
    sheaf_view in[3] = {slice(x, axis, a, a + count), slice(x, axis, b, b + count)};
    sheaf_status status = sheaf_view_init(&in[2], is_short ? (void *)&short_h : (void *)&h,
                                          is_short ? SHEAF_F32 : SHEAF_F64, 0, NULL, error);
    return status ? status : elementwise_run(&op, in, options, t, to, error);
}

static sheaf_status gradient(const sheaf_view *x, int axis, const sheaf_options *options, const team *t,
                             const sheaf_view *out, sheaf_error *error)
{
    double h = options->spacing == 0 ? 1 : options->spacing;
    int64_t n = x->shape[axis];
    sheaf_view first = slice(out, axis, 0, 1), inner = slice(out, axis, 1, n - 1), last = slice(out, axis, n - 1, n);
    sheaf_status status = slope(x, axis, 0, 1, h, options, t, &first, error);
    if (!status)
        status = slope(x, axis, 0, 2, 2 * h, options, t, &inner, error);
    return status ? status : slope(x, axis, n - 2, n - 1, h, options, t, &last, error);
}

sheaf_status difference_run(const struct op *op, const sheaf_view *in, const sheaf_options *options, const team *t,
                            const sheaf_view *out, sheaf_error *error)
{
    int axis = op_axis(in, options), order = options->order ? options->order : 1;
    if (op->kernel == D_gradient)
        return gradient(in, axis, options, t, out, error);
    if (in->shape[axis] <= order)
        return SHEAF_OK;
    if (order == 1)
        return diff_once(in, axis, options, t, out, error);
    return diff_often(op, in, axis, order, options, t, out, error);
}
