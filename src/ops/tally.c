/* Functions whose results' shapes the data decide: bincount, nonzero; unique and its kin are in unique.c. */

#include "ops/tally.h"

#include "base/pool.h"
#include "ops/counting.h"
#include <stdalign.h>
#include <string.h>
#include <unistd.h>

sheaf_status tally_check_weights(const struct op *op, const sheaf_view *x, const sheaf_options *options,
                                 sheaf_error *error)
{
    const sheaf_view *w = options->weights;
    char a[SHAPE_TEXT], b[SHAPE_TEXT];
    if (!w || (w->ndim == x->ndim && memcmp(w->shape, x->shape, sizeof w->shape[0] * (size_t)x->ndim) == 0))
        return SHEAF_OK;
    return sheaf_error_set(error, SHEAF_SHAPE, "%s: weights of shape %s, but x has shape %s; give one for each element",
                           op->info.name, shape_text(w->ndim, w->shape, a), shape_text(x->ndim, x->shape, b));
}

static sheaf_status size_of(const struct op *op, const sheaf_view *x, int64_t *n, sheaf_error *error)
{
    size_t size = 1;
    char text[SHAPE_TEXT];
    for (int i = 0; i < x->ndim; i++)
        if (__builtin_mul_overflow(size, (size_t)x->shape[i], &size))
            return sheaf_error_set(error, SHEAF_OVERFLOW, "%s: x of shape %s has too many elements", op->info.name,
                                   shape_text(x->ndim, x->shape, text));
    *n = (int64_t)size;
    return SHEAF_OK;
}

static sheaf_status infer_unique(const struct op *op, const sheaf_view *x, int64_t n, sheaf_view *outs,
                                 sheaf_error *error)
{
    sheaf_status status = sheaf_view_init(&outs[0], NULL, op_work_dtype(RULE_SAME, x->dtype), 1, &n, error);
    for (int k = 1; k < op->info.nout && !status; k++) {
        if (tally_is_inverse(op, k))
            status = sheaf_view_init(&outs[k], NULL, SHEAF_I64, x->ndim, x->shape, error);
        else
            status = sheaf_view_init(&outs[k], NULL, SHEAF_I64, 1, &n, error);
    }
    return status;
}

sheaf_status tally_infer(const struct op *op, const sheaf_view *x, const sheaf_options *options, sheaf_view *outs,
                         sheaf_error *error)
{
    int64_t n;
    sheaf_status status = size_of(op, x, &n, error);
    if (status)
        return status;
    if (op->kernel <= T_unique_all)
        return infer_unique(op, x, n, outs, error);
    if (op->kernel == T_nonzero) {
        if (x->ndim == 0)
            return sheaf_error_set(error, SHEAF_INVALID,
                                   "nonzero: x is a scalar (shape ()), which has no positions; give it one dimension");
        return sheaf_view_init(&outs[0], NULL, SHEAF_I64, 2, (int64_t[]){x->ndim, n}, error);
    }
    if (options->minlength < 0)
        return sheaf_error_set(error, SHEAF_INVALID, "bincount: minlength is %lld, but must not be negative",
                               (long long)options->minlength);
    status = tally_check_weights(op, x, options, error);
    return status ? status
                  : sheaf_view_init(&outs[0], NULL, options->weights ? SHEAF_F64 : SHEAF_I64, 1, &options->minlength,
                                    error);
}

/* ---- bincount ---- */

struct bincount {
    struct flat narrow; /* as 32-bit places */
    struct flat wide;   /* as they are */
};

static void find_places(const void *self, size_t start, size_t m, void *tile, uint32_t *index)
{
    const struct bincount *b = self;
    const void *x = flat_load(&b->narrow, start, m, index);
    (void)tile;
    if (x != index)
        memcpy(index, x, m * sizeof *index);
}

/* The position of the first negative element, which there is, and its value. */
static size_t first_negative(const struct flat *x, int64_t *value)
{
    alignas(64) int64_t tile[FLAT_TILE];
    for (size_t at = 0;; at += FLAT_TILE) {
        size_t m = x->n - at < FLAT_TILE ? x->n - at : FLAT_TILE;
        const int64_t *v = flat_load(x, at, m, tile);
        for (size_t i = 0; i < m; i++) {
            if (v[i] < 0) {
                *value = v[i];
                return at + i;
            }
        }
    }
}

double tally_memory_bytes(void)
{
    const double pages = (double)sysconf(_SC_PHYS_PAGES), page = (double)sysconf(_SC_PAGESIZE);
    const double group = (double)topo_cgroup_memory();
    return group > 0 && group < pages * page ? group : pages * page;
}

static sheaf_status find_length(const struct op *op, const sheaf_view *x, const sheaf_options *options, const team *t,
                                int64_t *length, sheaf_error *error)
{
    *length = options->minlength;
    struct flat f;
    uint64_t greatest = 0;
    flat_read(&f, x, x->dtype);
    if (f.n > 0) {
        alignas(8) unsigned char least[8], most[8];
        int64_t low = 0;
        flat_extremes(&f, t, least, most);
        if (dtype_kind(x->dtype) == 'i')
            f.k->cast[x->dtype][K_I64](1, least, 0, &low, 0);
        if (low < 0) {
            flat_read(&f, x, SHEAF_I64);
            const size_t at = first_negative(&f, &low);
            return sheaf_error_set(error, SHEAF_INVALID,
                                   "%s: element %zu of x is %lld, and counts are of numbers from 0 on; subtract the "
                                   "least one first",
                                   op->info.name, at, (long long)low);
        }
        f.k->cast[x->dtype][K_U64](1, most, 0, &greatest, 0);
        if (greatest < INT64_MAX && (int64_t)greatest + 1 > *length)
            *length = (int64_t)greatest + 1;
    }
    if (greatest < INT64_MAX && (double)*length * 8 <= tally_memory_bytes())
        return SHEAF_OK;
    return sheaf_error_set(error, SHEAF_OVERFLOW,
                           "%s: the greatest element of x is %llu and minlength %lld: so many counts do not fit into "
                           "the memory of this machine; subtract the least element first, or use unique_counts",
                           op->info.name, (unsigned long long)greatest, (long long)options->minlength);
}

/* More places than 32 bits can tell apart. */
static void count_wide(const struct flat *x, const struct flat *weights, size_t places, void *out)
{
    alignas(64) uint64_t tile[FLAT_TILE];
    alignas(64) double w[FLAT_TILE];
    memset(out, 0, places * sizeof(int64_t));
    for (size_t at = 0, m; at < x->n; at += m) {
        m = x->n - at < FLAT_TILE ? x->n - at : FLAT_TILE;
        const uint64_t *v = flat_load(x, at, m, tile);
        const double *add = weights ? flat_load(weights, at, m, w) : NULL;
        for (size_t i = 0; i < m; i++) {
            if (weights)
                ((double *)out)[v[i]] += add[i];
            else
                ((int64_t *)out)[v[i]]++;
        }
    }
}

static sheaf_status run_bincount(const struct op *op, const sheaf_view *x, const sheaf_options *options, const team *t,
                                 sheaf_view *out, const struct placer *placer, sheaf_error *error)
{
    struct bincount b;
    struct flat weights;
    int64_t length;
    sheaf_status status = find_length(op, x, options, t, &length, error);
    if (status || (status = sheaf_view_init(out, NULL, out->dtype, 1, &length, error)) ||
        (status = placer->place(placer->self, 0, out, error)))
        return status;
    flat_read(&b.narrow, x, SHEAF_U32);
    flat_read(&b.wide, x, SHEAF_U64);
    if (options->weights)
        flat_read(&weights, options->weights, SHEAF_F64);
    if (length >= UINT32_MAX) {
        count_wide(&b.wide, options->weights ? &weights : NULL, (size_t)length, out->data);
        return SHEAF_OK;
    }
    const struct counting c = {
        op->info.name, b.narrow.n, (size_t)length, find_places, &b, options->weights ? &weights : NULL, 0.8};
    return counting_run(&c, t, out->data, error);
}

/* ---- nonzero ---- */

#define NONZERO_BLOCK (64 * FLAT_TILE)

struct nonzero {
    struct flat x; /* as bool */
    int ndim;
    int64_t shape[SHEAF_MAX_NDIM];
    size_t *starts; /* of each block: how many there are in it, then before it */
    int64_t *out;   /* ndim rows of `found` positions */
    size_t found;
};

static void count_body(void *context, size_t begin, size_t end, int thread)
{
    (void)thread;
    const struct nonzero *z = context;
    alignas(64) unsigned char tile[FLAT_BYTES];
    for (size_t at = begin, m; at < end; at += m) {
        m = NONZERO_BLOCK - at % NONZERO_BLOCK < FLAT_TILE ? NONZERO_BLOCK - at % NONZERO_BLOCK : FLAT_TILE;
        m = end - at < m ? end - at : m;
        z->starts[at / NONZERO_BLOCK] += z->x.k->count_nonzero[K_BOOL](m, flat_load(&z->x, at, m, tile));
    }
}

/* Along the last axis, then along those before, what is left of positions of the flattened array. */
static void split_positions(size_t n, int64_t *flat, int64_t extent, int64_t *along)
{
    const double share = 1 / (double)extent;
    for (size_t i = 0; i < n; i++) {
        int64_t quotient = (int64_t)((double)flat[i] * share), rest = flat[i] - quotient * extent;
        const int64_t low = rest < 0, high = rest >= extent;
        quotient += high - low;
        along[i] = rest + (low - high) * extent;
        flat[i] = quotient;
    }
}

static void write_body(void *context, size_t begin, size_t end, int thread)
{
    (void)thread;
    const struct nonzero *z = context;
    alignas(64) unsigned char tile[FLAT_BYTES];
    alignas(64) int64_t flat[FLAT_TILE];
    size_t to = 0;
    for (size_t at = begin, m; at < end; at += m) {
        if (at % NONZERO_BLOCK == 0)
            to = z->starts[at / NONZERO_BLOCK];
        m = end - at < FLAT_TILE ? end - at : FLAT_TILE;
        const size_t found = z->x.k->positions(m, flat_load(&z->x, at, m, tile), (int64_t)at, flat);
        for (int axis = z->ndim - 1; axis > 0; axis--)
            split_positions(found, flat, z->shape[axis], z->out + (size_t)axis * z->found + to);
        memcpy(z->out + to, flat, found * sizeof *flat);
        to += found;
    }
}

static sheaf_status run_nonzero(const sheaf_view *x, const team *t, sheaf_view *out, const struct placer *placer,
                                sheaf_error *error)
{
    struct nonzero z = {.ndim = x->ndim};
    flat_read(&z.x, x, SHEAF_BOOL);
    memcpy(z.shape, x->shape, sizeof z.shape[0] * (size_t)x->ndim);
    const size_t blocks = (z.x.n + NONZERO_BLOCK - 1) / NONZERO_BLOCK, bytes = (blocks + 1) * sizeof *z.starts;
    z.starts = pool_get(bytes);
    if (!z.starts)
        return sheaf_error_set(error, SHEAF_NO_MEMORY, "nonzero: no memory for %zu numbers", blocks + 1);
    memset(z.starts, 0, bytes);
    flat_share(t, z.x.n, NONZERO_BLOCK, 0.3, count_body, &z);
    for (size_t b = 0; b < blocks; b++) {
        const size_t count = z.starts[b];
        z.starts[b] = z.found;
        z.found += count;
    }
    sheaf_status status = sheaf_view_init(out, NULL, SHEAF_I64, 2, (int64_t[]){x->ndim, (int64_t)z.found}, error);
    if (!status)
        status = placer->place(placer->self, 0, out, error);
    z.out = out->data;
    if (!status && z.found > 0)
        flat_share(t, z.x.n, NONZERO_BLOCK, 1, write_body, &z);
    pool_put(z.starts, bytes);
    return status;
}

sheaf_status tally_run(const struct op *op, const sheaf_view *x, const sheaf_options *options, const team *t,
                       sheaf_view *outs, const struct placer *placer, sheaf_error *error)
{
    if (op->kernel == T_nonzero)
        return run_nonzero(x, t, outs, placer, error);
    if (op->kernel == T_bincount)
        return run_bincount(op, x, options, t, outs, placer, error);
    return unique_run(op, x, t, outs, placer, error);
}
