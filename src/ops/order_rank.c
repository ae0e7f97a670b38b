/* argsort and rank of a row. */

#include "base/pool.h"
#include "ops/order_rows.h"
#include <string.h>

struct loading {
    const struct order_row *r;
    struct keys k;
    size_t chunk;
};

/* For ranks, zeros are equal whatever their sign. */
static void join_zeros(const struct keys *k, size_t start, size_t n)
{
    if (k->source == K_F32) {
        int32_t *x = (int32_t *)k->at + start;
        for (size_t i = 0; i < n; i++)
            x[i] = x[i] == -1 ? 0 : x[i];
    } else if (k->source == K_F64) {
        int64_t *x = (int64_t *)k->at + start;
        for (size_t i = 0; i < n; i++)
            x[i] = x[i] == -1 ? 0 : x[i];
    }
}

static void load_chunks(void *context, size_t begin, size_t end, int thread)
{
    (void)thread;
    const struct loading *l = context;
    const struct order *o = l->r->o;
    for (size_t c = begin; c < end; c++) {
        const size_t start = c * l->chunk, left = l->k.n - start, n = left < l->chunk ? left : l->chunk;
        order_load_keys(&l->k, start, n, l->k.at + start * l->k.size);
        if (o->kind == O_rank)
            join_zeros(&l->k, start, n);
    }
}

struct keys order_loaded_keys(const struct order_row *r)
{
    struct loading l = {r, order_keys(r), order_chunk(r->t, r->o->n)};
    order_for(r->t, (l.k.n + l.chunk - 1) / l.chunk, 1, load_chunks, &l);
    l.k.load = NULL;
    return l.k;
}

/* Room behind the keys, aligned. */
static int64_t *behind_keys(const struct keys *k)
{
    return (int64_t *)(k->at + (k->n * k->size + 63) / 64 * 64);
}

struct storing {
    const struct order_row *r;
    const int64_t *places;
    size_t chunk;
};

static void store_chunks(void *context, size_t begin, size_t end, int thread)
{
    (void)thread;
    const struct storing *s = context;
    const size_t n = s->r->o->n, start = begin * s->chunk, last = end * s->chunk < n ? end * s->chunk : n;
    order_store(s->r, start, last - start, s->places + start);
}

bool argsort_row(const struct order_row *r)
{
    const struct order *o = r->o;
    const struct keys k = order_loaded_keys(r);
    struct storing s = {r, o->out_direct ? (int64_t *)r->out : behind_keys(&k), order_chunk(r->t, o->n)};
    if (!argsort_keys(r->t, &k, false, (int64_t *)s.places))
        return false;
    if (!o->out_direct)
        order_for(r->t, (o->n + s.chunk - 1) / s.chunk, 1, store_chunks, &s);
    return true;
}

/* ---- ranks ---- */

struct ranking {
    const struct order_row *r;
    struct keys k;
    const int64_t *places;
    size_t chunk;
    size_t *groups; /* of equal elements that begin in each chunk; then in those before */
};

/* Whether the j-th in order equals the one before. */
static bool is_tie(const struct ranking *g, size_t j)
{
    const char *a = g->k.at + (size_t)g->places[j] * g->k.size, *b = g->k.at + (size_t)g->places[j - 1] * g->k.size;
    return g->k.size == 4 ? memcmp(a, b, 4) == 0 : memcmp(a, b, 8) == 0;
}

static void count_groups(void *context, size_t begin, size_t end, int thread)
{
    (void)thread;
    const struct ranking *g = context;
    for (size_t c = begin; c < end; c++) {
        const size_t start = c * g->chunk, last = g->k.n - start < g->chunk ? g->k.n : start + g->chunk;
        size_t groups = 0;
        for (size_t j = start; j < last; j++)
            groups += j == 0 || !is_tie(g, j);
        g->groups[c] = groups;
    }
}

/* Ranks count from 1. */
static void write_group(const struct ranking *g, size_t first, size_t last, size_t before)
{
    const struct order *o = g->r->o;
    const double average = ((double)first + 1 + (double)last) / 2;
    for (size_t j = first; j < last; j++) {
        char *to = g->r->out + g->places[j] * o->out_step;
        const int64_t rank = (int64_t)(o->method == RANK_ordinal ? j + 1
                                       : o->method == RANK_min   ? first + 1
                                       : o->method == RANK_max   ? last
                                                                 : before + 1);
        if (o->method == RANK_average)
            memcpy(to, &average, sizeof average);
        else
            memcpy(to, &rank, sizeof rank);
    }
}

/* The groups that begin in the chunk, whole. */
static void write_groups(void *context, size_t begin, size_t end, int thread)
{
    (void)thread;
    const struct ranking *g = context;
    for (size_t c = begin; c < end; c++) {
        size_t j = c * g->chunk, last = g->k.n - j < g->chunk ? g->k.n : j + g->chunk;
        size_t before = g->groups ? g->groups[c] : 0;
        if (g->r->o->method == RANK_ordinal) {
            write_group(g, j, last, 0);
            continue;
        }
        while (j > 0 && j < last && is_tie(g, j))
            j++;
        for (size_t next; j < last; j = next) {
            for (next = j + 1; next < g->k.n && is_tie(g, next);)
                next++;
            write_group(g, j, next, before++);
        }
    }
}

bool rank_row(const struct order_row *r)
{
    const struct order *o = r->o;
    struct ranking g = {.r = r, .k = order_loaded_keys(r), .chunk = order_chunk(r->t, o->n)};
    int64_t *places = behind_keys(&g.k);
    g.places = places;
    if (!argsort_keys(r->t, &g.k, false, places))
        return false;
    const size_t chunks = (o->n + g.chunk - 1) / g.chunk, bytes = chunks * sizeof *g.groups;
    size_t one;
    if (o->method == RANK_dense) {
        g.groups = chunks == 1 ? &one : pool_get(bytes);
        if (!g.groups)
            return false;
        order_for(r->t, chunks, 1, count_groups, &g);
        for (size_t c = 0, sum = 0; c < chunks; c++) {
            const size_t here = g.groups[c];
            g.groups[c] = sum;
            sum += here;
        }
    }
    order_for(r->t, chunks, 1, write_groups, &g);
    if (g.groups != &one)
        pool_put(g.groups, bytes);
    return true;
}
