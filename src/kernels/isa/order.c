/* What selection is made of, for sorting keys. Of them, a side is a range with both ends. */

#include "level.h"
#if SHEAF_LEVEL == 2
#include <immintrin.h>
#endif

#define T int32_t
#define LESS(a, b) ((a) < (b))
#define IS(v, side, lo, hi) ((uint32_t)(v) - (uint32_t)(lo) <= (uint32_t)(hi) - (uint32_t)(lo))
#define NAME(x) x##_i32
#include "kernels/gap_partition_body.inc"
#include "kernels/order_body.inc"
#define T int64_t
#define LESS(a, b) ((a) < (b))
#define IS(v, side, lo, hi) ((uint64_t)(v) - (uint64_t)(lo) <= (uint64_t)(hi) - (uint64_t)(lo))
#define NAME(x) x##_i64
#include "kernels/gap_partition_body.inc"
#include "kernels/order_body.inc"

#if SHEAF_LEVEL == 2
/* Whole vectors are stored: out has room for as many elements as were read. */
static size_t compress_i64(enum side side, size_t n, const void *xv, const void *lo, const void *hi, void *outv)
{
    const int64_t *x = xv;
    int64_t *out = outv;
    const __m512i a = _mm512_set1_epi64(*(const int64_t *)lo), b = _mm512_set1_epi64(*(const int64_t *)hi);
    size_t m = 0, i = 0;
    for (; i + 8 <= n; i += 8) {
        const __m512i v = _mm512_loadu_si512(x + i);
        const __mmask8 in = _mm512_mask_cmple_epi64_mask(_mm512_cmpge_epi64_mask(v, a), v, b);
        _mm512_storeu_si512(out + m, _mm512_maskz_compress_epi64(in, v));
        m += (size_t)__builtin_popcount(in);
    }
    return m + collect_i64(side, n - i, x + i, lo, hi, out + m);
}

static size_t compress_i32(enum side side, size_t n, const void *xv, const void *lo, const void *hi, void *outv)
{
    const int32_t *x = xv;
    int32_t *out = outv;
    const __m512i a = _mm512_set1_epi32(*(const int32_t *)lo), b = _mm512_set1_epi32(*(const int32_t *)hi);
    size_t m = 0, i = 0;
    for (; i + 16 <= n; i += 16) {
        const __m512i v = _mm512_loadu_si512(x + i);
        const __mmask16 in = _mm512_mask_cmple_epi32_mask(_mm512_cmpge_epi32_mask(v, a), v, b);
        _mm512_storeu_si512(out + m, _mm512_maskz_compress_epi32(in, v));
        m += (size_t)__builtin_popcount(in);
    }
    return m + collect_i32(side, n - i, x + i, lo, hi, out + m);
}

static size_t compress_places_i64(enum side side, size_t n, const void *xv, const void *lo, const void *hi,
                                  int64_t first, int64_t *out)
{
    const int64_t *x = xv;
    const __m512i a = _mm512_set1_epi64(*(const int64_t *)lo), b = _mm512_set1_epi64(*(const int64_t *)hi);
    __m512i place = _mm512_add_epi64(_mm512_set1_epi64(first), _mm512_setr_epi64(0, 1, 2, 3, 4, 5, 6, 7));
    size_t m = 0, i = 0;
    for (; i + 8 <= n; i += 8) {
        const __m512i v = _mm512_loadu_si512(x + i);
        const __mmask8 in = _mm512_mask_cmple_epi64_mask(_mm512_cmpge_epi64_mask(v, a), v, b);
        _mm512_storeu_si512(out + m, _mm512_maskz_compress_epi64(in, place));
        place = _mm512_add_epi64(place, _mm512_set1_epi64(8));
        m += (size_t)__builtin_popcount(in);
    }
    return m + places_i64(side, n - i, x + i, lo, hi, first + (int64_t)i, out + m);
}

static size_t compress_places_i32(enum side side, size_t n, const void *xv, const void *lo, const void *hi,
                                  int64_t first, int64_t *out)
{
    const int32_t *x = xv;
    const __m256i a = _mm256_set1_epi32(*(const int32_t *)lo), b = _mm256_set1_epi32(*(const int32_t *)hi);
    __m512i place = _mm512_add_epi64(_mm512_set1_epi64(first), _mm512_setr_epi64(0, 1, 2, 3, 4, 5, 6, 7));
    size_t m = 0, i = 0;
    for (; i + 8 <= n; i += 8) {
        const __m256i v = _mm256_loadu_si256((const __m256i *)(x + i));
        const __mmask8 in = _mm256_mask_cmple_epi32_mask(_mm256_cmpge_epi32_mask(v, a), v, b);
        _mm512_storeu_si512(out + m, _mm512_maskz_compress_epi64(in, place));
        place = _mm512_add_epi64(place, _mm512_set1_epi64(8));
        m += (size_t)__builtin_popcount(in);
    }
    return m + places_i32(side, n - i, x + i, lo, hi, first + (int64_t)i, out + m);
}
#endif

void LEVEL(fill_order)(struct kernels *k)
{
    k->partition[K_I32] = partition_i32;
    k->partition[K_I64] = partition_i64;
    k->count_side[K_I32] = count_i32;
    k->count_side[K_I64] = count_i64;
#if SHEAF_LEVEL == 2
    k->collect[K_I32] = compress_i32;
    k->collect[K_I64] = compress_i64;
    k->places[K_I32] = compress_places_i32;
    k->places[K_I64] = compress_places_i64;
#else
    k->collect[K_I32] = collect_i32;
    k->collect[K_I64] = collect_i64;
    k->places[K_I32] = places_i32;
    k->places[K_I64] = places_i64;
#endif
}
