/* partition and topk of a row: the key at a place of the order, then what lies on its sides, in the row's order. */

#include "base/pool.h"
#include "ops/order_rows.h"
#include <string.h>

#define TILE 1024
#define WIDEST 16

/* The sides of a key, written one behind the other, each in the row's order. */
struct parting {
    const struct order_row *r;
    struct keys k;
    int64_t v[2]; /* its first bytes are the key */
    bool wanted[3];
    bool places; /* rather than values */
    char *to;    /* NULL: the result itself */
    size_t most; /* elements written */
    size_t chunk, chunks;
    size_t *starts; /* three of each chunk: of its elements on each side, in what is written */
};

static void count_sides(void *context, size_t begin, size_t end, int thread)
{
    (void)thread;
    const struct parting *p = context;
    for (size_t c = begin; c < end; c++) {
        const size_t start = c * p->chunk, left = p->k.n - start, n = left < p->chunk ? left : p->chunk;
        const char *x = p->k.at + start * p->k.size;
        size_t *counts = p->starts + 3 * c;
        counts[SIDE_BELOW] = kernel_count(p->k.key, SIDE_BELOW, n, x, p->v, p->v);
        counts[SIDE_WITHIN] = kernel_count(p->k.key, SIDE_WITHIN, n, x, p->v, p->v);
        counts[SIDE_ABOVE] = n - counts[SIDE_BELOW] - counts[SIDE_WITHIN];
    }
}

static void place_sides(struct parting *p, const enum side order[3])
{
    size_t sum = 0;
    for (int i = 0; i < 3; i++) {
        for (size_t c = 0; c < p->chunks; c++) {
            size_t *start = &p->starts[3 * c + order[i]], count = *start;
            *start = sum;
            sum += p->wanted[order[i]] ? count : 0;
        }
    }
}

static void emit(const struct parting *p, size_t at, size_t n, void *tile)
{
    const struct order *o = p->r->o;
    const size_t size = p->places ? sizeof(int64_t) : p->k.size;
    if (at >= p->most)
        return;
    n = p->most - at < n ? p->most - at : n;
    if (p->to) {
        memcpy(p->to + at * size, tile, n * size);
        return;
    }
    if (!p->places && o->k->from_keys[p->k.source])
        o->k->from_keys[p->k.source](n, tile);
    order_store(p->r, at, n, tile);
}

static void write_sides(void *context, size_t begin, size_t end, int thread)
{
    (void)thread;
    const struct parting *p = context;
    _Alignas(64) char tile[TILE * WIDEST];
    for (size_t c = begin; c < end; c++) {
        const size_t start = c * p->chunk, last = p->k.n - start < p->chunk ? p->k.n : start + p->chunk;
        size_t at[3];
        memcpy(at, p->starts + 3 * c, sizeof at);
        for (size_t i = start, n; i < last; i += n) {
            n = last - i < TILE ? last - i : TILE;
            const char *x = p->k.at + i * p->k.size;
            for (enum side side = SIDE_BELOW; side <= SIDE_ABOVE; side++) {
                if (!p->wanted[side])
                    continue;
                const size_t m = p->places
                                     ? kernel_places(p->k.key, side, n, x, p->v, p->v, (int64_t)i, (int64_t *)tile)
                                     : kernel_collect(p->k.key, side, n, x, p->v, p->v, tile);
                emit(p, at[side], m, tile);
                at[side] += m;
            }
        }
    }
}

static bool part(struct parting *p, const enum side order[3])
{
    size_t few[3 * 4];
    p->chunk = order_chunk(p->r->t, p->k.n);
    p->chunks = (p->k.n + p->chunk - 1) / p->chunk;
    const size_t bytes = 3 * p->chunks * sizeof *p->starts;
    p->starts = bytes <= sizeof few ? few : pool_get(bytes);
    if (!p->starts)
        return false;
    order_for(p->r->t, p->chunks, 1, count_sides, p);
    place_sides(p, order);
    order_for(p->r->t, p->chunks, 1, write_sides, p);
    if (p->starts != few)
        pool_put(p->starts, bytes);
    return true;
}

/* Behind the keys at the scratch's start, as many again. */
static char *second_half(const struct keys *k)
{
    return k->at + (k->n * k->size + 63) / 64 * 64;
}

bool partition_row(const struct order_row *r)
{
    static const enum side ascending[3] = {SIDE_BELOW, SIDE_WITHIN, SIDE_ABOVE};
    const struct order *o = r->o;
    struct parting p = {
        .r = r, .k = order_keys(r), .wanted = {true, true, true}, .places = o->kind == O_argpartition, .most = o->n};
    const size_t kth = (size_t)(o->kth < 0 ? o->kth + (int64_t)o->n : o->kth);
    return find_key(r->t, &p.k, kth, second_half(&p.k), p.v) && part(&p, ascending);
}

/* ---- topk ---- */

static void reverse(const struct keys *k)
{
    for (size_t i = 0, j = k->n; i + 1 < j; i++) {
        char t[WIDEST], *a = k->at + i * k->size, *b = k->at + --j * k->size;
        memcpy(t, a, k->size);
        memcpy(a, b, k->size);
        memcpy(b, t, k->size);
    }
}

static bool store_values(const struct order_row *r, const struct keys *k)
{
    const struct order *o = r->o;
    if (!sort_in_place(r->t, k->key, k->n, k->at))
        return false;
    if (o->kth > 0)
        reverse(k);
    if (o->k->from_keys[k->source])
        o->k->from_keys[k->source](k->n, k->at);
    order_store(r, 0, k->n, k->at);
    return true;
}

/* Places, ascending on each side of the last key, into the order of the keys there. */
static bool store_places(const struct order_row *r, const struct keys *row, const struct keys *chosen,
                         const int64_t *places, int64_t *order)
{
    for (size_t i = 0; i < chosen->n; i++)
        memcpy(chosen->at + i * chosen->size, row->at + (size_t)places[i] * row->size, row->size);
    if (!argsort_keys(r->t, chosen, r->o->kth > 0, order))
        return false;
    for (size_t i = 0; i < chosen->n; i++)
        order[i] = places[order[i]];
    order_store(r, 0, chosen->n, order);
    return true;
}

bool topk_row(const struct order_row *r)
{
    static const enum side from_greatest[3] = {SIDE_ABOVE, SIDE_WITHIN, SIDE_BELOW};
    static const enum side from_least[3] = {SIDE_BELOW, SIDE_WITHIN, SIDE_ABOVE};
    const struct order *o = r->o;
    const bool greatest = o->kth > 0;
    struct parting p = {.r = r,
                        .k = order_keys(r),
                        .wanted = {!greatest, true, greatest},
                        .places = o->kind == O_argtopk,
                        .most = o->out_n};
    char *work = second_half(&p.k);
    struct keys chosen = {p.k.source, p.k.key, o->out_n, p.k.size, work + (o->n * p.k.size + 63) / 64 * 64};
    int64_t *places = (int64_t *)(chosen.at + (o->out_n * p.k.size + 63) / 64 * 64);
    p.to = p.places ? (char *)places : chosen.at;
    if (!find_key(r->t, &p.k, greatest ? o->n - o->out_n : o->out_n - 1, work, p.v) ||
        !part(&p, greatest ? from_greatest : from_least))
        return false;
    return p.places ? store_places(r, &p.k, &chosen, places, places + o->out_n) : store_values(r, &chosen);
}
