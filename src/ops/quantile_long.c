/* Order statistics of a long row, on all threads, in one reading: a sorted sample gives two keys between which each
 * must lie, unless luck is out; what lies there is kept, what lies below counted. What is selected does not depend on
 * the sample, nor on the order in which threads add what they keep. */

#include "base/checked.h"
#include "base/pool.h"
#include "ops/quantile.h"
#include <math.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <string.h>

#define BRACKETS 16 /* at most: each costs a comparison of every element */
#define TILE 2048
#define GRAIN (64 * TILE)
#define SAMPLE_MOST 16384
#define SPREAD 4.5 /* standard deviations of a place in the sample that a bracket reaches on either side */

struct bracket {
    int64_t low, high;   /* keys: in their lowest bytes, by memcpy */
    size_t first, ranks; /* of the ranks in it */
    size_t room;
    char *kept;
    atomic_size_t below, at_low, at_high, used;
};

struct search {
    const struct quantile *q;
    char *row;
    int brackets;
    struct bracket bracket[BRACKETS];
    atomic_size_t nans;
    atomic_bool full;
};

/* ---- reading the row ---- */

static void keep(struct search *s, struct bracket *b, const char *tile, const struct kernel_bracket *found)
{
    const size_t size = s->q->size;
    const size_t at = atomic_fetch_add_explicit(&b->used, found->kept, memory_order_relaxed);
    if (at + found->kept <= b->room)
        memcpy(b->kept + at * size, tile, found->kept * size);
    else
        atomic_store_explicit(&s->full, true, memory_order_relaxed);
}

static void read_piece(void *context, size_t begin, size_t end, int thread)
{
    (void)thread;
    struct search *s = context;
    const struct quantile *q = s->q;
    alignas(64) int64_t keys[TILE], kept[TILE];
    size_t below[BRACKETS] = {0}, at_low[BRACKETS] = {0}, at_high[BRACKETS] = {0}, nans = 0;
    for (size_t at = begin, n; at < end; at += n) {
        n = end - at < TILE ? end - at : TILE;
        quantile_load(q, s->row, at, n, keys);
        nans += quantile_nans(q, n, keys);
        for (int i = 0; i < s->brackets; i++) {
            struct bracket *b = &s->bracket[i];
            struct kernel_bracket found;
            q->k->bracket[q->key](n, keys, &b->low, &b->high, kept, &found);
            keep(s, b, (const char *)kept, &found);
            below[i] += found.below;
            at_low[i] += found.low;
            at_high[i] += found.high;
        }
    }
    for (int i = 0; i < s->brackets; i++) {
        atomic_fetch_add(&s->bracket[i].below, below[i]);
        atomic_fetch_add(&s->bracket[i].at_low, at_low[i]);
        atomic_fetch_add(&s->bracket[i].at_high, at_high[i]);
    }
    atomic_fetch_add(&s->nans, nans);
}

static void read_row(struct search *s, const team *t)
{
    if (t->threads <= 1)
        read_piece(s, 0, s->q->n, 0);
    else
        par_for(t, s->q->n, GRAIN, read_piece, s);
}

/* ---- the sample ---- */

static size_t sample_size(size_t n)
{
    size_t size = 1024;
    while (size < SAMPLE_MOST && size * size * 4 < n * 64) /* about the 2/3rd power */
        size *= 2;
    return size;
}

/* One element at random of each of so many stretches, sorted; how many are no NaN. */
static size_t take_sample(const struct search *s, size_t size, char *sample)
{
    const struct quantile *q = s->q;
    uint64_t random = 88172645463325252u;
    for (size_t i = 0; i < size; i++) {
        const size_t from = (size_t)((double)i / (double)size * (double)q->n), left = q->n - from;
        size_t stretch = q->n / size;
        random ^= random << 13, random ^= random >> 7, random ^= random << 17;
        stretch = stretch < left ? stretch : left;
        grid_gather(&q->inner, s->row, from + (size_t)(random % stretch), 1, q->load, sample + i * q->size, q->size);
    }
    if (q->k->to_keys[q->source])
        q->k->to_keys[q->source](size, sample);
    kernel_sort((enum kdtype)q->key, size, sample);
    return size - quantile_nans(q, size, sample);
}

static void extreme_key(const struct quantile *q, bool greatest, int64_t *key)
{
    const int32_t narrow = greatest ? INT32_MAX : INT32_MIN;
    *key = greatest ? INT64_MAX : INT64_MIN;
    if (q->key == SHEAF_I32)
        memcpy(key, &narrow, sizeof narrow);
}

/* The keys of the sample between which place `rank` of count elements is. Their distance in the sample goes to *apart.
 */
static void ends_of(const struct quantile *q, const char *sample, size_t m, size_t rank, size_t count,
                    struct bracket *b, double *ends)
{
    const double share = count > 1 ? (double)rank / (double)(count - 1) : 0, at = share * (double)(m - 1);
    const double spread = SPREAD * sqrt((double)m * share * (1 - share)) + 8;
    ends[0] = floor(at - spread);
    ends[1] = ceil(at + spread);
    if (ends[0] < 0)
        extreme_key(q, false, &b->low);
    else
        memcpy(&b->low, sample + (size_t)ends[0] * q->size, q->size);
    if (ends[1] >= (double)m)
        extreme_key(q, true, &b->high);
    else
        memcpy(&b->high, sample + (size_t)ends[1] * q->size, q->size);
}

/* A bracket for the ranks, neighbours in one where they overlap; false: too many, or no memory. */
static bool place_brackets(struct search *s, const char *sample, size_t m, const struct selection *sel)
{
    const struct quantile *q = s->q;
    double reach[BRACKETS][2];
    for (size_t r = 0; r < sel->nranks; r++) {
        struct bracket b = {.first = r, .ranks = 1};
        double ends[2];
        ends_of(q, sample, m, sel->ranks[r], sel->count, &b, ends);
        const int last = s->brackets - 1;
        if (last >= 0 && ends[0] <= reach[last][1]) {
            s->bracket[last].high = b.high;
            s->bracket[last].ranks++;
            reach[last][1] = ends[1];
        } else if (s->brackets == BRACKETS) {
            return false;
        } else {
            memcpy(reach[s->brackets], ends, sizeof ends);
            struct bracket *to = &s->bracket[s->brackets++];
            to->low = b.low;
            to->high = b.high;
            to->first = r;
            to->ranks = 1;
        }
    }
    for (int i = 0; i < s->brackets; i++) {
        struct bracket *b = &s->bracket[i];
        const double part = (reach[i][1] - reach[i][0] + 2) / (double)m * (double)q->n * 1.5;
        b->room = part < (double)q->n - TILE ? (size_t)part + TILE : q->n;
        b->kept = pool_get(b->room * q->size);
        if (!b->kept)
            return false;
    }
    return true;
}

/* ---- what the brackets give ---- */

/* The values at the bracket's ranks; false when one of them is not in it. */
static bool pick(const struct search *s, struct bracket *b, struct selection *sel)
{
    const struct quantile *q = s->q;
    const size_t below = b->below, low = below + b->at_low, kept = low + b->used;
    const size_t high = kept + (memcmp(&b->low, &b->high, q->size) ? b->at_high : 0), end = b->first + b->ranks;
    size_t r = b->first;
    if (sel->ranks[r] < below || sel->ranks[end - 1] >= high)
        return false;
    for (; r < end && sel->ranks[r] < low; r++)
        memcpy(sel->values + r * q->size, &b->low, q->size);
    size_t inside = r;
    while (inside < end && sel->ranks[inside] < kept)
        inside++;
    quantile_pick(q, b->kept, b->used, low, sel->ranks + r, inside - r, sel->values + r * q->size);
    for (r = inside; r < end; r++)
        memcpy(sel->values + r * q->size, &b->high, q->size);
    return true;
}

/* Reads the row for the ranks of what is supposed to be the number of elements. */
static bool search_row(struct search *s, const team *t, const char *sample, size_t m, struct selection *sel)
{
    bool fine = place_brackets(s, sample, m, sel);
    if (fine)
        read_row(s, t);
    fine = fine && !atomic_load(&s->full);
    sel->count = s->q->n - s->nans;
    const bool in_vain = fine && s->nans > 0 && !s->q->skip;
    for (int i = 0; i < s->brackets && fine && !in_vain; i++)
        fine = pick(s, &s->bracket[i], sel);
    for (int i = 0; i < s->brackets; i++)
        pool_put(s->bracket[i].kept, s->bracket[i].room * s->q->size);
    return fine;
}

/* A reading without brackets counts NaNs. */
static void count_numbers(const struct quantile *q, char *row, const team *t, struct selection *sel)
{
    struct search s = {.q = q, .row = row};
    sel->count = q->n;
    if (!q->floats || !q->skip)
        return;
    read_row(&s, t);
    sel->count = q->n - s.nans;
}

bool quantile_long(const struct quantile *q, char *row, const team *t, struct selection *sel)
{
    struct search s = {.q = q, .row = row};
    const size_t size = sample_size(q->n);
    char *sample = pool_get(size * q->size);
    if (!sample)
        return false;
    count_numbers(q, row, t, sel);
    quantile_ranks(q, sel);
    const size_t m = take_sample(&s, size, sample);
    bool fine = sel->count == 0 || (m > 64 && search_row(&s, t, sample, m, sel));
    pool_put(sample, size * q->size);
    return fine;
}
