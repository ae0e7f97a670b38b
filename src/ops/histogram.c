/* histogram: counts of the elements between edges. Bins of equal width are those of NumPy: its edges, to the bit, and
 * of each element the bin whose edges it lies between. */

#include "base/pool.h"
#include "ops/counting.h"
#include "ops/tally.h"
#include <float.h>
#include <math.h>
#include <stdalign.h>
#include <string.h>

#define BINS_MOST INT32_MAX
#define BIN_BYTES 40 /* of results and scratch for each, about */

struct histogram {
    struct flat x; /* as the edges are */
    size_t bins;
    void *edges; /* bins + 1, contiguous, increasing */
    size_t edges_bytes;
    struct kernel_bins uniform; /* bins 0: found by searching */
};

/* The dtype that x and its edges are compared in. */
static sheaf_dtype work_of(const sheaf_view *x, const sheaf_options *options)
{
    if (!options->edges)
        return op_result_dtype(RULE_MEAN, x->dtype, 0);
    const sheaf_dtype work = op_work_dtype(RULE_SAME, sheaf_dtype_promote(x->dtype, options->edges->dtype));
    return work == SHEAF_BOOL ? SHEAF_U8 : work; /* cast, so that any byte but 0 is 1 */
}

static sheaf_status infer_edges(const struct op *op, const sheaf_options *options, sheaf_view *out, sheaf_error *error)
{
    const sheaf_view *edges = options->edges;
    char text[SHAPE_TEXT];
    if ((unsigned)edges->dtype >= SHEAF_DTYPE_COUNT || edges->ndim < 0 || edges->ndim > SHEAF_MAX_NDIM)
        return sheaf_error_set(error, SHEAF_INVALID, "%s: edges is no valid view (dtype %d, %d dimensions)",
                               op->info.name, (int)edges->dtype, edges->ndim);
    if (edges->ndim != 1 || edges->shape[0] < 2)
        return sheaf_error_set(error, SHEAF_SHAPE,
                               "%s: edges has shape %s, but must have one dimension and two elements or more",
                               op->info.name, shape_text(edges->ndim, edges->shape, text));
    if (dtype_is_complex(edges->dtype))
        return sheaf_error_set(error, SHEAF_DTYPE, "%s: edges must be real, these are %s of shape %s", op->info.name,
                               sheaf_dtype_name(edges->dtype), shape_text(edges->ndim, edges->shape, text));
    return sheaf_view_init(out, NULL, op_work_dtype(RULE_SAME, edges->dtype), 1, edges->shape, error);
}

sheaf_status histogram_infer(const struct op *op, const sheaf_view *in, const sheaf_options *options, sheaf_view *outs,
                             sheaf_error *error)
{
    int64_t bins = options->bins, edges = bins < INT64_MAX ? bins + 1 : bins;
    sheaf_status status = tally_check_weights(op, in, options, error);
    if (status)
        return status;
    if (options->edges) {
        if ((status = infer_edges(op, options, &outs[1], error)))
            return status;
        bins = options->edges->shape[0] - 1;
    } else if (bins < 1 || bins > BINS_MOST) {
        return sheaf_error_set(error, SHEAF_INVALID, "%s: bins is %lld, but must be from 1 to %d", op->info.name,
                               (long long)bins, BINS_MOST);
    } else if ((double)bins * BIN_BYTES > tally_memory_bytes()) {
        return sheaf_error_set(error, SHEAF_OVERFLOW,
                               "%s: bins is %lld: so many do not fit into the memory of this machine", op->info.name,
                               (long long)bins);
    } else {
        status = sheaf_view_init(&outs[1], NULL, op_result_dtype(RULE_MEAN, in->dtype, 0), 1, &edges, error);
    }
    return status ? status : sheaf_view_init(&outs[0], NULL, options->weights ? SHEAF_F64 : SHEAF_I64, 1, &bins, error);
}

/* ---- edges of equal bins ---- */

/* First and last edge, of the option or of the data. */
static sheaf_status find_range(const struct op *op, const struct histogram *h, const sheaf_options *options,
                               const team *t, double range[2], sheaf_error *error)
{
    const bool given = options->range[0] != 0 || options->range[1] != 0;
    if (given) {
        memcpy(range, options->range, 2 * sizeof range[0]);
    } else if (h->x.n == 0) {
        range[0] = 0;
        range[1] = 1;
    } else {
        alignas(8) unsigned char least[8], greatest[8];
        flat_extremes(&h->x, t, least, greatest);
        h->x.k->cast[h->x.work][K_F64](1, least, 0, &range[0], 0);
        h->x.k->cast[h->x.work][K_F64](1, greatest, 0, &range[1], 0);
    }
    if (!isfinite(range[0]) || !isfinite(range[1]))
        return sheaf_error_set(error, SHEAF_INVALID, "%s: %s [%g, %g] is not finite; %s", op->info.name,
                               given ? "range" : "the range of x is", range[0], range[1],
                               given ? "give two finite numbers" : "give a range, outside of which nothing is counted");
    if (range[0] > range[1])
        return sheaf_error_set(error, SHEAF_INVALID, "%s: range [%g, %g] must not end before it begins", op->info.name,
                               range[0], range[1]);
    return SHEAF_OK;
}

/* numpy.linspace in its working precision: float where first and last are elements of a float array. */
static void space_f32(size_t bins, float first, float last, float *edges)
{
    const float delta = last - first, step = delta / (float)bins;
    for (size_t i = 0; i <= bins; i++)
        edges[i] = (step != 0 ? (float)i * step : (float)i / (float)bins * delta) + first;
    edges[bins] = last;
}

static double space_at(size_t i, size_t bins, double first, double delta)
{
    const double step = delta / (double)bins;
    return (step != 0 ? (double)i * step : (double)i / (double)bins * delta) + first;
}

static void space(const struct histogram *h, const double range[2], bool given)
{
    const double delta = range[1] - range[0];
    if (h->x.work == SHEAF_F64) {
        double *edges = h->edges;
        for (size_t i = 0; i < h->bins; i++)
            edges[i] = space_at(i, h->bins, range[0], delta);
        edges[h->bins] = range[1];
    } else if (given) {
        float *edges = h->edges;
        for (size_t i = 0; i < h->bins; i++)
            edges[i] = (float)space_at(i, h->bins, range[0], delta);
        edges[h->bins] = (float)range[1];
    } else {
        space_f32(h->bins, (float)range[0], (float)range[1], h->edges);
    }
}

/* How to guess a bin, where the guess can be trusted to be off by less than a quarter of a bin. */
static void plan_guess(struct histogram *h, const double range[2])
{
    const double unit = h->x.work == SHEAF_F64 ? DBL_EPSILON : (double)FLT_EPSILON, width = range[1] - range[0];
    const double bins = (double)h->bins, magnitude = fmax(fabs(range[0]), fabs(range[1]));
    const double least = h->x.work == SHEAF_F64 ? DBL_MIN : (double)FLT_MIN;
    h->uniform.margin = unit * bins * (8 + 2 * magnitude / width);
    h->uniform.scale = bins / width;
    h->uniform.edges = h->edges;
    const bool safe = h->uniform.margin < 0.25 && width / bins > 16 * least / unit &&
                      h->uniform.scale > 16 * least / unit && isfinite(width);
    h->uniform.bins = safe ? (uint32_t)h->bins : 0;
}

static sheaf_status make_edges(const struct op *op, struct histogram *h, const sheaf_options *options, const team *t,
                               sheaf_error *error)
{
    double range[2], ends[2];
    const bool given = options->range[0] != 0 || options->range[1] != 0 || h->x.n == 0;
    sheaf_status status = find_range(op, h, options, t, range, error);
    if (status)
        return status;
    if (range[0] == range[1]) {
        range[0] = h->x.work == SHEAF_F64 || given ? range[0] - 0.5 : (double)((float)range[0] - 0.5f);
        range[1] = h->x.work == SHEAF_F64 || given ? range[1] + 0.5 : (double)((float)range[1] + 0.5f);
    }
    space(h, range, given);
    h->x.k->cast[h->x.work][K_F64](1, h->edges, 0, &ends[0], 0);
    h->x.k->cast[h->x.work][K_F64](1, (char *)h->edges + h->bins * h->x.size, 0, &ends[1], 0);
    bool rises = true;
    for (size_t i = 0; i < h->bins && rises; i++)
        rises = h->x.work == SHEAF_F64 ? ((double *)h->edges)[i] < ((double *)h->edges)[i + 1]
                                       : ((float *)h->edges)[i] < ((float *)h->edges)[i + 1];
    if (!rises)
        return sheaf_error_set(error, SHEAF_INVALID,
                               "%s: %zu bins between %.9g and %.9g are too many, or too wide, for %s; ask for fewer, "
                               "or give another range",
                               op->info.name, h->bins, range[0], range[1], sheaf_dtype_name(h->x.work));
    plan_guess(h, ends);
    return SHEAF_OK;
}

static sheaf_status take_edges(const struct op *op, struct histogram *h, const sheaf_options *options, const team *t,
                               sheaf_error *error)
{
    sheaf_view edges;
    const team whole = team_unhurried(t);
    sheaf_status status = sheaf_view_init(&edges, h->edges, h->x.work, 1, options->edges->shape, error);
    if (status)
        return status;
    copy_run(options->edges, &whole, &edges);
    status = search_check_order(op->info.name, "edges", h->x.k, h->x.work, h->bins + 1, h->edges, NULL, error);
    double last;
    h->x.k->cast[h->x.work][K_F64](1, (char *)h->edges + h->bins * h->x.size, 0, &last, 0);
    if (!status && isnan(last))
        return sheaf_error_set(error, SHEAF_INVALID, "%s: edges[%zu] is NaN; leave it out", op->info.name, h->bins);
    return status;
}

/* ---- bins of elements ---- */

static void find_uniform(const void *self, size_t start, size_t m, void *tile, uint32_t *index)
{
    const struct histogram *h = self;
    const void *x = flat_load(&h->x, start, m, tile);
    if (h->x.work == SHEAF_F64)
        h->x.k->bins_f64(m, x, &h->uniform, index);
    else
        h->x.k->bins_f32(m, x, &h->uniform, index);
}

/* Between edges i and i + 1 is what i + 1 edges are not greater than; the last edge is in the last bin. */
static void find_between(const void *self, size_t start, size_t m, void *tile, uint32_t *index)
{
    const struct histogram *h = self;
    const int64_t edges = (int64_t)h->bins + 1;
    alignas(64) int64_t found[FLAT_TILE], beyond[FLAT_TILE];
    const void *x = flat_load(&h->x, start, m, tile), *last = (const char *)h->edges + h->bins * h->x.size;
    h->x.k->search[h->x.work](h->bins + 1, h->edges, m, x, true, found);
    h->x.k->search[h->x.work](1, last, m, x, false, beyond);
    for (size_t i = 0; i < m; i++) {
        const int64_t bin = found[i] - (found[i] == edges && beyond[i] == 0) - 1;
        index[i] = (uint32_t)(bin < 0 ? edges - 1 : bin);
    }
}

static void store(const void *from, sheaf_dtype dtype, size_t n, const sheaf_view *out)
{
    kernels()->cast[dtype][out->dtype](n, from, (ptrdiff_t)sheaf_dtype_size(dtype), out->data,
                                       (ptrdiff_t)out->strides[0]);
}

static sheaf_status count(const struct op *op, const struct histogram *h, const sheaf_options *options, const team *t,
                          const sheaf_view *out, sheaf_error *error)
{
    struct flat weights;
    struct counting c = {.name = op->info.name, .n = h->x.n, .places = h->bins, .self = h};
    c.find = h->uniform.bins ? find_uniform : find_between;
    c.ns = h->uniform.bins ? 1 : 5;
    const size_t bytes = h->bins * sizeof(int64_t);
    void *counts = pool_get(bytes);
    if (!counts)
        return sheaf_error_set(error, SHEAF_NO_MEMORY, "%s: no memory for %zu counts", op->info.name, h->bins);
    if (options->weights) {
        flat_read(&weights, options->weights, SHEAF_F64);
        c.weights = &weights;
    }
    sheaf_status status = counting_run(&c, t, counts, error);
    if (!status)
        store(counts, options->weights ? SHEAF_F64 : SHEAF_I64, h->bins, out);
    pool_put(counts, bytes);
    return status;
}

sheaf_status histogram_run(const struct op *op, const sheaf_view *in, const sheaf_options *options, const team *t,
                           const sheaf_view *outs, sheaf_error *error)
{
    struct histogram h = {.bins = (size_t)outs[0].shape[0]};
    flat_read(&h.x, in, work_of(in, options));
    const size_t bytes = (h.bins + 1) * h.x.size;
    h.edges = pool_get(bytes);
    if (!h.edges)
        return sheaf_error_set(error, SHEAF_NO_MEMORY, "%s: no memory for %zu edges", op->info.name, h.bins + 1);
    sheaf_status status =
        options->edges ? take_edges(op, &h, options, t, error) : make_edges(op, &h, options, t, error);
    if (!status)
        status = count(op, &h, options, t, &outs[0], error);
    if (!status && options->edges)
        copy_run(options->edges, t, &outs[1]);
    else if (!status)
        store(h.edges, h.x.work, h.bins + 1, &outs[1]);
    pool_put(h.edges, bytes);
    return status;
}
