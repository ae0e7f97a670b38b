/* partition and topk of a row: the key at a place of the order, then what lies on its sides, in the row's order. */

#include "base/pool.h"
#include "ops/order_rows.h"
#include <math.h>
#include <string.h>

#define TILE 1024
#define SIFT_SAMPLE 1024
#define SIFT_LEAST 8192 /* elements from which topk sifts */
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

/* Around what sorting would put at place kth. */
static bool part(struct parting *p, size_t kth, char *work, const enum side order[3])
{
    const team *t = p->r->t;
    size_t few[3 * 4];
    p->chunk = order_chunk(t, p->k.n);
    p->chunks = (p->k.n + p->chunk - 1) / p->chunk;
    const size_t bytes = 3 * p->chunks * sizeof *p->starts;
    p->starts = bytes <= sizeof few ? few : pool_get(bytes);
    if (!p->starts)
        return false;
    const bool done = find_key(t, &p->k, kth, work, p->v, p->starts);
    if (done) {
        place_sides(p, order);
        order_for(t, p->chunks, 1, write_sides, p);
    }
    if (p->starts != few)
        pool_put(p->starts, bytes);
    return done;
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
    return part(&p, kth, second_half(&p.k), ascending);
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

/* The keys that may be among the wanted ones, and their places, chunk by chunk. */
struct sieve {
    const struct keys *k;
    size_t chunk;
    bool places;
    int64_t lo, hi; /* the first bytes of them are keys */
    char *keys;
    int64_t *at;
    size_t *counts;
};

static void sieve_chunks(void *context, size_t begin, size_t end, int thread)
{
    (void)thread;
    const struct sieve *s = context;
    const struct keys *k = s->k;
    _Alignas(64) char tile[TILE * WIDEST];
    for (size_t c = begin; c < end; c++) {
        const size_t start = c * s->chunk, last = k->n - start < s->chunk ? k->n : start + s->chunk;
        size_t found = 0;
        for (size_t i = start, n; i < last; i += n) {
            n = last - i < TILE ? last - i : TILE;
            order_load_keys(k, i, n, tile);
            if (s->places)
                kernel_places(k->key, SIDE_WITHIN, n, tile, &s->lo, &s->hi, (int64_t)i, s->at + start + found);
            found += kernel_collect(k->key, SIDE_WITHIN, n, tile, &s->lo, &s->hi, s->keys + (start + found) * k->size);
        }
        s->counts[c] = found;
    }
}

/* Bring what the chunks found together; how much it is. */
static size_t close_up(const struct sieve *s, size_t chunks)
{
    size_t found = 0;
    for (size_t c = 0; c < chunks; c++) {
        const size_t start = c * s->chunk;
        memmove(s->keys + found * s->k->size, s->keys + start * s->k->size, s->counts[c] * s->k->size);
        if (s->places)
            memmove(s->at + found, s->at + start, s->counts[c] * sizeof *s->at);
        found += s->counts[c];
    }
    return found;
}

/* Few of many: one pass over the row leaves not many more than are wanted. False: they are not among them, or it is not
 * worth it. */
static bool sift(const struct order_row *r, struct keys *k, int64_t *places)
{
    const struct order *o = r->o;
    const double share = (double)o->out_n / (double)o->n, at = share * SIFT_SAMPLE + 4 * sqrt(share * SIFT_SAMPLE) + 4;
    if (o->n < SIFT_LEAST || at > SIFT_SAMPLE / 4 || k->key == K_C64 || k->key == K_C128)
        return false;
    struct sieve s = {.k = k, .chunk = order_chunk(r->t, o->n), .places = places != NULL, .keys = k->at, .at = places};
    const size_t chunks = (o->n + s.chunk - 1) / s.chunk, bytes = chunks * sizeof *s.counts;
    const int32_t narrow[] = {INT32_MIN, INT32_MAX};
    order_sample(k, SIFT_SAMPLE, k->at);
    s.lo = INT64_MIN, s.hi = INT64_MAX;
    if (k->key == K_I32) {
        memcpy(&s.lo, &narrow[0], sizeof narrow[0]);
        memcpy(&s.hi, &narrow[1], sizeof narrow[1]);
    }
    if (o->kth > 0)
        memcpy(&s.lo, k->at + (SIFT_SAMPLE - 1 - (size_t)at) * k->size, k->size);
    else
        memcpy(&s.hi, k->at + (size_t)at * k->size, k->size);
    s.counts = pool_get(bytes);
    if (!s.counts)
        return false;
    order_for(r->t, chunks, 1, sieve_chunks, &s);
    const size_t found = close_up(&s, chunks);
    pool_put(s.counts, bytes);
    if (found < o->out_n)
        return false;
    k->n = found;
    k->load = NULL;
    return true;
}

/* Places, ascending on each side of the last key, into the order of the keys there. `real` has those in the row of the
 * ones sifted. */
static bool store_places(const struct order_row *r, const struct keys *row, const struct keys *chosen,
                         const int64_t *places, const int64_t *real, int64_t *order)
{
    for (size_t i = 0; i < chosen->n; i++)
        memcpy(chosen->at + i * chosen->size, row->at + (size_t)places[i] * row->size, row->size);
    if (!argsort_keys(r->t, chosen, r->o->kth > 0, order))
        return false;
    for (size_t i = 0; i < chosen->n; i++)
        order[i] = real ? real[places[order[i]]] : places[order[i]];
    order_store(r, 0, chosen->n, order);
    return true;
}

bool topk_row(const struct order_row *r)
{
    static const enum side from_greatest[3] = {SIDE_ABOVE, SIDE_WITHIN, SIDE_BELOW};
    static const enum side from_least[3] = {SIDE_BELOW, SIDE_WITHIN, SIDE_ABOVE};
    const struct order *o = r->o;
    const bool greatest = o->kth > 0, wants_places = o->kind == O_argtopk;
    struct parting p = {
        .r = r, .k = order_keys(r), .wanted = {!greatest, true, greatest}, .places = wants_places, .most = o->out_n};
    const size_t row_bytes = (o->n * p.k.size + 63) / 64 * 64;
    char *work = p.k.at + row_bytes;
    struct keys chosen = {
        .source = p.k.source, .key = p.k.key, .n = o->out_n, .size = p.k.size, .at = work + row_bytes};
    int64_t *places = (int64_t *)(chosen.at + (o->out_n * p.k.size + 63) / 64 * 64), *order = places + o->out_n;
    int64_t *real = wants_places ? order + o->out_n : NULL;
    p.to = wants_places ? (char *)places : chosen.at;
    const bool sifted = sift(r, &p.k, real);
    if (!part(&p, greatest ? p.k.n - o->out_n : o->out_n - 1, work, greatest ? from_greatest : from_least))
        return false;
    return wants_places ? store_places(r, &p.k, &chosen, places, sifted ? real : NULL, order)
                        : store_values(r, &chosen);
}
