/* Counting, and finding places among sorted elements. */

#include "level.h"
#include <string.h>
#if SHEAF_LEVEL == 2
#include <immintrin.h>
#endif

#if SHEAF_LEVEL == 2
/* first + the lanes set, to starts. */
static inline void store_places(unsigned set, int64_t first, int64_t *starts)
{
    const __m512i lanes = _mm512_add_epi64(_mm512_setr_epi64(0, 1, 2, 3, 4, 5, 6, 7), _mm512_set1_epi64(first));
    for (int64_t base = 0; set; base += 8, set >>= 8) {
        const __m512i at = _mm512_add_epi64(lanes, _mm512_set1_epi64(base));
        const unsigned count = (unsigned)__builtin_popcount(set & 255);
        _mm512_mask_storeu_epi64(starts, (__mmask8)((1u << count) - 1), _mm512_maskz_compress_epi64((__mmask8)set, at));
        starts += count;
    }
}
#endif

/* Queries that take their steps together: each waits for memory on its own. */
#define QUERIES 16

#define T uint8_t
#define NAME(x) x##_bool
#define DTYPE K_BOOL
#include "tally_search_body.inc"
#define T int8_t
#define NAME(x) x##_i8
#define DTYPE K_I8
#include "tally_search_body.inc"
#define T int16_t
#define NAME(x) x##_i16
#define DTYPE K_I16
#include "tally_search_body.inc"
#define T int32_t
#define NAME(x) x##_i32
#define DTYPE K_I32
#if SHEAF_LEVEL == 2
#define LANES 16
#define V __m512i
#define MASK __mmask16
#define OP(x) _mm512_##x##_epi32
#define DIFFERS _mm512_cmpneq_epi32_mask
#define SHIFTED(v, last) _mm512_alignr_epi32(v, _mm512_set1_epi32((int32_t)(last)), 15)
#endif
#include "tally_search_body.inc"
#define T int64_t
#define NAME(x) x##_i64
#define DTYPE K_I64
#if SHEAF_LEVEL == 2
#define LANES 8
#define V __m512i
#define MASK __mmask8
#define OP(x) _mm512_##x##_epi64
#define DIFFERS _mm512_cmpneq_epi64_mask
#define SHIFTED(v, last) _mm512_alignr_epi64(v, _mm512_set1_epi64((int64_t)(last)), 7)
#endif
#include "tally_search_body.inc"
#define T uint8_t
#define NAME(x) x##_u8
#define DTYPE K_U8
#include "tally_search_body.inc"
#define T uint16_t
#define NAME(x) x##_u16
#define DTYPE K_U16
#include "tally_search_body.inc"
#define T uint32_t
#define NAME(x) x##_u32
#define DTYPE K_U32
#if SHEAF_LEVEL == 2
#define LANES 16
#define V __m512i
#define MASK __mmask16
#define OP(x) _mm512_##x##_epi32
#define DIFFERS _mm512_cmpneq_epi32_mask
#define SHIFTED(v, last) _mm512_alignr_epi32(v, _mm512_set1_epi32((int32_t)(last)), 15)
#endif
#include "tally_search_body.inc"
#define T uint64_t
#define NAME(x) x##_u64
#define DTYPE K_U64
#if SHEAF_LEVEL == 2
#define LANES 8
#define V __m512i
#define MASK __mmask8
#define OP(x) _mm512_##x##_epi64
#define DIFFERS _mm512_cmpneq_epi64_mask
#define SHIFTED(v, last) _mm512_alignr_epi64(v, _mm512_set1_epi64((int64_t)(last)), 7)
#endif
#include "tally_search_body.inc"
#define T float
#define FLOAT
#define NAME(x) x##_f32
#define DTYPE K_F32
#if SHEAF_LEVEL == 2
#define LANES 16
#define V __m512
#define MASK __mmask16
#define OP(x) _mm512_##x##_ps
#define DIFFERS(a, b) _mm512_cmp_ps_mask(a, b, _CMP_NEQ_UQ)
#define SHIFTED(v, last) \
    _mm512_castsi512_ps(_mm512_alignr_epi32(_mm512_castps_si512(v), _mm512_castps_si512(_mm512_set1_ps(last)), 15))
#endif
#include "tally_search_body.inc"
#define T double
#define FLOAT
#define NAME(x) x##_f64
#define DTYPE K_F64
#if SHEAF_LEVEL == 2
#define LANES 8
#define V __m512d
#define MASK __mmask8
#define OP(x) _mm512_##x##_pd
#define DIFFERS(a, b) _mm512_cmp_pd_mask(a, b, _CMP_NEQ_UQ)
#define SHIFTED(v, last) \
    _mm512_castsi512_pd(_mm512_alignr_epi64(_mm512_castpd_si512(v), _mm512_castpd_si512(_mm512_set1_pd(last)), 7))
#endif
#include "tally_search_body.inc"
#define T float
#define NAME(x) x##_c64
#include "tally_complex_body.inc"
#define T double
#define NAME(x) x##_c128
#include "tally_complex_body.inc"

#define T float
#define BITS uint32_t
#define NAME(x) x##_f32
#define V __m512
#define INDEX __m512i
#define LANES 16
#define MASK __mmask16
#define OP(x) _mm512_##x##_ps
#define COMPARE _mm512_cmp_ps_mask
#define TRUNCATE _mm512_cvttps_epi32
#define WIDEN _mm512_cvtepi32_ps
#define CHOOSE _mm512_mask_blend_epi32
#define INDEX_SET _mm512_set1_epi32
#define INDEX_STORE _mm512_storeu_si512
#include "tally_bins_body.inc"
#define T double
#define BITS uint64_t
#define NAME(x) x##_f64
#define V __m512d
#define INDEX __m256i
#define LANES 8
#define MASK __mmask8
#define OP(x) _mm512_##x##_pd
#define COMPARE _mm512_cmp_pd_mask
#define TRUNCATE _mm512_cvttpd_epi32
#define WIDEN _mm512_cvtepi32_pd
#define CHOOSE _mm256_mask_blend_epi32
#define INDEX_SET _mm256_set1_epi32
#define INDEX_STORE(p, v) _mm256_storeu_si256((__m256i *)(p), v)
#include "tally_bins_body.inc"

#define T int32_t
#define NAME(x) x##_i32
#define DTYPE K_I32
#define V __m512i
#define LANES 16
#define MASK __mmask16
#define LOAD _mm512_loadu_si512
#define SET _mm512_set1_epi32
#define COMPARE _mm512_cmp_epi32_mask
#define KEEP _mm512_maskz_compress_epi32
#define STORE _mm512_storeu_si512
#define LT _MM_CMPINT_LT
#define EQ _MM_CMPINT_EQ
#define GT _MM_CMPINT_NLE
#include "tally_bracket_body.inc"
#define T int64_t
#define NAME(x) x##_i64
#define DTYPE K_I64
#define V __m512i
#define LANES 8
#define MASK __mmask8
#define LOAD _mm512_loadu_si512
#define SET _mm512_set1_epi64
#define COMPARE _mm512_cmp_epi64_mask
#define KEEP _mm512_maskz_compress_epi64
#define STORE _mm512_storeu_si512
#define LT _MM_CMPINT_LT
#define EQ _MM_CMPINT_EQ
#define GT _MM_CMPINT_NLE
#include "tally_bracket_body.inc"

/* One counter for each of eight neighbours, so that none waits for the one before when they are alike. */
static void count_apart(size_t n, const uint32_t *index, size_t stride, uint32_t *counts)
{
    size_t i = 0;
    for (; i + 8 <= n; i += 8) {
        counts[index[i]]++;
        counts[index[i + 1] + stride]++;
        counts[index[i + 2] + 2 * stride]++;
        counts[index[i + 3] + 3 * stride]++;
        counts[index[i + 4] + 4 * stride]++;
        counts[index[i + 5] + 5 * stride]++;
        counts[index[i + 6] + 6 * stride]++;
        counts[index[i + 7] + 7 * stride]++;
    }
    for (; i < n; i++)
        counts[index[i]]++;
}

static void count(size_t n, const uint32_t *index, size_t tables, size_t stride, uint32_t *counts)
{
    if (tables == KERNEL_TABLES) {
        count_apart(n, index, stride, counts);
        return;
    }
    for (size_t i = 0; i < n; i++)
        counts[index[i]]++;
}

static void add_weights(size_t n, const uint32_t *index, const double *weights, double *sums)
{
    for (size_t i = 0; i < n; i++)
        sums[index[i]] += weights[i];
}

#if SHEAF_LEVEL == 2
static size_t positions(size_t n, const uint8_t *truth, int64_t first, int64_t *y)
{
    const __m512i eight = _mm512_set1_epi64(8);
    size_t found = 0, i = 0;
    for (; i + 64 <= n; i += 64) {
        uint64_t set = _mm512_test_epi8_mask(_mm512_loadu_si512(truth + i), _mm512_loadu_si512(truth + i));
        __m512i at = _mm512_add_epi64(_mm512_setr_epi64(0, 1, 2, 3, 4, 5, 6, 7), _mm512_set1_epi64(first + (int64_t)i));
        /* y has room for whole vectors up to n, as no more is found than was looked at. */
        for (int part = 0; set && part < 8; part++, set >>= 8) {
            const __mmask8 m = (__mmask8)set;
            _mm512_storeu_si512(y + found, _mm512_maskz_compress_epi64(m, at));
            found += (size_t)__builtin_popcount(m);
            at = _mm512_add_epi64(at, eight);
        }
    }
    for (; i < n; i++) {
        if (truth[i])
            y[found++] = first + (int64_t)i;
    }
    return found;
}
#else
static size_t positions(size_t n, const uint8_t *truth, int64_t first, int64_t *y)
{
    size_t found = 0, i = 0;
    for (; i + 8 <= n; i += 8) {
        uint64_t eight;
        memcpy(&eight, truth + i, sizeof eight);
        if (eight == 0)
            continue;
        for (size_t j = i; j < i + 8; j++) {
            y[found] = first + (int64_t)j;
            found += truth[j] != 0;
        }
    }
    for (; i < n; i++) {
        y[found] = first + (int64_t)i;
        found += truth[i] != 0;
    }
    return found;
}
#endif

void LEVEL(fill_tally)(struct kernels *k)
{
    fill_bool(k);
    fill_i8(k);
    fill_i16(k);
    fill_i32(k);
    fill_i64(k);
    fill_u8(k);
    fill_u16(k);
    fill_u32(k);
    fill_u64(k);
    fill_f32(k);
    fill_f64(k);
    fill_bracket_i32(k);
    fill_bracket_i64(k);
    k->search[K_C64] = search_c64;
    k->search[K_C128] = search_c128;
    k->distinct[K_C64] = distinct_c64;
    k->distinct[K_C128] = distinct_c128;
    k->bins_f32 = bins_f32;
    k->bins_f64 = bins_f64;
    k->count = count;
    k->add_weights = add_weights;
    k->positions = positions;
}
