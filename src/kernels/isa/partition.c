/* The step of quicksort for 32-bit elements. vqsort of Highway 1.0 compresses straight to memory, which Zen 4 does in
 * microcode; compressing in a register and storing that is several times faster there, and no slower elsewhere. */

#include "level.h"

#if SHEAF_LEVEL == 2
#include <immintrin.h>

struct ends {
    uint32_t *left, *right; /* free space lies between what is written on both sides */
};

/* Send the valid elements of v to the two sides. */
static inline struct ends part(__m512i v, __mmask16 valid, __m512i pivot, __m512i flip, struct ends e)
{
    const __mmask16 below = _mm512_mask_cmplt_epi32_mask(valid, _mm512_xor_si512(v, flip), pivot);
    const __mmask16 other = (__mmask16)(valid & ~below);
    const unsigned low = (unsigned)__builtin_popcount(below), high = (unsigned)__builtin_popcount(other);
    e.right -= high;
    _mm512_mask_storeu_epi32(e.left, (__mmask16)((1u << low) - 1), _mm512_maskz_compress_epi32(below, v));
    _mm512_mask_storeu_epi32(e.right, (__mmask16)((1u << high) - 1), _mm512_maskz_compress_epi32(other, v));
    e.left += low;
    return e;
}

/* The first and the last vector are kept aside, so that there is room for a whole vector on either side when the next
 * is read from the side with less. */
static size_t partition_32(size_t n, uint32_t *x, uint32_t pivot, uint32_t flip)
{
    const __m512i bits = _mm512_set1_epi32((int)flip), p = _mm512_set1_epi32((int)(pivot ^ flip));
    const __m512i first = _mm512_loadu_si512(x), last = _mm512_loadu_si512(x + n - 16);
    const uint32_t *left = x + 16, *right = x + n - 16;
    struct ends e = {x, x + n};
    while (right - left >= 16) {
        __m512i v;
        if (left - e.left <= e.right - right) {
            v = _mm512_loadu_si512(left);
            left += 16;
        } else {
            right -= 16;
            v = _mm512_loadu_si512(right);
        }
        e = part(v, 0xffff, p, bits, e);
    }
    const __mmask16 rest = (__mmask16)((1u << (right - left)) - 1);
    e = part(_mm512_maskz_loadu_epi32(rest, left), rest, p, bits, e);
    e = part(first, 0xffff, p, bits, e);
    e = part(last, 0xffff, p, bits, e);
    return (size_t)(e.left - x);
}
#endif

void LEVEL(fill_partition)(struct kernels *k)
{
#if SHEAF_LEVEL == 2
    k->partition_32 = partition_32;
#else
    (void)k;
#endif
}
