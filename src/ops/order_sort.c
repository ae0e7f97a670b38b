/* One long row, sorted by a team. Splitters from a sample cut the order into buckets. Chunks are partitioned by the
 * splitters in scratch, each by one thread in its L2; then the chunks' parts of a bucket are brought together and
 * sorted, again in L2. The partitions are the quicksort's own first ones, so that all this costs little more work. */

#include "base/checked.h"
#include "base/pool.h"
#include "ops/order.h"
#include <stdatomic.h>
#include <string.h>

#define LEAST 32768         /* elements that are worth a team */
#define BUCKET_BYTES 524288 /* of elements in a bucket, about */
#define BUCKETS 256         /* at most */
#define OVERSAMPLE 32       /* elements of the sample for each bucket */
#define WIDEST 16

struct team_sort {
    const struct sorting *s;
    const struct kernels *k;
    enum kdtype key;
    size_t size;
    size_t chunk, chunks, buckets;
    char *keys;      /* n of them, chunk by chunk */
    char *splitters; /* buckets - 1 of them */
    size_t *ends;    /* of the buckets in each chunk, counted from its start */
    size_t starts[BUCKETS + 1];
    atomic_int no_memory;
};

static void to_keys(const struct team_sort *s, size_t n, void *x)
{
    if (s->k->to_keys[s->s->dtype])
        s->k->to_keys[s->s->dtype](n, x);
}

static void from_keys(const struct team_sort *s, size_t n, void *x)
{
    if (s->k->from_keys[s->s->dtype])
        s->k->from_keys[s->s->dtype](n, x);
}

static bool choose_splitters(struct team_sort *s)
{
    const size_t taken = s->buckets * OVERSAMPLE;
    const struct keys k = {s->s->dtype, s->key, s->s->n, s->size, NULL, s->s->load, s->s->self};
    char *sample = pool_get(taken * s->size);
    if (!sample)
        return false;
    order_sample(&k, taken, sample);
    for (size_t b = 1; b < s->buckets; b++)
        memcpy(s->splitters + (b - 1) * s->size, sample + b * OVERSAMPLE * s->size, s->size);
    pool_put(sample, taken * s->size);
    return true;
}

/* Buckets [first, last) of x: their ends. */
static void split(const struct team_sort *s, size_t n, char *x, size_t before, size_t first, size_t last, size_t *ends)
{
    while (last - first > 1) {
        const size_t mid = first + (last - first) / 2;
        const size_t below = kernel_partition(s->key, n, x, s->splitters + (mid - 1) * s->size, false);
        split(s, below, x, before, first, mid, ends);
        x += below * s->size;
        n -= below;
        before += below;
        first = mid;
    }
    ends[first] = before + n;
}

static void run_chunks(void *context, size_t begin, size_t end, int thread)
{
    (void)thread;
    struct team_sort *s = context;
    for (size_t c = begin; c < end; c++) {
        const size_t start = c * s->chunk, left = s->s->n - start, n = left < s->chunk ? left : s->chunk;
        char *x = s->keys + start * s->size;
        s->s->load(s->s->self, start, n, x);
        to_keys(s, n, x);
        split(s, n, x, 0, 0, s->buckets, s->ends + c * s->buckets);
    }
}

static void place_buckets(struct team_sort *s)
{
    size_t sum = 0;
    for (size_t b = 0; b < s->buckets; b++) {
        s->starts[b] = sum;
        for (size_t c = 0; c < s->chunks; c++) {
            const size_t *ends = s->ends + c * s->buckets;
            sum += ends[b] - (b > 0 ? ends[b - 1] : 0);
        }
    }
    s->starts[s->buckets] = sum;
}

static void run_buckets(void *context, size_t begin, size_t end, int thread)
{
    (void)thread;
    struct team_sort *s = context;
    for (size_t b = begin; b < end; b++) {
        const size_t start = s->starts[b], n = s->starts[b + 1] - start;
        char *x = s->s->direct ? s->s->direct + start * s->size : pool_get(n * s->size), *to = x;
        if (!x) {
            atomic_store(&s->no_memory, 1);
            return;
        }
        for (size_t c = 0; c < s->chunks; c++) {
            const size_t *ends = s->ends + c * s->buckets, from = b > 0 ? ends[b - 1] : 0;
            memcpy(to, s->keys + (c * s->chunk + from) * s->size, (ends[b] - from) * s->size);
            to += (ends[b] - from) * s->size;
        }
        kernel_sort(s->key, n, x);
        from_keys(s, n, x);
        if (!s->s->direct) {
            s->s->store(s->s->self, start, n, x);
            pool_put(x, n * s->size);
        }
    }
}

static bool sort_long(const team *t, const struct sorting *sorting, size_t size)
{
    struct team_sort s = {.s = sorting, .k = kernels(), .key = kernel_key(sorting->dtype), .size = size};
    const size_t n = sorting->n;
    atomic_init(&s.no_memory, 0);
    s.chunk = order_chunk(t, n);
    s.chunks = (n + s.chunk - 1) / s.chunk;
    /* Partitions that are not vectorised cost more than a sort that leaves the L2. */
    const size_t least = 4 * (size_t)t->threads, wanted = s.k->sort[K_I64] ? n / (BUCKET_BYTES / size) : 0;
    for (s.buckets = 4; s.buckets < BUCKETS && (s.buckets < least || s.buckets < wanted);)
        s.buckets *= 2;
    size_t keys, ends = s.chunks * s.buckets * sizeof *s.ends, bytes;
    if (!size_mul(n, size, &keys) || !size_add(keys, 16 + ends + s.buckets * size, &bytes))
        return false;
    s.keys = pool_get(bytes);
    if (!s.keys)
        return false;
    s.ends = (size_t *)(s.keys + (keys + 15) / 16 * 16);
    s.splitters = (char *)s.ends + ends;
    const bool chosen = choose_splitters(&s);
    if (chosen) {
        par_for(t, s.chunks, 1, run_chunks, &s);
        place_buckets(&s);
        par_for(t, s.buckets, 1, run_buckets, &s);
    }
    pool_put(s.keys, bytes);
    return chosen && !atomic_load(&s.no_memory);
}

/* ---- 8 and 16 bits: counted ---- */

#define TILE 4096
#define VALUES 65536
#define COUNT_LEAST 32768 /* elements of 16 bits that are worth counting */

struct counting {
    const struct sorting *s;
    size_t size, values, parts, flip;
    size_t *counts; /* of each part, then the ends of the values in the result */
};

static size_t value_of(const struct counting *c, const char *x)
{
    uint16_t wide;
    if (c->size == 2) {
        memcpy(&wide, x, sizeof wide);
        return wide ^ c->flip;
    }
    return c->s->dtype == K_BOOL ? *x != 0 : (size_t)(uint8_t)*x ^ c->flip;
}

static void count_parts(void *context, size_t begin, size_t end, int thread)
{
    (void)thread;
    const struct counting *c = context;
    char tile[TILE * 2];
    for (size_t part = begin; part < end; part++) {
        size_t *counts = c->counts + part * c->values, n = c->s->n;
        const size_t last = part + 1 == c->parts ? n : n / c->parts * (part + 1);
        memset(counts, 0, c->values * sizeof *counts);
        for (size_t at = n / c->parts * part, m; at < last; at += m) {
            m = last - at < TILE ? last - at : TILE;
            c->s->load(c->s->self, at, m, tile);
            for (size_t i = 0; i < m; i++)
                counts[value_of(c, tile + i * c->size)]++;
        }
    }
}

static void sum_counts(struct counting *c)
{
    size_t sum = 0;
    for (size_t v = 0; v < c->values; v++) {
        for (size_t part = 0; part < c->parts; part++)
            sum += c->counts[part * c->values + v];
        c->counts[v] = sum;
    }
}

/* The first value whose end lies behind `at`. */
static size_t value_at(const struct counting *c, size_t at)
{
    size_t low = 0, high = c->values - 1;
    while (low < high) {
        const size_t mid = low + (high - low) / 2;
        if (c->counts[mid] > at)
            high = mid;
        else
            low = mid + 1;
    }
    return low;
}

static void fill_values(const struct counting *c, size_t n, size_t value, char *x)
{
    const uint16_t wide = (uint16_t)(value ^ c->flip);
    if (c->size == 1) {
        memset(x, (int)(value ^ c->flip), n);
        return;
    }
    for (size_t i = 0; i < n; i++)
        memcpy(x + 2 * i, &wide, sizeof wide);
}

static void write_parts(void *context, size_t begin, size_t end, int thread)
{
    (void)thread;
    const struct counting *c = context;
    char tile[TILE * 2];
    for (size_t part = begin; part < end; part++) {
        const size_t n = c->s->n, last = part + 1 == c->parts ? n : n / c->parts * (part + 1);
        size_t at = n / c->parts * part;
        if (at >= last)
            continue;
        for (size_t v = value_at(c, at), m; at < last; at += m) {
            m = last - at < TILE ? last - at : TILE;
            char *x = c->s->direct ? c->s->direct + at * c->size : tile;
            for (size_t i = 0, few; i < m; i += few) {
                while (c->counts[v] <= at + i)
                    v++;
                few = c->counts[v] - (at + i) < m - i ? c->counts[v] - (at + i) : m - i;
                fill_values(c, few, v, x + i * c->size);
            }
            if (!c->s->direct)
                c->s->store(c->s->self, at, m, tile);
        }
    }
}

static bool sort_counted(const team *t, const struct sorting *s, size_t size)
{
    struct counting c = {.s = s, .size = size, .values = size == 1 ? 256 : VALUES, .parts = (size_t)t->threads};
    c.flip = s->dtype == K_I8 ? 0x80 : s->dtype == K_I16 ? 0x8000 : 0;
    const size_t bytes = c.values * c.parts * sizeof *c.counts;
    c.counts = pool_get(bytes);
    if (!c.counts)
        return false;
    par_for(t, c.parts, 1, count_parts, &c);
    sum_counts(&c);
    par_for(t, c.parts, 1, write_parts, &c);
    pool_put(c.counts, bytes);
    return true;
}

/* ---- whichever it is ---- */

static bool sort_alone(const struct sorting *s, size_t size)
{
    size_t bytes = s->n * size;
    char *x = s->direct ? s->direct : s->spare ? s->spare : pool_get(bytes);
    if (!x)
        return false;
    s->load(s->self, 0, s->n, x);
    kernel_sort(s->dtype, s->n, x);
    if (!s->direct) {
        s->store(s->self, 0, s->n, x);
        if (!s->spare)
            pool_put(x, bytes);
    }
    return true;
}

bool sort_by_team(const team *t, const struct sorting *s)
{
    const size_t size = sheaf_dtype_size((sheaf_dtype)s->dtype);
    if (size <= 2 && s->n >= COUNT_LEAST && (size == 2 || t->threads > 1))
        return sort_counted(t, s, size);
    if (t->threads <= 1 || s->n < LEAST)
        return sort_alone(s, size);
    return sort_long(t, s, size);
}

struct place {
    size_t size;
    char *x;
};

static void load_place(const void *self, size_t start, size_t n, void *to)
{
    const struct place *p = self;
    if (to != p->x + start * p->size)
        memcpy(to, p->x + start * p->size, n * p->size);
}

bool sort_in_place(const team *t, enum kdtype dtype, size_t n, void *x)
{
    const struct place p = {sheaf_dtype_size((sheaf_dtype)dtype), x};
    return sort_by_team(t, &(struct sorting){.dtype = dtype, .n = n, .self = &p, .load = load_place, .direct = x});
}

/* ---- chunks ---- */

size_t order_chunk(const team *t, size_t n)
{
    const size_t even = t->threads > 1 ? n / (4 * (size_t)t->threads) + 1 : n;
    return even < ORDER_CHUNK ? even > 0 ? even : 1 : ORDER_CHUNK;
}

void order_for(const team *t, size_t n, size_t grain, par_body *body, void *context)
{
    if (t->threads <= 1 || n <= grain)
        body(context, 0, n, 0);
    else
        par_for(t, n, grain, body, context);
}
