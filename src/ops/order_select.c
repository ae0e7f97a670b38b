/* Selection by a team: the key at a place of the order. A sample brackets it; one pass counts what lies below the
 * bracket and collects what lies within, and few are left to select from. */

#include "base/checked.h"
#include "base/pool.h"
#include "ops/order.h"
#include <math.h>
#include <string.h>

#define SHORT 8192  /* elements selected in a copy */
#define SAMPLE 1024 /* elements of the sample; four times as many of LONG */
#define LONG 1000000

void order_load_keys(const struct keys *k, size_t start, size_t n, void *to)
{
    if (!k->load) {
        memcpy(to, k->at + start * k->size, n * k->size);
        return;
    }
    k->load(k->self, start, n, to);
    if (kernels()->to_keys[k->source])
        kernels()->to_keys[k->source](n, to);
}

void order_sample(const struct keys *k, size_t taken, void *sample)
{
    const size_t part = k->n / taken;
    for (size_t i = 0; i < taken; i++)
        order_load_keys(k, i * part + (size_t)((i * 0x9e3779b97f4a7c15u) >> 20) % part, 1,
                        (char *)sample + i * k->size);
    kernel_sort(k->key, taken, sample);
}

struct bracket {
    const struct keys *k;
    size_t chunk, chunks;
    char *work;             /* what lies within, chunk by chunk */
    size_t *below, *within; /* of each chunk */
    int64_t lo, hi;         /* the first bytes of them are keys */
};

static void bracket_chunks(void *context, size_t begin, size_t end, int thread)
{
    (void)thread;
    const struct bracket *b = context;
    const struct keys *k = b->k;
    for (size_t c = begin; c < end; c++) {
        const size_t start = c * b->chunk, left = k->n - start, n = left < b->chunk ? left : b->chunk;
        char *x = k->at + start * k->size;
        if (k->load)
            order_load_keys(k, start, n, x);
        b->below[c] = kernel_count(k->key, SIDE_BELOW, n, x, &b->lo, &b->hi);
        b->within[c] = kernel_collect(k->key, SIDE_WITHIN, n, x, &b->lo, &b->hi, b->work + start * k->size);
    }
}

/* The sorted sample's key at this place; beyond its ends the least or greatest key there is. */
static void sample_at(const struct keys *k, size_t taken, const char *sample, double at, int64_t *v)
{
    const int64_t wide[] = {INT64_MIN, INT64_MAX};
    const int32_t narrow[] = {INT32_MIN, INT32_MAX};
    if (at >= 0 && at < (double)taken)
        memcpy(v, sample + (size_t)at * k->size, k->size);
    else if (k->key == K_I32)
        memcpy(v, &narrow[at > 0], k->size);
    else
        memcpy(v, &wide[at > 0], k->size);
}

/* Four deviations around where kth is expected. */
static void choose_bracket(struct bracket *b, size_t kth, char *sample)
{
    const struct keys *k = b->k;
    const size_t taken = k->n < LONG ? SAMPLE : 4 * SAMPLE;
    order_sample(k, taken, sample);
    const double share = (double)kth / (double)k->n, at = share * (double)taken;
    const double aside = 4 * sqrt(at * (1 - share)) + 4;
    sample_at(k, taken, sample, floor(at - aside), &b->lo);
    sample_at(k, taken, sample, ceil(at + aside), &b->hi);
}

/* Of what lies within, the one behind so many others, from a copy. */
static bool select_within(const struct bracket *b, size_t within, size_t place, void *v)
{
    const size_t size = b->k->size, bytes = within * size;
    if (kernel_compare(b->k->key, &b->lo, &b->hi) == 0) {
        memcpy(v, &b->lo, size);
        return true;
    }
    char *all = pool_get(bytes), *to = all;
    if (!all)
        return false;
    for (size_t c = 0; c < b->chunks; c++) {
        memcpy(to, b->work + c * b->chunk * size, b->within[c] * size);
        to += b->within[c] * size;
    }
    kernel_select(b->k->key, within, all, place);
    memcpy(v, all + place * size, size);
    pool_put(all, bytes);
    return true;
}

static void count_within(const struct bracket *b, const void *v, size_t *counts)
{
    const struct keys *k = b->k;
    for (size_t c = 0; c < b->chunks; c++, counts += 3) {
        const size_t start = c * b->chunk, left = k->n - start, n = left < b->chunk ? left : b->chunk;
        const char *x = b->work + start * k->size;
        counts[SIDE_BELOW] = b->below[c] + kernel_count(k->key, SIDE_BELOW, b->within[c], x, v, v);
        counts[SIDE_WITHIN] = kernel_count(k->key, SIDE_WITHIN, b->within[c], x, v, v);
        counts[SIDE_ABOVE] = n - counts[SIDE_BELOW] - counts[SIDE_WITHIN];
    }
}

/* Whether the bracket held it; then *done says whether there was memory. */
static bool find_in_bracket(const team *t, struct bracket *b, size_t kth, void *v, size_t *counts, bool *done)
{
    choose_bracket(b, kth, b->work);
    order_for(t, b->chunks, 1, bracket_chunks, b);
    size_t below = 0, within = 0;
    for (size_t c = 0; c < b->chunks; c++) {
        below += b->below[c];
        within += b->within[c];
    }
    if (kth < below || kth >= below + within)
        return false;
    *done = select_within(b, within, kth - below, v);
    if (*done && counts)
        count_within(b, v, counts);
    return true;
}

/* All of them in a copy. */
static void find_in_copy(const struct bracket *b, size_t kth, bool loaded, void *v, size_t *counts)
{
    const struct keys *k = b->k;
    if (k->load && !loaded)
        order_load_keys(k, 0, k->n, k->at);
    memcpy(b->work, k->at, k->n * k->size);
    kernel_select(k->key, k->n, b->work, kth);
    memcpy(v, b->work + kth * k->size, k->size);
    for (size_t c = 0; counts && c < b->chunks; c++, counts += 3) {
        const size_t start = c * b->chunk, left = k->n - start, n = left < b->chunk ? left : b->chunk;
        const char *x = k->at + start * k->size;
        counts[SIDE_BELOW] = kernel_count(k->key, SIDE_BELOW, n, x, v, v);
        counts[SIDE_WITHIN] = kernel_count(k->key, SIDE_WITHIN, n, x, v, v);
        counts[SIDE_ABOVE] = n - counts[SIDE_BELOW] - counts[SIDE_WITHIN];
    }
}

bool find_key(const team *t, const struct keys *k, size_t kth, char *work, void *v, size_t *counts)
{
    struct bracket b = {.k = k, .chunk = order_chunk(t, k->n), .work = work};
    b.chunks = (k->n + b.chunk - 1) / b.chunk;
    const bool bracketed = k->n >= SHORT && k->key != K_C64 && k->key != K_C128;
    bool done = true;
    if (bracketed) {
        const size_t bytes = 2 * b.chunks * sizeof *b.below;
        b.below = pool_get(bytes);
        if (!b.below)
            return false;
        b.within = b.below + b.chunks;
        const bool held = find_in_bracket(t, &b, kth, v, counts, &done);
        pool_put(b.below, bytes);
        if (held)
            return done;
    }
    find_in_copy(&b, kth, bracketed, v, counts);
    return true;
}
