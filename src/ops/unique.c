/* unique and its kin. Integers of a small range are counted; what else there is is sorted, and of each run of equal
 * elements one is kept. Where each element went is then a matter of looking it up. */

#include "base/pool.h"
#include "ops/counting.h"
#include "ops/order.h"
#include "ops/tally.h"
#include <math.h>
#include <stdalign.h>
#include <string.h>

/* Which output is what; -1: not asked for. */
struct wanted {
    int counts, inverse, indices;
};

struct unique {
    const struct op *op;
    const team *t;
    const struct placer *placer;
    sheaf_view *outs;
    sheaf_error *error;
    struct flat x;
    struct wanted wanted;
    /* The distinct elements, ascending. */
    size_t found;
    const void *values;
    /* Of integers: the least, and for each place from it on how often it occurs, then its rank. */
    uint64_t least;
    size_t places;
    int64_t *table;
};

static struct wanted wanted_of(const struct op *op)
{
    switch (op->kernel) {
    case T_unique_counts:
        return (struct wanted){1, -1, -1};
    case T_unique_inverse:
        return (struct wanted){-1, 1, -1};
    case T_unique_all:
        return (struct wanted){3, 2, 1};
    default:
        return (struct wanted){-1, -1, -1};
    }
}

bool tally_is_inverse(const struct op *op, int k)
{
    return wanted_of(op).inverse == k;
}

static sheaf_status no_memory(const struct unique *u, size_t bytes)
{
    return sheaf_error_set(u->error, SHEAF_NO_MEMORY, "%s: no memory for %zu bytes of scratch", u->op->info.name,
                           bytes);
}

/* Output k, which has an element for each distinct one. */
static sheaf_status place(const struct unique *u, int k)
{
    const int64_t found = (int64_t)u->found;
    sheaf_view *out = &u->outs[k];
    sheaf_status status = sheaf_view_init(out, NULL, out->dtype, 1, &found, u->error);
    return status ? status : u->placer->place(u->placer->self, k, out, u->error);
}

/* ---- where each element went ---- */

static void find_ranks(const void *self, size_t start, size_t m, void *tile, int64_t *ranks)
{
    const struct unique *u = self;
    const void *x = flat_load(&u->x, start, m, tile);
    if (u->table) {
        for (size_t i = 0; i < m; i++)
            ranks[i] = u->table[((const uint64_t *)x)[i] - u->least];
        return;
    }
    /* NaNs are one, whatever their parts. */
    const int64_t last = (int64_t)u->found - 1;
    u->x.k->search[u->x.work](u->found, u->values, m, x, false, ranks);
    for (size_t i = 0; i < m; i++)
        ranks[i] = ranks[i] < last ? ranks[i] : last;
}

static void inverse_body(void *context, size_t begin, size_t end, int thread)
{
    (void)thread;
    const struct unique *u = context;
    alignas(64) unsigned char tile[FLAT_BYTES];
    int64_t *inverse = u->outs[u->wanted.inverse].data;
    for (size_t at = begin, m; at < end; at += m) {
        m = end - at < FLAT_TILE ? end - at : FLAT_TILE;
        find_ranks(u, at, m, tile, inverse + at);
    }
}

static sheaf_status write_inverse(struct unique *u)
{
    if (u->wanted.inverse < 0)
        return SHEAF_OK;
    sheaf_view *inverse = &u->outs[u->wanted.inverse];
    sheaf_status status = u->placer->place(u->placer->self, u->wanted.inverse, inverse, u->error);
    if (!status)
        flat_share(u->t, u->x.n, 8 * FLAT_TILE, u->table ? 1 : 10, inverse_body, u);
    if (status || u->wanted.indices < 0 || (status = place(u, u->wanted.indices)))
        return status;
    int64_t *indices = u->outs[u->wanted.indices].data;
    const int64_t *ranks = inverse->data;
    for (size_t i = u->x.n; i-- > 0;)
        indices[ranks[i]] = (int64_t)i;
    return SHEAF_OK;
}

/* ---- integers of a small range ---- */

static void find_places(const void *self, size_t start, size_t m, void *tile, uint32_t *index)
{
    const struct unique *u = self;
    const uint64_t *x = flat_load(&u->x, start, m, tile);
    for (size_t i = 0; i < m; i++)
        index[i] = (uint32_t)(x[i] - u->least);
}

/* Whether a table from the least to the greatest element is worth it. */
static bool has_small_range(struct unique *u, const sheaf_view *x)
{
    struct flat own;
    alignas(8) unsigned char least[8], greatest[8];
    uint64_t most;
    if (!dtype_is_integer(x->dtype) || u->x.n == 0)
        return false;
    flat_read(&own, x, x->dtype);
    flat_extremes(&own, u->t, least, greatest);
    own.k->cast[x->dtype][K_U64](1, least, 0, &u->least, 0);
    own.k->cast[x->dtype][K_U64](1, greatest, 0, &most, 0);
    u->places = most - u->least + 1;
    return u->places - 1 < UINT32_MAX - 1 && (u->places <= 256 || u->places / 4 <= u->x.n);
}

/* Values and counts of the places that occur; their ranks take the counts' room. */
static sheaf_status rank_places(struct unique *u)
{
    sheaf_status status;
    u->found = 0;
    for (size_t i = 0; i < u->places; i++)
        u->found += u->table[i] != 0;
    if ((status = place(u, 0)) || (u->wanted.counts >= 0 && (status = place(u, u->wanted.counts))))
        return status;
    const sheaf_dtype dtype = u->outs[0].dtype;
    const size_t size = sheaf_dtype_size(dtype);
    int64_t *counts = u->wanted.counts >= 0 ? u->outs[u->wanted.counts].data : NULL;
    char *values = u->outs[0].data;
    size_t rank = 0;
    for (size_t i = 0; i < u->places; i++) {
        if (u->table[i] == 0)
            continue;
        const uint64_t value = u->least + i; /* its low bytes are the element's: little end first */
        memcpy(values + rank * size, &value, size);
        if (counts)
            counts[rank] = u->table[i];
        u->table[i] = (int64_t)rank++;
    }
    return SHEAF_OK;
}

static sheaf_status run_counted(struct unique *u, const sheaf_view *x)
{
    flat_read(&u->x, x, SHEAF_U64);
    const size_t bytes = u->places * sizeof *u->table;
    u->table = pool_get(bytes);
    if (!u->table)
        return no_memory(u, bytes);
    const struct counting c = {u->op->info.name, u->x.n, u->places, find_places, u, NULL, 1};
    sheaf_status status = counting_run(&c, u->t, u->table, u->error);
    if (!status)
        status = rank_places(u);
    if (!status)
        status = write_inverse(u);
    pool_put(u->table, bytes);
    return status;
}

/* ---- anything ---- */

/* How many of n sorted elements are no NaN. */
static size_t numbers(const struct flat *x, const void *sorted)
{
    const float f32[2] = {x->work == SHEAF_F32 ? NAN : -INFINITY, NAN};
    const double f64[2] = {x->work == SHEAF_F64 ? NAN : -INFINITY, NAN};
    int64_t found = (int64_t)x->n;
    if (x->work == SHEAF_F32 || x->work == SHEAF_C64)
        x->k->search[x->work](x->n, sorted, 1, f32, false, &found);
    else if (x->work == SHEAF_F64 || x->work == SHEAF_C128)
        x->k->search[x->work](x->n, sorted, 1, f64, false, &found);
    return (size_t)found;
}

static void write_counts(const struct unique *u, const int64_t *starts)
{
    int64_t *counts = u->outs[u->wanted.counts].data;
    for (size_t i = 0; i < u->found; i++)
        counts[i] = (i + 1 < u->found ? starts[i + 1] : (int64_t)u->x.n) - starts[i];
}

/* Keeps one of each of the sorted elements, in place. */
static void keep_distinct(struct unique *u, char *sorted, int64_t *starts)
{
    const size_t m = numbers(&u->x, sorted), size = u->x.size;
    u->found = u->x.k->distinct[u->x.work](m, sorted, NULL, sorted, 0, starts);
    if (m == u->x.n)
        return;
    memmove(sorted + u->found * size, sorted + m * size, size);
    if (starts)
        starts[u->found] = (int64_t)m;
    u->found++;
}

static sheaf_status write_sorted(struct unique *u, char *sorted, int64_t *starts)
{
    sheaf_status status;
    if (!sort_in_place(u->t, (enum kdtype)u->x.work, u->x.n, sorted))
        return no_memory(u, u->x.n * u->x.size);
    keep_distinct(u, sorted, starts);
    u->values = sorted;
    if ((status = place(u, 0)) || (u->wanted.counts >= 0 && (status = place(u, u->wanted.counts))))
        return status;
    if (u->found > 0)
        memcpy(u->outs[0].data, sorted, u->found * u->x.size);
    if (u->wanted.counts >= 0)
        write_counts(u, starts);
    return write_inverse(u);
}

static sheaf_status run_sorted(struct unique *u)
{
    size_t bytes, starts_bytes = u->wanted.counts >= 0 ? (u->x.n + 1) * sizeof(int64_t) : 0;
    int64_t *starts = starts_bytes ? pool_get(starts_bytes) : NULL;
    char *sorted = !starts_bytes || starts ? flat_copy(&u->x, u->t, true, &bytes) : NULL;
    sheaf_status status = sorted ? write_sorted(u, sorted, starts) : no_memory(u, u->x.n * u->x.size + starts_bytes);
    if (sorted)
        pool_put(sorted, bytes);
    pool_put(starts, starts_bytes);
    return status;
}

sheaf_status unique_run(const struct op *op, const sheaf_view *x, const team *t, sheaf_view *outs,
                        const struct placer *placer, sheaf_error *error)
{
    struct unique u = {.op = op, .t = t, .placer = placer, .outs = outs, .error = error, .wanted = wanted_of(op)};
    flat_read(&u.x, x, outs[0].dtype);
    return has_small_range(&u, x) ? run_counted(&u, x) : run_sorted(&u);
}
