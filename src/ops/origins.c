/* Which dimension of an input each dimension of a result runs along. */

#include "ops/op.h"

static void all(int *made, int ndim, int origin)
{
    for (int d = 0; d < ndim; d++)
        made[d] = origin;
}

/* Of two dimensions that meet: the one that has something to say; of two inputs the first's; of two dimensions of one
 * input neither's. */
static int meet(int a, int b)
{
    if (a == b || b == ORIGIN_NONE)
        return a;
    if (a == ORIGIN_NONE)
        return b;
    const int x = a % ORIGIN_PARTS / SHEAF_MAX_NDIM, y = b % ORIGIN_PARTS / SHEAF_MAX_NDIM;
    if (a == ORIGIN_MIXED || b == ORIGIN_MIXED || x == y)
        return ORIGIN_MIXED;
    return x < y ? a : b;
}

static void broadcast(int nin, const sheaf_view *in, const int (*origins)[SHEAF_MAX_NDIM], const sheaf_view *out,
                      int *made)
{
    all(made, out->ndim, ORIGIN_NONE);
    for (int k = 0; k < nin; k++)
        for (int d = 0, at = out->ndim - in[k].ndim; d < in[k].ndim && at >= 0; d++, at++)
            if (in[k].shape[d] == out->shape[at])
                made[at] = meet(made[at], origins[k][d]);
}

/* x's dimensions but for those that are reduced. What a quantile asks for comes first. */
static void reduce(const struct op *op, const sheaf_view *x, const int *origins, const sheaf_options *o,
                   const sheaf_view *out, int *made)
{
    bool along[SHEAF_MAX_NDIM] = {false};
    int left = 0, at;
    op_axes(op, x, o, along);
    for (int d = 0; d < x->ndim; d++)
        left += !along[d] || o->keepdims;
    all(made, out->ndim, ORIGIN_NONE);
    at = out->ndim - left;
    for (int d = 0; d < x->ndim && at >= 0; d++)
        if (!along[d] || o->keepdims)
            made[at++] = along[d] ? ORIGIN_NONE : origins[d];
}

/* x's dimensions, that of the axis being another now. */
static void change_axis(const sheaf_view *x, const int *origins, const sheaf_options *o, const sheaf_view *out,
                        int *made)
{
    const int axis = x->ndim ? op_axis(x, o) : 0;
    for (int d = 0; d < out->ndim; d++)
        made[d] = out->ndim != x->ndim || d == axis ? ORIGIN_MIXED : origins[d];
}

static void keep(const sheaf_view *x, const int *origins, const sheaf_view *out, int *made)
{
    for (int d = 0; d < out->ndim; d++)
        made[d] = out->ndim != x->ndim || out->shape[d] != x->shape[d] ? ORIGIN_MIXED : origins[d];
}

void op_origins(const struct op *op, int nin, const sheaf_view *in, const int (*origins)[SHEAF_MAX_NDIM],
                const sheaf_options *options, const sheaf_view *out, int *made)
{
    const sheaf_options *o = options_or_default(options);
    if (op_is_elementwise(op)) {
        broadcast(nin, in, origins, out, made);
        return;
    }
    switch (op->class) {
    case CLASS_REDUCE:
    case CLASS_QUANTILE:
        reduce(op, &in[0], origins[0], o, out, made);
        return;
    case CLASS_SCAN:
    case CLASS_WINDOW:
        keep(&in[0], origins[0], out, made);
        return;
    case CLASS_FILTER:
        keep(&in[2], origins[2], out, made);
        return;
    case CLASS_ORDER:
        if (op->kernel == O_rank)
            keep(&in[0], origins[0], out, made);
        else
            change_axis(&in[0], origins[0], o, out, made);
        return;
    case CLASS_DIFFERENCE:
        if (op->kernel == D_gradient)
            keep(&in[0], origins[0], out, made);
        else
            change_axis(&in[0], origins[0], o, out, made);
        return;
    case CLASS_TRANSFORM:
        change_axis(&in[0], origins[0], o, out, made);
        return;
    case CLASS_CREATE:
        all(made, out->ndim, ORIGIN_NONE);
        return;
    default:
        all(made, out->ndim, ORIGIN_MIXED);
    }
    if (op == &op_table[OP_transpose] && o->naxes == 0 && out->ndim == in[0].ndim)
        for (int d = 0; d < out->ndim; d++)
            made[d] = origins[0][out->ndim - 1 - d];
}
