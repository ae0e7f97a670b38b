/* Convolutions, correlations and stencils: what each makes of its inputs and mode, in terms of ops/neighbours.h. */

#include "ops/neighbours.h"
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

enum mode {
    MODE_FULL,
    MODE_SAME,
    MODE_VALID
};
static const char *const modes[] = {"full", "same", "valid"};
static const char *const edges[] = {"nothing", "constant", "nearest", "reflect", "mirror", "wrap"};

/* The dimensions that work is done along: in x the axes, in y all. */
struct along {
    int n;
    int axes[SHEAF_MAX_NDIM];
    int64_t x[SHEAF_MAX_NDIM], y[SHEAF_MAX_NDIM], out[SHEAF_MAX_NDIM];
    bool swapped; /* y is the longer one */
};

static bool is_flat(const struct op *op)
{
    return op->kernel == V_convolve || op->kernel == V_correlate;
}

static bool is_correlation(const struct op *op)
{
    return op->kernel == V_correlate || op->kernel == V_correlate2d;
}

/* ---- checks ---- */

int convolve_axes(const struct op *op)
{
    return is_flat(op) ? 1 : op->kernel == V_stencil ? SHEAF_MAX_NDIM : 0;
}

/* The position of word among n ones, -1 for none. */
static int find_word(const char *word, int n, const char *const *words)
{
    for (int i = 0; i < n; i++)
        if (strcmp(word, words[i]) == 0)
            return i;
    return -1;
}

static sheaf_status find_mode(const struct op *op, const sheaf_options *o, int *mode, sheaf_error *error)
{
    const bool stencil = op->kernel == V_stencil;
    *mode = stencil ? EDGE_REFLECT : op->kernel == V_correlate ? MODE_VALID : MODE_FULL;
    if (!o->mode)
        return SHEAF_OK;
    if (!stencil)
        *mode = find_word(o->mode, 3, modes);
    else if ((*mode = find_word(o->mode, 6, edges)) == EDGE_NOTHING)
        *mode = -1;
    if (*mode >= 0)
        return SHEAF_OK;
    return sheaf_error_set(error, SHEAF_INVALID, "%s: there is no mode \"%.40s\", it is one of %s", op->info.name,
                           o->mode, stencil ? "reflect, constant, nearest, mirror, wrap" : "full, same, valid");
}

static sheaf_status refuse_shapes(const struct op *op, const sheaf_view *in, const char *why, sheaf_error *error)
{
    char a[SHAPE_TEXT], b[SHAPE_TEXT], name[ARGUMENT_TEXT];
    return sheaf_error_set(error, SHEAF_SHAPE, "%s: x of shape %s and %s of shape %s: %s", op->info.name,
                           shape_text(in[0].ndim, in[0].shape, a), op_argument(op, 1, name),
                           shape_text(in[1].ndim, in[1].shape, b), why);
}

static sheaf_status check_ranks(const struct op *op, const sheaf_view *in, const sheaf_options *o, sheaf_error *error)
{
    const int x = in[0].ndim, y = in[1].ndim;
    if (is_flat(op) && y != 1)
        return refuse_shapes(op, in, "y must have one dimension, for two use convolve2d, correlate2d or stencil",
                             error);
    if (!is_flat(op) && op->kernel != V_stencil && y != 2)
        return refuse_shapes(op, in, "y must have two dimensions", error);
    if (y == 0 || x < y)
        return refuse_shapes(op, in,
                             op->kernel == V_stencil ? "the kernel has at least one dimension, and no more than x"
                                                     : "x has too few dimensions",
                             error);
    if (op->kernel == V_stencil && o->naxes && o->naxes != y)
        return refuse_shapes(op, in, "give one axis for each dimension of the kernel, or none", error);
    return SHEAF_OK;
}

/* What is empty has no convolution. */
static sheaf_status find_along(const struct op *op, const sheaf_view *in, const sheaf_options *o, struct along *a,
                               sheaf_error *error)
{
    const sheaf_view *x = &in[0], *y = &in[1];
    bool empty = false;
    a->n = y->ndim;
    a->swapped = false;
    for (int i = 0; i < a->n; i++) {
        const int axis = o->naxes ? o->axes[i] : x->ndim - a->n + i;
        a->axes[i] = axis < 0 ? axis + x->ndim : axis;
        a->x[i] = x->shape[a->axes[i]];
        a->y[i] = y->shape[i];
        empty |= a->y[i] == 0 || (a->x[i] == 0 && op->kernel != V_stencil);
    }
    if (!empty)
        return SHEAF_OK;
    return refuse_shapes(op, in, op->kernel == V_stencil ? "the kernel is empty" : "neither may be empty", error);
}

static int64_t extent_of(enum mode mode, int64_t longer, int64_t shorter)
{
    return mode == MODE_FULL ? longer + shorter - 1 : mode == MODE_SAME ? longer : longer - shorter + 1;
}

/* The result's extents. In one dimension the shorter input slides along the longer one, as in NumPy; in two dimensions
 * y along x, unless only x can lie within y. */
static sheaf_status find_extents(const struct op *op, const sheaf_view *in, int mode, struct along *a,
                                 sheaf_error *error)
{
    bool x_holds_y = true, y_holds_x = true;
    for (int i = 0; i < a->n; i++) {
        x_holds_y &= a->x[i] >= a->y[i];
        y_holds_x &= a->y[i] >= a->x[i];
    }
    if (op->kernel == V_stencil) {
        mode = MODE_SAME;
    } else if (is_flat(op) || mode == MODE_VALID) {
        a->swapped = !x_holds_y && y_holds_x;
        if (!x_holds_y && !y_holds_x)
            return refuse_shapes(op, in, "in mode valid one must be as large as the other in both dimensions", error);
    }
    for (int i = 0; i < a->n; i++) {
        if (a->x[i] > INT64_MAX - a->y[i])
            return sheaf_error_set(error, SHEAF_OVERFLOW, "%s: %lld and %lld elements together are too many",
                                   op->info.name, (long long)a->x[i], (long long)a->y[i]);
        a->out[i] =
            a->swapped ? extent_of((enum mode)mode, a->y[i], a->x[i]) : extent_of((enum mode)mode, a->x[i], a->y[i]);
    }
    return SHEAF_OK;
}

static sheaf_status check(const struct op *op, const sheaf_view *in, const sheaf_options *o, int *mode, struct along *a,
                          sheaf_error *error)
{
    sheaf_status status = check_ranks(op, in, o, error);
    if (!status)
        status = find_mode(op, o, mode, error);
    if (!status)
        status = find_along(op, in, o, a, error);
    if (!status && op->kernel == V_stencil && *mode == EDGE_CONSTANT)
        status = op_check_value(op, o, op_promoted(op, 2, in), error);
    return status ? status : find_extents(op, in, *mode, a, error);
}

sheaf_status convolve_infer(const struct op *op, const sheaf_view *in, const sheaf_options *options, sheaf_view *out,
                            sheaf_error *error)
{
    int64_t shape[SHEAF_MAX_NDIM];
    struct along a;
    int mode;
    sheaf_status status = check(op, in, options, &mode, &a, error);
    if (status)
        return status;
    memcpy(shape, in->shape, (size_t)in->ndim * sizeof *shape);
    for (int i = 0; i < a.n; i++)
        shape[a.axes[i]] = a.out[i];
    return sheaf_view_init(out, NULL, op_result_dtype(op->rule, op_promoted(op, 2, in), 0), in->ndim, shape, error);
}

double convolve_cost(const struct op *op, const sheaf_view *in)
{
    return op->cost * ((double)sheaf_view_size(&in[0]) + 1) * ((double)sheaf_view_size(&in[1]) + 8);
}

/* ---- at work ---- */

static void reverse(sheaf_view *v, int axis)
{
    v->data = (char *)v->data + (v->shape[axis] - 1) * v->strides[axis];
    v->strides[axis] = -v->strides[axis];
}

/* The window's element that lies on the result's place, of a window of m elements. */
static int64_t middle_of(const struct op *op, int mode, int64_t m, bool swapped)
{
    if (op->kernel == V_stencil)
        return m / 2;
    if (mode != MODE_SAME)
        return mode == MODE_FULL ? m - 1 : 0;
    const int64_t half = op->kernel == V_correlate2d ? (m - 1) / 2 : m / 2;
    return swapped && is_correlation(op) ? m - 1 - half : half;
}

/* taps, of the axes' dimensions, as a view of x's rank. */
static sheaf_view widened(const sheaf_view *taps, const struct along *a, int ndim)
{
    sheaf_view wide = {.data = taps->data, .dtype = taps->dtype, .ndim = ndim};
    for (int d = 0; d < ndim; d++)
        wide.shape[d] = 1;
    for (int i = 0; i < a->n; i++) {
        wide.shape[a->axes[i]] = taps->shape[i];
        wide.strides[a->axes[i]] = taps->strides[i];
    }
    return wide;
}

static sheaf_status slide(const struct op *op, int mode, const struct along *a, struct neighbours *n, const team *t,
                          sheaf_error *error)
{
    const bool correlation = is_correlation(op) || op->kernel == V_stencil;
    n->name = op->info.name;
    for (int d = 0; d < n->x.ndim; d++)
        n->origin[d] = 0;
    for (int i = 0; i < a->n; i++)
        n->origin[a->axes[i]] = middle_of(op, mode, n->taps.shape[a->axes[i]], a->swapped);
    for (int i = 0; i < a->n; i++) {
        /* What slides backwards: y of a convolution; of a correlation with y as the longer one, both. */
        if (!correlation || a->swapped)
            reverse(&n->taps, a->axes[i]);
        if (correlation && a->swapped)
            reverse(&n->x, a->axes[i]);
    }
    n->conjugate_taps = correlation && !a->swapped;
    n->conjugate_x = correlation && a->swapped;
    return neighbours_run(n, t, error);
}

/* The part of v at place `at` of the dimensions that are not worked along. */
static sheaf_view part_of(const sheaf_view *v, const struct along *a, int64_t at)
{
    sheaf_view part = {.data = v->data, .dtype = v->dtype, .ndim = a->n};
    bool along[SHEAF_MAX_NDIM] = {false};
    for (int i = 0; i < a->n; i++) {
        along[a->axes[i]] = true;
        part.shape[i] = v->shape[a->axes[i]];
        part.strides[i] = v->strides[a->axes[i]];
    }
    for (int d = v->ndim - 1; d >= 0; d--)
        if (!along[d]) {
            part.data = (char *)part.data + at % v->shape[d] * v->strides[d];
            at /= v->shape[d];
        }
    return part;
}

struct parts {
    const struct op *op;
    int mode;
    const struct along *a; /* as the call has it, */
    struct along whole;    /* and of a part alone */
    const sheaf_view *in, *out;
    sheaf_error *error;
    atomic_int status;
};

static void run_parts(void *context, size_t begin, size_t end, int thread)
{
    (void)thread;
    struct parts *p = context;
    const team alone = team_one();
    for (size_t at = begin; at < end; at++) {
        struct neighbours n = {
            .x = p->in[1], .taps = part_of(&p->in[0], p->a, (int64_t)at), .out = part_of(p->out, p->a, (int64_t)at)};
        sheaf_error error = {SHEAF_OK, ""};
        int none = SHEAF_OK;
        const sheaf_status status = slide(p->op, p->mode, &p->whole, &n, &alone, &error);
        if (status && atomic_compare_exchange_strong(&p->status, &none, (int)status) && p->error)
            *p->error = error;
    }
}

/* y is the longer one: each part of x slides along it. */
static sheaf_status slide_parts(const struct op *op, int mode, const struct along *a, const sheaf_view *in,
                                const sheaf_view *out, const team *t, sheaf_error *error)
{
    struct parts p = {.op = op, .mode = mode, .a = a, .whole = *a, .in = in, .out = out, .error = error};
    int64_t size = 1;
    atomic_init(&p.status, SHEAF_OK);
    for (int i = 0; i < a->n; i++) {
        p.whole.axes[i] = i;
        size *= a->x[i];
    }
    const size_t parts = (size_t)(sheaf_view_size(&in[0]) / size);
    if (parts == 1) {
        struct neighbours n = {.x = in[1], .taps = part_of(&in[0], a, 0), .out = part_of(out, a, 0)};
        return slide(op, mode, &p.whole, &n, t, error);
    }
    if (t->threads > 1)
        par_for(t, parts, 1, run_parts, &p);
    else
        run_parts(&p, 0, parts, 0);
    return (sheaf_status)atomic_load(&p.status);
}

sheaf_status convolve_run(const struct op *op, const sheaf_view *in, const sheaf_options *options, const team *t,
                          const sheaf_view *out, sheaf_error *error)
{
    struct along a;
    int mode;
    sheaf_status status = check(op, in, options, &mode, &a, error);
    if (status)
        return status;
    if (a.swapped)
        return slide_parts(op, mode, &a, in, out, t, error);
    struct neighbours n = {.x = in[0], .taps = widened(&in[1], &a, in[0].ndim), .out = *out};
    n.edge = op->kernel == V_stencil ? (enum edge)mode : EDGE_NOTHING;
    n.value = options->value;
    return slide(op, mode, &a, &n, t, error);
}
