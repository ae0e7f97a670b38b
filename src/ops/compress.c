/* compress: what a condition chooses. Counted per block first, so that every block knows where its part goes. */

#include "base/pool.h"
#include "ops/grid.h"
#include "ops/move.h"
#include <string.h>

/* Elements that are counted, and packed, as one. */
#define BLOCK KERNEL_BLOCK
#define BLOCKS_A_PIECE 16

sheaf_status compress_infer(const struct op *op, const sheaf_view *in, const sheaf_options *o, sheaf_view *out,
                            sheaf_error *error)
{
    const sheaf_view *condition = &in[0], *x = &in[1];
    char a[SHAPE_TEXT], b[SHAPE_TEXT];
    int64_t shape[SHEAF_MAX_NDIM], n, most;
    sheaf_status status = op_check_axes(op, x, o, 1, error);
    if (!status)
        status = op_elements(op, x, &n, error);
    if (!status)
        status = op_elements(op, condition, &most, error);
    if (status)
        return status;
    const int axis = o->naxes ? op_axis(x, o) : 0;
    const bool mask = !o->naxes && condition->ndim == x->ndim &&
                      memcmp(condition->shape, x->shape, sizeof x->shape[0] * (size_t)x->ndim) == 0;
    if (!mask && (condition->ndim != 1 || condition->shape[0] > (o->naxes ? x->shape[axis] : n)))
        return sheaf_error_set(error, SHEAF_SHAPE, "%s: a condition of shape %s does not fit x of shape %s: give it %s",
                               op->info.name, shape_text(condition->ndim, condition->shape, a),
                               shape_text(x->ndim, x->shape, b),
                               o->naxes ? "one dimension, no longer than the axis"
                                        : "x's shape, or one dimension, no longer than x flattened");
    if (!o->naxes)
        return sheaf_view_init(out, NULL, x->dtype, 1, &most, error);
    memcpy(shape, x->shape, sizeof shape[0] * (size_t)x->ndim);
    shape[axis] = condition->shape[0];
    return sheaf_view_init(out, NULL, x->dtype, x->ndim, shape, error);
}

struct choosing {
    const struct kernels *k;
    size_t n, size;
    struct grid condition, x; /* one operand each */
    char *condition_base, *x_base;
    grid_cast *truth, *copy;
    int64_t *starts; /* of each block's part in the output; first, how many */
    int64_t *places; /* where it is chosen, or */
    char *out;       /* what is chosen */
};

static void lay_line(const sheaf_view *v, struct grid *g)
{
    grid_init(g, 1);
    for (int i = 0; i < v->ndim; i++)
        grid_add(g, v->shape[i], &v->strides[i]);
    grid_split(g);
}

/* n elements from `at` on in C order, where they lie if they lie contiguous, else gathered to tile. */
static const void *line_of(const struct grid *g, char *base, size_t at, size_t n, grid_cast *cast, bool same,
                           size_t size, void *tile)
{
    if (same && g->ndim == 0 && (g->n == 1 || g->step[0] == (int64_t)size))
        return base + at * size;
    grid_gather(g, base, at, n, cast, tile, size);
    return tile;
}

static size_t block_length(const struct choosing *c, size_t block)
{
    size_t left = c->n - block * BLOCK;
    return left < BLOCK ? left : BLOCK;
}

static const bool *truths(const struct choosing *c, size_t block, bool *tile)
{
    return line_of(&c->condition, c->condition_base, block * BLOCK, block_length(c, block), c->truth,
                   c->truth == c->k->cast[K_BOOL][K_BOOL], 1, tile);
}

static void count_blocks(void *context, size_t begin, size_t end, int thread)
{
    (void)thread;
    const struct choosing *c = context;
    bool tile[BLOCK];
    for (size_t b = begin; b < end; b++)
        c->starts[b] = (int64_t)c->k->count_nonzero[K_BOOL](block_length(c, b), truths(c, b, tile));
}

static void pack_blocks(void *context, size_t begin, size_t end, int thread)
{
    (void)thread;
    const struct choosing *c = context;
    bool tile[BLOCK];
    union {
        char bytes[16 * BLOCK];
        int64_t places[BLOCK];
    } gathered;
    for (size_t b = begin; b < end; b++) {
        const size_t n = block_length(c, b), size = c->places ? 8 : c->size;
        const bool *chosen = truths(c, b, tile);
        const void *line = gathered.bytes;
        if (c->starts[b] == c->starts[b + 1])
            continue;
        if (c->places)
            for (size_t i = 0; i < n; i++)
                gathered.places[i] = (int64_t)(b * BLOCK + i);
        else
            line = line_of(&c->x, c->x_base, b * BLOCK, n, c->copy, true, size, gathered.bytes);
        c->k->pack[__builtin_ctzl(size)](n, chosen, line,
                                         (c->places ? (char *)c->places : c->out) + (size_t)c->starts[b] * size);
    }
}

/* Counts become starts; the last one is how many there are of all. */
static void add_up(struct choosing *c, size_t blocks)
{
    int64_t total = 0;
    for (size_t b = 0; b < blocks; b++) {
        int64_t count = c->starts[b];
        c->starts[b] = total;
        total += count;
    }
    c->starts[blocks] = total;
}

static sheaf_status no_memory(const struct op *op, size_t bytes, sheaf_error *error)
{
    return sheaf_error_set(error, SHEAF_NO_MEMORY, "%s: no memory for %zu bytes of places", op->info.name, bytes);
}

/* Along an axis: by the places that are chosen. */
static sheaf_status take_chosen(const struct op *op, struct choosing *c, size_t blocks, const sheaf_view *x, int axis,
                                const team *t, sheaf_view *out, const struct placer *placer, sheaf_error *error)
{
    int64_t shape[SHEAF_MAX_NDIM];
    const int64_t n = c->starts[blocks];
    memcpy(shape, x->shape, sizeof shape[0] * (size_t)x->ndim);
    shape[axis] = n;
    sheaf_status status = sheaf_view_init(out, NULL, x->dtype, x->ndim, shape, error);
    if (status || (status = placer->place(placer->self, 0, out, error)) || sheaf_view_size(out) == 0)
        return status;
    const size_t bytes = (size_t)n * sizeof *c->places;
    c->places = pool_get(bytes);
    if (!c->places)
        return no_memory(op, bytes, error);
    par_for(t, blocks, t->threads > 1 ? BLOCKS_A_PIECE : 0, pack_blocks, c);
    take_places(x, axis, n, c->places, t, out);
    pool_put(c->places, bytes);
    return SHEAF_OK;
}

static sheaf_status pack_chosen(struct choosing *c, size_t blocks, const sheaf_view *x, const team *t, sheaf_view *out,
                                const struct placer *placer, sheaf_error *error)
{
    sheaf_status status = sheaf_view_init(out, NULL, x->dtype, 1, &c->starts[blocks], error);
    if (status || (status = placer->place(placer->self, 0, out, error)))
        return status;
    c->out = out->data;
    par_for(t, blocks, t->threads > 1 ? BLOCKS_A_PIECE : 0, pack_blocks, c);
    return SHEAF_OK;
}

sheaf_status compress_run(const struct op *op, const sheaf_view *in, const sheaf_options *o, const team *t,
                          sheaf_view *out, const struct placer *placer, sheaf_error *error)
{
    const sheaf_view *condition = &in[0], *x = &in[1];
    struct choosing c = {.k = kernels(), .n = (size_t)sheaf_view_size(condition)};
    const size_t blocks = (c.n + BLOCK - 1) / BLOCK, bytes = (blocks + 1) * sizeof *c.starts;
    c.size = sheaf_dtype_size(x->dtype);
    c.truth = c.k->cast[condition->dtype][K_BOOL];
    c.copy = c.k->cast[x->dtype][x->dtype];
    c.condition_base = condition->data;
    c.x_base = x->data;
    c.starts = pool_get(bytes);
    if (!c.starts)
        return no_memory(op, bytes, error);
    if (c.n > 0) {
        lay_line(condition, &c.condition);
        lay_line(x, &c.x);
        par_for(t, blocks, t->threads > 1 ? BLOCKS_A_PIECE : 0, count_blocks, &c);
    }
    add_up(&c, blocks);
    sheaf_status status = o->naxes ? take_chosen(op, &c, blocks, x, op_axis(x, o), t, out, placer, error)
                                   : pack_chosen(&c, blocks, x, t, out, placer, error);
    pool_put(c.starts, bytes);
    return status;
}
