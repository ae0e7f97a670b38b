/* Selection by a team: the key at a place of the order. A sample brackets it; one pass counts what lies below the
 * bracket and collects what lies within, and few are left to select from. */

#include "base/pool.h"
#include "ops/order.h"
#include <math.h>
#include <string.h>

#define SHORT 8192  /* elements selected in a copy */
#define SAMPLE 1024 /* elements of the sample; four times as many of LONG */
#define LONG 1000000

struct bracket {
    const struct keys *k;
    size_t chunk;
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
        const char *x = k->at + start * k->size;
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

/* Four deviations around where kth is expected; the sample is of scattered places, lest it meets a pattern. */
static void choose_bracket(struct bracket *b, size_t kth, char *sample)
{
    const struct keys *k = b->k;
    const size_t taken = k->n < LONG ? SAMPLE : 4 * SAMPLE, part = k->n / taken;
    for (size_t i = 0; i < taken; i++) {
        const size_t at = i * part + (size_t)((i * 0x9e3779b97f4a7c15u) >> 20) % part;
        memcpy(sample + i * k->size, k->at + at * k->size, k->size);
    }
    kernel_sort(k->key, taken, sample);
    const double share = (double)kth / (double)k->n, at = share * (double)taken;
    const double aside = 4 * sqrt(at * (1 - share)) + 4;
    sample_at(k, taken, sample, floor(at - aside), &b->lo);
    sample_at(k, taken, sample, ceil(at + aside), &b->hi);
}

/* What lies within, brought together; how many, and how many lie below. */
static size_t gather_bracket(const struct bracket *b, size_t chunks, size_t *below)
{
    size_t within = 0;
    *below = 0;
    for (size_t c = 0; c < chunks; c++) {
        memmove(b->work + within * b->k->size, b->work + c * b->chunk * b->k->size, b->within[c] * b->k->size);
        within += b->within[c];
        *below += b->below[c];
    }
    return within;
}

bool find_key(const team *t, const struct keys *k, size_t kth, char *work, void *v)
{
    const bool complex = k->key == K_C64 || k->key == K_C128;
    if (k->n >= SHORT && !complex) {
        struct bracket b = {.k = k, .chunk = order_chunk(t, k->n), .work = work};
        const size_t chunks = (k->n + b.chunk - 1) / b.chunk, bytes = 2 * chunks * sizeof *b.below;
        b.below = pool_get(bytes);
        if (!b.below)
            return false;
        b.within = b.below + chunks;
        choose_bracket(&b, kth, work);
        order_for(t, chunks, 1, bracket_chunks, &b);
        size_t below, within = gather_bracket(&b, chunks, &below);
        pool_put(b.below, bytes);
        if (kth >= below && kth < below + within) {
            if (kernel_compare(k->key, &b.lo, &b.hi) != 0)
                kernel_select(k->key, within, work, kth - below);
            memcpy(v, work + (kth - below) * k->size, k->size);
            return true;
        }
    }
    memcpy(work, k->at, k->n * k->size);
    kernel_select(k->key, k->n, work, kth);
    memcpy(v, work + kth * k->size, k->size);
    return true;
}
