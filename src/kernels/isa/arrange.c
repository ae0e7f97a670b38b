/* Elements in another order: reversed, repeated, taken from places, or only those chosen. */

#include "level.h"
#include <string.h>
#if SHEAF_LEVEL > 0
#include <immintrin.h>
#endif

#define PASTE(a, b) a##b
#define JOIN(a, b) PASTE(a, b)

/* ---- reversing a vector, by the width of its elements ---- */

#if SHEAF_LEVEL == 1
#define VECTOR __m256i
#define LOAD(p) _mm256_loadu_si256((const __m256i *)(const void *)(p))
#define STORE(p, v) _mm256_storeu_si256((__m256i *)(void *)(p), v)
static inline __m256i swap_16(__m256i v)
{
    return _mm256_permute2x128_si256(v, v, 1);
}
static inline __m256i swap_1(__m256i v)
{
    const __m128i order = _mm_set_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    return swap_16(_mm256_shuffle_epi8(v, _mm256_broadcastsi128_si256(order)));
}
static inline __m256i swap_2(__m256i v)
{
    const __m128i order = _mm_set_epi8(1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14);
    return swap_16(_mm256_shuffle_epi8(v, _mm256_broadcastsi128_si256(order)));
}
static inline __m256i swap_4(__m256i v)
{
    return _mm256_permutevar8x32_epi32(v, _mm256_set_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}
static inline __m256i swap_8(__m256i v)
{
    return _mm256_permute4x64_epi64(v, 0x1b);
}
#elif SHEAF_LEVEL == 2
#define VECTOR __m512i
#define LOAD(p) _mm512_loadu_si512(p)
#define STORE(p, v) _mm512_storeu_si512(p, v)
static inline __m512i swap_16(__m512i v)
{
    return _mm512_shuffle_i64x2(v, v, 0x1b);
}
static inline __m512i swap_1(__m512i v)
{
    const __m128i order = _mm_set_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    return swap_16(_mm512_shuffle_epi8(v, _mm512_broadcast_i32x4(order)));
}
static inline __m512i swap_2(__m512i v)
{
    const __m128i order = _mm_set_epi8(1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14);
    return swap_16(_mm512_shuffle_epi8(v, _mm512_broadcast_i32x4(order)));
}
static inline __m512i swap_4(__m512i v)
{
    return _mm512_permutexvar_epi32(_mm512_set_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15), v);
}
static inline __m512i swap_8(__m512i v)
{
    return _mm512_permutexvar_epi64(_mm512_set_epi64(0, 1, 2, 3, 4, 5, 6, 7), v);
}
#endif

struct pair {
    uint64_t part[2];
};

#define T uint8_t
#define SIZE 1
#include "arrange_body.inc"
#define T uint16_t
#define SIZE 2
#include "arrange_body.inc"
#define T uint32_t
#define SIZE 4
#include "arrange_body.inc"
#define T uint64_t
#define SIZE 8
#include "arrange_body.inc"
#define T struct pair
#define SIZE 16
#include "arrange_body.inc"

/* ---- what is chosen ---- */

#if SHEAF_LEVEL == 2
/* 16 truths as a mask. */
static inline __mmask16 chosen_16(const bool *chosen)
{
    const __m128i truths = _mm_loadu_si128((const __m128i *)(const void *)chosen);
    return _mm_test_epi8_mask(truths, truths);
}

/* Compressed in a register and stored under a mask: compressing stores are slow on Zen 4. */
static size_t pack_4_wide(size_t n, const bool *chosen, const void *x, void *y)
{
    const uint32_t *from = x;
    uint32_t *to = y;
    size_t i = 0;
    for (; i + 16 <= n; i += 16) {
        __mmask16 mask = chosen_16(chosen + i);
        unsigned count = (unsigned)__builtin_popcount(mask);
        _mm512_mask_storeu_epi32(to, (__mmask16)((1u << count) - 1),
                                 _mm512_maskz_compress_epi32(mask, _mm512_loadu_si512(from + i)));
        to += count;
    }
    to += pack_4(n - i, chosen + i, from + i, to);
    return (size_t)(to - (uint32_t *)y);
}

static size_t pack_8_wide(size_t n, const bool *chosen, const void *x, void *y)
{
    const uint64_t *from = x;
    uint64_t *to = y;
    size_t i = 0;
    for (; i + 16 <= n; i += 16) {
        __mmask16 mask = chosen_16(chosen + i);
        for (int half = 0; half < 2; half++) {
            __mmask8 m = (__mmask8)(mask >> 8 * half);
            unsigned count = (unsigned)__builtin_popcount(m);
            _mm512_mask_storeu_epi64(to, (__mmask8)((1u << count) - 1),
                                     _mm512_maskz_compress_epi64(m, _mm512_loadu_si512(from + i + 8 * half)));
            to += count;
        }
    }
    to += pack_8(n - i, chosen + i, from + i, to);
    return (size_t)(to - (uint64_t *)y);
}

/* Widened to 32 bits, for which every such processor compresses. */
static size_t pack_1_wide(size_t n, const bool *chosen, const void *x, void *y)
{
    const uint8_t *from = x;
    uint8_t *to = y;
    size_t i = 0;
    for (; i + 16 <= n; i += 16) {
        __mmask16 mask = chosen_16(chosen + i);
        unsigned count = (unsigned)__builtin_popcount(mask);
        __m512i wide = _mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)(const void *)(from + i)));
        _mm_mask_storeu_epi8(to, (__mmask16)((1u << count) - 1),
                             _mm512_cvtepi32_epi8(_mm512_maskz_compress_epi32(mask, wide)));
        to += count;
    }
    to += pack_1(n - i, chosen + i, from + i, to);
    return (size_t)(to - (uint8_t *)y);
}

static size_t pack_2_wide(size_t n, const bool *chosen, const void *x, void *y)
{
    const uint16_t *from = x;
    uint16_t *to = y;
    size_t i = 0;
    for (; i + 16 <= n; i += 16) {
        __mmask16 mask = chosen_16(chosen + i);
        unsigned count = (unsigned)__builtin_popcount(mask);
        __m512i wide = _mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i *)(const void *)(from + i)));
        _mm256_mask_storeu_epi16(to, (__mmask16)((1u << count) - 1),
                                 _mm512_cvtepi32_epi16(_mm512_maskz_compress_epi32(mask, wide)));
        to += count;
    }
    to += pack_2(n - i, chosen + i, from + i, to);
    return (size_t)(to - (uint16_t *)y);
}
#endif

void LEVEL(fill_arrange)(struct kernels *k)
{
#define FILL(name)               \
    k->name[0] = JOIN(name, _1); \
    k->name[1] = JOIN(name, _2); \
    k->name[2] = JOIN(name, _4); \
    k->name[3] = JOIN(name, _8); \
    k->name[4] = JOIN(name, _16);
    FILL(reverse)
    FILL(repeat)
    FILL(take)
    FILL(pack)
#if SHEAF_LEVEL == 2
    k->pack[0] = pack_1_wide;
    k->pack[1] = pack_2_wide;
    k->pack[2] = pack_4_wide;
    k->pack[3] = pack_8_wide;
#endif
}
