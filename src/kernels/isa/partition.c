/* Quicksort of 32 and 64-bit elements. vqsort of Highway 1.0 compresses straight to memory, which Zen 4 does in
 * microcode; and it asks the system for a random seed in every call. Here, vectors are partitioned by a permutation
 * from a table and stored whole at both ends, and networks sort what is short. */

#include "kernels/sort.h"
#include "level.h"

#if SHEAF_LEVEL == 2
#include <immintrin.h>
#include <string.h>

#ifdef __clang__
#define UNROLLED _Pragma("clang loop unroll(full)")
#else
#define UNROLLED _Pragma("GCC unroll 32")
#endif

/* Elements that a partition reads from one side at a time. */
#define STEP 32

/* p and q become low and high, made of the old p and q: a_ and b_. */
#define SHUFFLE(p, q, low, high)          \
    do {                                  \
        const __m512i a_ = (p), b_ = (q); \
        (p) = low;                        \
        (q) = high;                       \
    } while (0)

/* Of every set of lanes: first those in it, then the others. */
static unsigned char gather_below[256][8];

static void fill_gather(void)
{
    for (unsigned set = 0; set < 256; set++) {
        unsigned at = 0;
        for (unsigned pass = 0; pass < 2; pass++) {
            for (unsigned lane = 0; lane < 8; lane++) {
                if ((set >> lane & 1) != pass)
                    gather_below[set][at++] = (unsigned char)lane;
            }
        }
    }
}

#define T uint64_t
#define LANES 8
#define MASK __mmask8
#define OP(name) _mm512_##name##_epi64
#define NAME(name) name##_64
#define OP_LESS _mm512_cmplt_epi64_mask
#define OP_ABOVE _mm512_cmpgt_epu64_mask
#define EIGHT __m512i
#define EIGHT_LESS _mm512_cmplt_epi64_mask
#define EIGHT_SET(x) _mm512_set1_epi64((int64_t)(x))
#define EIGHT_LOAD _mm512_loadu_si512
#define EIGHT_STORE _mm512_storeu_si512
#define EIGHT_PERMUTE(lanes, v) _mm512_permutexvar_epi64(_mm512_cvtepu8_epi64(lanes), v)
#define SMALL 128
#define FRACTION 52
#define NOT_A_NUMBER 0x7ff8000000000000u
#include "partition_body.inc"

#define T uint32_t
#define LANES 16
#define MASK __mmask16
#define OP(name) _mm512_##name##_epi32
#define NAME(name) name##_32
#define OP_LESS _mm512_cmplt_epi32_mask
#define OP_ABOVE _mm512_cmpgt_epu32_mask
#define EIGHT __m256i
#define EIGHT_LESS _mm256_cmplt_epi32_mask
#define EIGHT_SET(x) _mm256_set1_epi32((int)(x))
#define EIGHT_LOAD(p) _mm256_loadu_si256((const __m256i *)(p))
#define EIGHT_STORE(p, v) _mm256_storeu_si256((__m256i *)(p), v)
#define EIGHT_PERMUTE(lanes, v) _mm256_permutevar8x32_epi32(v, _mm256_cvtepu8_epi32(lanes))
#define SMALL 256
#define FRACTION 23
#define NOT_A_NUMBER 0x7fc00000u
#include "partition_body.inc"
#endif

void LEVEL(fill_partition)(struct kernels *k)
{
#if SHEAF_LEVEL == 2
    fill_gather();
    k->sort[K_I64] = sort_signed_64;
    k->sort[K_U64] = sort_unsigned_64;
    k->sort[K_F64] = sort_float_64;
    k->sort[K_I32] = sort_signed_32;
    k->sort[K_U32] = sort_unsigned_32;
    k->sort[K_F32] = sort_float_32;
    partition_few_32 = k->partition[K_I32];
    partition_few_64 = k->partition[K_I64];
    k->partition[K_I32] = partition_keys_32;
    k->partition[K_I64] = partition_keys_64;
#else
    (void)k;
#endif
}
