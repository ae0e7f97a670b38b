/* Places in order. A key and its place, packed into one integer, sort as fast as integers do, and ties come by place.
 * Of keys that leave too few bits, the low ones are dropped at first, and what then looks equal is sorted again. */

#include "base/checked.h"
#include "base/pool.h"
#include "kernels/sort.h"
#include "ops/order.h"
#include <string.h>

#define FEW 12 /* of equal packed keys, sorted by insertion */
#define SIGN_64 0x8000000000000000u
#define SIGN_32 0x80000000u

struct packing {
    const struct keys *k;
    const team *t;
    size_t chunk;
    uint64_t least;          /* key */
    int place_bits, dropped; /* of the keys */
    bool narrow;             /* into 32 bits: else 64 */
    uint64_t *wide;          /* of the places themselves */
    uint32_t *packed;
    int64_t *extremes; /* least and greatest key of each chunk */
    size_t *starts;    /* of each chunk, where something else begins */
};

static uint64_t key_at(const struct keys *k, size_t i)
{
    if (k->key == K_I32) {
        int32_t v;
        memcpy(&v, k->at + 4 * i, sizeof v);
        return (uint64_t)(int64_t)v;
    }
    uint64_t v;
    memcpy(&v, k->at + 8 * i, sizeof v);
    return v;
}

static void find_extremes(void *context, size_t begin, size_t end, int thread)
{
    (void)thread;
    const struct packing *p = context;
    for (size_t c = begin; c < end; c++) {
        const size_t start = c * p->chunk, left = p->k->n - start;
        int64_t *e = p->extremes + 2 * c;
        int32_t narrow[2];
        const void *x = p->k->at + start * p->k->size;
        if (p->k->key == K_I32) {
            kernels()->minmax[K_I32](left < p->chunk ? left : p->chunk, x, &narrow[0], &narrow[1]);
            e[0] = narrow[0];
            e[1] = narrow[1];
        } else {
            kernels()->minmax[K_I64](left < p->chunk ? left : p->chunk, x, &e[0], &e[1]);
        }
    }
}

static int bit_length(uint64_t v)
{
    return v ? 64 - __builtin_clzll(v) : 0;
}

static void choose_packing(struct packing *p, size_t chunks)
{
    int64_t least = p->extremes[0], greatest = p->extremes[1];
    for (size_t c = 1; c < chunks; c++) {
        least = p->extremes[2 * c] < least ? p->extremes[2 * c] : least;
        greatest = p->extremes[2 * c + 1] > greatest ? p->extremes[2 * c + 1] : greatest;
    }
    const int key_bits = bit_length((uint64_t)greatest - (uint64_t)least);
    p->least = (uint64_t)least;
    p->place_bits = bit_length(p->k->n - 1);
    p->narrow = key_bits + p->place_bits <= 32;
    p->dropped = key_bits + p->place_bits > 64 ? key_bits + p->place_bits - 64 : 0;
}

static void pack_narrow(const struct packing *p, size_t start, size_t end)
{
    const int32_t *narrow = (const int32_t *)p->k->at;
    const int64_t *wide = (const int64_t *)p->k->at;
    const uint32_t least = (uint32_t)p->least;
    const int bits = p->place_bits;
    if (p->k->key == K_I32)
        for (size_t i = start; i < end; i++)
            p->packed[i] = (((uint32_t)narrow[i] - least) << bits | (uint32_t)i) ^ SIGN_32;
    else
        for (size_t i = start; i < end; i++)
            p->packed[i] = (((uint32_t)wide[i] - least) << bits | (uint32_t)i) ^ SIGN_32;
}

static void pack_wide(const struct packing *p, size_t start, size_t end)
{
    const int32_t *narrow = (const int32_t *)p->k->at;
    const int64_t *wide = (const int64_t *)p->k->at;
    const uint64_t least = p->least;
    const int bits = p->place_bits, dropped = p->dropped;
    if (p->k->key == K_I32)
        for (size_t i = start; i < end; i++)
            p->wide[i] = (((uint64_t)(int64_t)narrow[i] - least) << bits | i) ^ SIGN_64;
    else
        for (size_t i = start; i < end; i++)
            p->wide[i] = (((uint64_t)wide[i] - least) >> dropped << bits | i) ^ SIGN_64;
}

static void pack_chunks(void *context, size_t begin, size_t end, int thread)
{
    (void)thread;
    const struct packing *p = context;
    const size_t n = p->k->n, last = end * p->chunk < n ? end * p->chunk : n;
    (p->narrow ? pack_narrow : pack_wide)(p, begin * p->chunk, last);
}

/* ---- keys that were not packed whole ---- */

static void insert_run(const struct packing *p, size_t n, uint64_t *x)
{
    const uint64_t mask = ((uint64_t)1 << p->place_bits) - 1;
    int64_t keys[FEW];
    for (size_t i = 0; i < n; i++) {
        const uint64_t v = x[i];
        const int64_t key = (int64_t)key_at(p->k, v & mask);
        size_t j = i;
        for (; j > 0 && key < keys[j - 1]; j--) {
            keys[j] = keys[j - 1];
            x[j] = x[j - 1];
        }
        keys[j] = key;
        x[j] = v;
    }
}

static bool is_sorted(const struct packing *p, size_t n, const uint64_t *x)
{
    const uint64_t mask = ((uint64_t)1 << p->place_bits) - 1;
    int64_t last = (int64_t)key_at(p->k, x[0] & mask);
    for (size_t i = 1; i < n; i++) {
        const int64_t key = (int64_t)key_at(p->k, x[i] & mask);
        if (key < last)
            return false;
        last = key;
    }
    return true;
}

static void sort_runs(const struct packing *p, size_t n, uint64_t *x, int dropped);

/* n places, ascending, of keys that differ in their low bits only. */
static void sort_run(const struct packing *p, size_t n, uint64_t *x, int low)
{
    if (n <= FEW) {
        insert_run(p, n, x);
        return;
    }
    if (is_sorted(p, n, x))
        return;
    const uint64_t mask = ((uint64_t)1 << p->place_bits) - 1, low_mask = ((uint64_t)1 << low) - 1;
    const int dropped = low + p->place_bits > 64 ? low + p->place_bits - 64 : 0;
    for (size_t i = 0; i < n; i++) {
        const uint64_t place = x[i] & mask, key = (key_at(p->k, place) - p->least) & low_mask;
        x[i] = (key >> dropped << p->place_bits | place) ^ SIGN_64;
    }
    kernel_sort(K_I64, n, x);
    if (dropped > 0)
        sort_runs(p, n, x, dropped);
}

static void sort_runs(const struct packing *p, size_t n, uint64_t *x, int dropped)
{
    for (size_t i = 0, m; i < n; i += m) {
        const uint64_t high = x[i] >> p->place_bits;
        for (m = 1; i + m < n && x[i + m] >> p->place_bits == high;)
            m++;
        if (m > 1)
            sort_run(p, m, x + i, dropped);
    }
}

static void run_starts(struct packing *p, size_t chunks)
{
    const size_t n = p->k->n;
    for (size_t c = 0; c < chunks; c++) {
        size_t at = c * p->chunk;
        if (c > 0 && p->starts[c - 1] > at)
            at = p->starts[c - 1];
        while (c > 0 && at < n && p->wide[at] >> p->place_bits == p->wide[at - 1] >> p->place_bits)
            at++;
        p->starts[c] = at;
    }
    p->starts[chunks] = n;
}

static void run_chunks(void *context, size_t begin, size_t end, int thread)
{
    (void)thread;
    const struct packing *p = context;
    for (size_t c = begin; c < end; c++)
        sort_runs(p, p->starts[c + 1] - p->starts[c], p->wide + p->starts[c], p->dropped);
}

static void unpack_chunks(void *context, size_t begin, size_t end, int thread)
{
    (void)thread;
    const struct packing *p = context;
    const uint64_t mask = ((uint64_t)1 << p->place_bits) - 1;
    const size_t n = p->k->n, last = end * p->chunk < n ? end * p->chunk : n;
    if (p->narrow)
        for (size_t i = begin * p->chunk; i < last; i++)
            p->wide[i] = p->packed[i] & mask;
    else
        for (size_t i = begin * p->chunk; i < last; i++)
            p->wide[i] &= mask;
}

/* ---- complex: pairs ---- */

static bool argsort_complex(const struct keys *k, bool descending, int64_t *places)
{
    size_t bytes;
    struct complex_place *pairs = size_mul(k->n, sizeof *pairs, &bytes) ? pool_get(bytes) : NULL;
    if (!pairs)
        return false;
    const int64_t turn = descending ? -1 : 1;
    for (size_t i = 0; i < k->n; i++) {
        double parts[2];
        float single[2];
        if (k->key == K_C64) {
            memcpy(single, k->at + i * sizeof single, sizeof single);
            parts[0] = single[0];
            parts[1] = single[1];
        } else {
            memcpy(parts, k->at + i * sizeof parts, sizeof parts);
        }
        pairs[i] = (struct complex_place){parts[0], parts[1], turn * (int64_t)i};
    }
    sort_complex_places(k->n, pairs);
    for (size_t i = 0; i < k->n; i++)
        places[i] = turn * pairs[descending ? k->n - 1 - i : i].place;
    pool_put(pairs, bytes);
    return true;
}

/* ---- whichever it is ---- */

static bool in_order(const struct keys *k)
{
    const int32_t *narrow = (const int32_t *)k->at;
    const int64_t *wide = (const int64_t *)k->at;
    size_t i = 1;
    if (k->key == K_I32)
        for (; i < k->n && narrow[i - 1] <= narrow[i];)
            i++;
    else
        for (; i < k->n && wide[i - 1] <= wide[i];)
            i++;
    return i == k->n;
}

static void turn_keys(const struct keys *k)
{
    int32_t *narrow = (int32_t *)k->at;
    int64_t *wide = (int64_t *)k->at;
    if (k->key == K_I32)
        for (size_t i = 0; i < k->n; i++)
            narrow[i] = ~narrow[i];
    else
        for (size_t i = 0; i < k->n; i++)
            wide[i] = ~wide[i];
}

static bool sort_packed(struct packing *p, size_t chunks)
{
    const size_t n = p->k->n, bytes = n * sizeof *p->packed;
    if (p->narrow && !(p->packed = pool_get(bytes)))
        return false;
    order_for(p->t, chunks, 1, pack_chunks, p);
    bool done;
    if (p->narrow)
        done = sort_in_place(p->t, K_I32, n, p->packed);
    else
        done = sort_in_place(p->t, K_I64, n, p->wide);
    if (done && p->dropped > 0) {
        run_starts(p, chunks);
        order_for(p->t, chunks, 1, run_chunks, p);
    }
    if (done)
        order_for(p->t, chunks, 1, unpack_chunks, p);
    if (p->narrow)
        pool_put(p->packed, bytes);
    return done;
}

bool argsort_keys(const team *t, const struct keys *k, bool descending, int64_t *places)
{
    if (k->n == 0)
        return true;
    if (k->key == K_C64 || k->key == K_C128)
        return argsort_complex(k, descending, places);
    if (descending)
        turn_keys(k);
    if (in_order(k)) {
        for (size_t i = 0; i < k->n; i++)
            places[i] = (int64_t)i;
        return true;
    }
    struct packing p = {.k = k, .t = t, .chunk = order_chunk(t, k->n), .wide = (uint64_t *)places};
    const size_t chunks = (k->n + p.chunk - 1) / p.chunk, bytes = (3 * chunks + 1) * sizeof(int64_t);
    int64_t few[4];
    p.extremes = chunks == 1 ? few : pool_get(bytes);
    if (!p.extremes)
        return false;
    p.starts = (size_t *)(p.extremes + 2 * chunks);
    order_for(t, chunks, 1, find_extremes, &p);
    choose_packing(&p, chunks);
    const bool done = sort_packed(&p, chunks);
    if (chunks > 1)
        pool_put(p.extremes, bytes);
    return done;
}
