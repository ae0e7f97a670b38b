/* Partition and selection of keys, by what the level has for them. */

#include "kernels/sort.h"
#include <string.h>

#define WIDEST 16  /* bytes of a key */
#define FEW 64     /* elements that selection sorts */
#define SAMPLE 128 /* elements that its pivot comes from */
#define LONG 4096  /* elements from which a sample pays */
#define DISTANCE 8 /* of the pivot from the place looked for, in the sorted sample */

enum kdtype kernel_key_source(enum kdtype dtype)
{
    switch (dtype) {
    case K_BOOL:
    case K_I8:
    case K_I16:
    case K_U8:
    case K_U16:
        return K_I32;
    case K_F16:
        return K_F32;
    default:
        return dtype;
    }
}

enum kdtype kernel_key(enum kdtype dtype)
{
    switch (kernel_key_source(dtype)) {
    case K_I32:
    case K_U32:
    case K_F32:
        return K_I32;
    case K_C64:
        return K_C64;
    case K_C128:
        return K_C128;
    default:
        return K_I64;
    }
}

static size_t key_size(enum kdtype key)
{
    return key == K_I32 ? 4 : key == K_C128 ? 16 : 8;
}

static bool is_complex(enum kdtype key)
{
    return key == K_C64 || key == K_C128;
}

/* The key after *v of integer keys to *next; false when *v is the last there is. */
static bool key_after(enum kdtype key, const void *v, void *next)
{
    if (key == K_I32) {
        int32_t k;
        memcpy(&k, v, sizeof k);
        const bool more = k < INT32_MAX;
        k += more;
        memcpy(next, &k, sizeof k);
        return more;
    }
    int64_t k;
    memcpy(&k, v, sizeof k);
    const bool more = k < INT64_MAX;
    k += more;
    memcpy(next, &k, sizeof k);
    return more;
}

static bool key_before(enum kdtype key, const void *v, void *last)
{
    if (key == K_I32) {
        int32_t k;
        memcpy(&k, v, sizeof k);
        const bool more = k > INT32_MIN;
        k -= more;
        memcpy(last, &k, sizeof k);
        return more;
    }
    int64_t k;
    memcpy(&k, v, sizeof k);
    const bool more = k > INT64_MIN;
    k -= more;
    memcpy(last, &k, sizeof k);
    return more;
}

/* What equals the pivot, of complex ones, is brought forward from behind it. */
static size_t bring_equal(enum kdtype key, size_t n, char *x, const void *pivot)
{
    const size_t size = key_size(key);
    size_t m = 0;
    for (size_t i = 0; i < n; i++) {
        if (complex_compare(key, x + i * size, pivot) == 0) {
            char t[WIDEST];
            memcpy(t, x + m * size, size);
            memcpy(x + m++ * size, x + i * size, size);
            memcpy(x + i * size, t, size);
        }
    }
    return m;
}

size_t kernel_partition(enum kdtype key, size_t n, void *x, const void *pivot, bool with_equal)
{
    if (is_complex(key)) {
        const size_t below = partition_complex(key, n, x, pivot);
        return with_equal ? below + bring_equal(key, n - below, (char *)x + below * key_size(key), pivot) : below;
    }
    int64_t next;
    if (with_equal && !key_after(key, pivot, &next))
        return n;
    return kernels()->partition[key](n, x, with_equal ? &next : pivot);
}

/* The ends of a side of integer keys; false when nothing can be on it. */
static bool side_ends(enum kdtype key, enum side side, const void *lo, const void *hi, int64_t ends[2])
{
    const int32_t least = INT32_MIN, most = INT32_MAX;
    ends[0] = INT64_MIN, ends[1] = INT64_MAX;
    if (key == K_I32) {
        memcpy(&ends[0], &least, sizeof least);
        memcpy(&ends[1], &most, sizeof most);
    }
    if (side == SIDE_BELOW)
        return key_before(key, lo, &ends[1]);
    if (side == SIDE_ABOVE)
        return key_after(key, hi, &ends[0]);
    const size_t size = key == K_I32 ? sizeof least : sizeof *ends;
    memcpy(&ends[0], lo, size);
    memcpy(&ends[1], hi, size);
    return kernel_compare(key, lo, hi) <= 0;
}

size_t kernel_count(enum kdtype key, enum side side, size_t n, const void *x, const void *lo, const void *hi)
{
    int64_t ends[2];
    if (is_complex(key))
        return complex_count(key)(side, n, x, side == SIDE_ABOVE ? hi : lo, side == SIDE_BELOW ? lo : hi);
    return side_ends(key, side, lo, hi, ends) ? kernels()->count_side[key](side, n, x, &ends[0], &ends[1]) : 0;
}

size_t kernel_collect(enum kdtype key, enum side side, size_t n, const void *x, const void *lo, const void *hi,
                      void *out)
{
    int64_t ends[2];
    if (is_complex(key))
        return complex_collect(key)(side, n, x, side == SIDE_ABOVE ? hi : lo, side == SIDE_BELOW ? lo : hi, out);
    return side_ends(key, side, lo, hi, ends) ? kernels()->collect[key](side, n, x, &ends[0], &ends[1], out) : 0;
}

size_t kernel_places(enum kdtype key, enum side side, size_t n, const void *x, const void *lo, const void *hi,
                     int64_t first, int64_t *places)
{
    int64_t ends[2];
    if (is_complex(key))
        return complex_places(key)(side, n, x, side == SIDE_ABOVE ? hi : lo, side == SIDE_BELOW ? lo : hi, first,
                                   places);
    return side_ends(key, side, lo, hi, ends) ? kernels()->places[key](side, n, x, &ends[0], &ends[1], first, places)
                                              : 0;
}

int kernel_compare(enum kdtype key, const void *a, const void *b)
{
    if (is_complex(key))
        return complex_compare(key, a, b);
    if (key == K_I32) {
        int32_t p, q;
        memcpy(&p, a, sizeof p);
        memcpy(&q, b, sizeof q);
        return (p > q) - (p < q);
    }
    int64_t p, q;
    memcpy(&p, a, sizeof p);
    memcpy(&q, b, sizeof q);
    return (p > q) - (p < q);
}

/* ---- selection ---- */

/* A pivot that is likely to leave place k in the shorter part: from a sorted sample, a little beyond k's place towards
 * the middle. */
static void choose_pivot(enum kdtype key, size_t n, const char *x, size_t k, void *pivot)
{
    const size_t size = key_size(key), taken = n < LONG ? 9 : SAMPLE, aside = n < LONG ? 0 : DISTANCE;
    char sample[SAMPLE * WIDEST];
    for (size_t i = 0; i < taken; i++)
        memcpy(sample + i * size, x + ((n - 1) / taken * i + (n - 1) % taken * i / taken) * size, size);
    kernel_sort(key, taken, sample);
    size_t at = (size_t)((double)k / (double)n * (double)taken);
    if (2 * k < n)
        at = at + aside < taken ? at + aside : taken - 1;
    else
        at = at > aside ? at - aside : 0;
    memcpy(pivot, sample + at * size, size);
}

static void select_key(enum kdtype key, size_t n, char *x, size_t k)
{
    const size_t size = key_size(key);
    int64_t pivot[2];
    for (int steps = 2 * (64 - __builtin_clzll(n | 1)); n > FEW && steps > 0; steps--) {
        choose_pivot(key, n, x, k, pivot);
        size_t below = kernel_partition(key, n, x, pivot, false);
        if (below == 0) { /* the least there is: its copies come first */
            below = kernel_partition(key, n, x, pivot, true);
            if (k < below)
                return;
        }
        if (k < below) {
            n = below;
        } else {
            x += below * size;
            n -= below;
            k -= below;
        }
    }
    kernel_sort(key, n, x);
}

void kernel_select(enum kdtype dtype, size_t n, void *x, size_t k)
{
    const struct kernels *t = kernels();
    if (n <= 1)
        return;
    if (kernel_key_source(dtype) != dtype) { /* of 8 and 16 bits */
        kernel_sort(dtype, n, x);
        return;
    }
    if (t->to_keys[dtype])
        t->to_keys[dtype](n, x);
    select_key(kernel_key(dtype), n, x, k);
    if (t->from_keys[dtype])
        t->from_keys[dtype](n, x);
}
