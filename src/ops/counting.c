#include "ops/counting.h"

#include "base/checked.h"
#include "base/pool.h"
#include <stdalign.h>
#include <string.h>

#define TABLES_MOST (256u << 10) /* bytes of tables side by side: they stay in L2 */
#define ROUND ((size_t)1 << 31)  /* elements whose counts fit in 32 bits */
#define GRAIN (128 * FLAT_TILE)
#define BLOCK 65536 /* elements of a block of weighted sums, or more where there are many places */

struct tables {
    const struct counting *c;
    const struct kernels *k;
    size_t first, stride, tables; /* first: element of this round */
    uint32_t *counts;             /* of every thread, its tables */
    size_t block;
    double *sums; /* of every block of a wave */
};

static sheaf_status no_memory(const struct counting *c, size_t bytes, sheaf_error *error)
{
    return sheaf_error_set(error, SHEAF_NO_MEMORY, "%s: no memory for %zu bytes of counters of %zu places", c->name,
                           bytes, c->places);
}

/* ---- counts ---- */

static void count_body(void *context, size_t begin, size_t end, int thread)
{
    const struct tables *t = context;
    alignas(64) unsigned char tile[FLAT_BYTES];
    alignas(64) uint32_t index[FLAT_TILE];
    uint32_t *counts = t->counts + (size_t)thread * t->tables * t->stride;
    for (size_t at = begin, m; at < end; at += m) {
        m = end - at < FLAT_TILE ? end - at : FLAT_TILE;
        t->c->find(t->c->self, t->first + at, m, tile, index);
        t->k->count(m, index, t->tables, t->stride, counts);
    }
}

static void add_tables(const struct tables *t, size_t threads, int64_t *out)
{
    for (size_t table = 0; table < threads * t->tables; table++) {
        const uint32_t *counts = t->counts + table * t->stride;
        for (size_t i = 0; i < t->c->places; i++)
            out[i] += counts[i];
    }
}

static sheaf_status run_counts(const struct counting *c, const team *all, int64_t *out, sheaf_error *error)
{
    struct tables t = {.c = c, .k = kernels(), .stride = c->places + 1};
    /* A table costs as much as so many elements. */
    team some = {.threads = c->n / 4 > c->places ? all->threads : 1};
    t.tables = t.stride * KERNEL_TABLES <= TABLES_MOST / sizeof *t.counts && c->n > t.stride ? KERNEL_TABLES : 1;
    size_t bytes;
    if (!size_mul(t.stride, t.tables * (size_t)some.threads * sizeof *t.counts, &bytes))
        return no_memory(c, SIZE_MAX, error);
    t.counts = pool_get(bytes);
    if (!t.counts)
        return no_memory(c, bytes, error);
    memset(out, 0, c->places * sizeof *out);
    for (t.first = 0; t.first < c->n; t.first += ROUND) {
        memset(t.counts, 0, bytes);
        flat_share(&some, c->n - t.first < ROUND ? c->n - t.first : ROUND, GRAIN, c->ns, count_body, &t);
        add_tables(&t, (size_t)some.threads, out);
    }
    pool_put(t.counts, bytes);
    return SHEAF_OK;
}

/* ---- weights ---- */

static void sum_block(const struct tables *t, size_t begin, size_t end, double *sums)
{
    alignas(64) unsigned char tile[FLAT_BYTES], weights[FLAT_TILE * sizeof(double)];
    alignas(64) uint32_t index[FLAT_TILE];
    memset(sums, 0, t->stride * sizeof *sums);
    for (size_t at = begin, m; at < end; at += m) {
        m = end - at < FLAT_TILE ? end - at : FLAT_TILE;
        t->c->find(t->c->self, at, m, tile, index);
        t->k->add_weights(m, index, flat_load(t->c->weights, at, m, weights), sums);
    }
}

static void sums_body(void *context, size_t begin, size_t end, int thread)
{
    (void)thread;
    const struct tables *t = context;
    for (size_t b = begin; b < end; b++) {
        size_t at = t->first + b * t->block, left = t->c->n - at;
        sum_block(t, at, left < t->block ? t->c->n : at + t->block, t->sums + b * t->stride);
    }
}

static void add_sums(const struct tables *t, size_t blocks, double *out)
{
    for (size_t b = 0; b < blocks; b++) {
        const double *sums = t->sums + b * t->stride;
        for (size_t i = 0; i < t->c->places; i++)
            out[i] += sums[i];
    }
}

static sheaf_status run_sums(const struct counting *c, const team *all, double *out, sheaf_error *error)
{
    struct tables t = {.c = c, .k = kernels(), .stride = c->places + 1, .block = BLOCK};
    while (t.block / 4 < t.stride && t.block < c->n)
        t.block *= 2;
    size_t blocks = (c->n + t.block - 1) / t.block, wave = 2 * (size_t)all->threads, bytes;
    wave = wave < blocks ? wave : blocks;
    if (!size_mul(t.stride, wave * sizeof *t.sums, &bytes))
        return no_memory(c, SIZE_MAX, error);
    t.sums = pool_get(bytes);
    if (!t.sums)
        return no_memory(c, bytes, error);
    memset(out, 0, c->places * sizeof *out);
    for (size_t b = 0; b < blocks; b += wave) {
        size_t some = blocks - b < wave ? blocks - b : wave;
        t.first = b * t.block;
        flat_share(all, some, 1, c->ns * (double)t.block, sums_body, &t);
        add_sums(&t, some, out);
    }
    pool_put(t.sums, bytes);
    return SHEAF_OK;
}

sheaf_status counting_run(const struct counting *c, const team *t, void *out, sheaf_error *error)
{
    if (c->places == 0)
        return SHEAF_OK;
    return c->weights && c->n > 0 ? run_sums(c, t, out, error) : run_counts(c, t, out, error);
}
