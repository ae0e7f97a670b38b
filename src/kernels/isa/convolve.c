/* Weighted sums of neighbours: convolutions, correlations and stencils.
 *
 * Lanes hold neighbouring results, each of which takes its terms in one order, so that every level, and both ways to go
 * about it, give the same bits. */

#include "floats.h"
#include "level.h"
#include <string.h>

#define VBYTES (8 * VD)

/* Vectors of sums that are kept at a time: enough to hide the latency of the additions, with registers left for the
 * rest. Rows whose numbers are laid out for it, at every lane's own place, allow more: what they load is aligned. */
#define STRIP 8
#define LONG_STRIP 12
/* Bytes from the first number of a strip to what is fetched meanwhile. */
#define AHEAD 4096
/* Results of a lane, and taps of a row, that are laid out at a time. */
#define LONG_MOST (21 * LONG_STRIP)
#define LONG_TAPS 512
/* Below so many taps, or results of a lane, laying out costs more than it saves. */
#define LONG_LEAST_TAPS (SHEAF_LEVEL == 1 ? 32 : 20)
#define LONG_LEAST (2 * LONG_STRIP)

/* The elements of two vectors in turn: those of their first halves, and of their second. AVX2 has this within 16 bytes,
 * and brings the halves together in the end. */
#define SHUFFLE __builtin_shufflevector
#if SHEAF_LEVEL == 0
#define LOW_f64(a, b) SHUFFLE(a, b, 0, 2)
#define HIGH_f64(a, b) SHUFFLE(a, b, 1, 3)
#define LOW_f32(a, b) SHUFFLE(a, b, 0, 4, 1, 5)
#define HIGH_f32(a, b) SHUFFLE(a, b, 2, 6, 3, 7)
#elif SHEAF_LEVEL == 1
#define LOW_f64(a, b) SHUFFLE(a, b, 0, 4, 2, 6)
#define HIGH_f64(a, b) SHUFFLE(a, b, 1, 5, 3, 7)
#define LOW_f32(a, b) SHUFFLE(a, b, 0, 8, 1, 9, 4, 12, 5, 13)
#define HIGH_f32(a, b) SHUFFLE(a, b, 2, 10, 3, 11, 6, 14, 7, 15)
#define HALVES(a, b, which) ((VECTOR)_mm256_permute2f128_pd((vd)(a), (vd)(b), which))
#else
#define LOW_f64(a, b) SHUFFLE(a, b, 0, 8, 1, 9, 2, 10, 3, 11)
#define HIGH_f64(a, b) SHUFFLE(a, b, 4, 12, 5, 13, 6, 14, 7, 15)
#define LOW_f32(a, b) SHUFFLE(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
#define HIGH_f32(a, b) SHUFFLE(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)
#endif

#define T double
#define VECTOR vd
#define NAME(x) x##_f64
#define LOAD vd_load
#define LOAD_PART vd_load_part
#define STORE vd_store
#define SET vd_set
#define LOW LOW_f64
#define HIGH HIGH_f64
#define ADD_PRODUCT(sum, x, tap) vd_fma(x, tap, sum)
#define NO_MINUS(sum) ((sum) + vd_set(0.0))
#include "convolve_body.inc"
#include "convolve_long_body.inc"

#define T float
#define VECTOR vf
#define NAME(x) x##_f32
#define LOAD vf_load
#define LOAD_PART vf_load_part
#define STORE vf_store
#define SET vf_set
#define LOW LOW_f32
#define HIGH HIGH_f32
#define ADD_PRODUCT(sum, x, tap) vf_fma(x, tap, sum)
#define NO_MINUS(sum) ((sum) + vf_set(0.0F))
#include "convolve_body.inc"
#include "convolve_long_body.inc"

/* Integers, signed ones too: modulo 2^bits. */
#define ADD_INTEGERS(sum, x, tap) ((sum) + (x) * (tap))
#define T uint8_t
#define NAME(x) x##_u8
#define ADD_PRODUCT ADD_INTEGERS
#include "convolve_integers.inc"
#define T uint16_t
#define NAME(x) x##_u16
#define ADD_PRODUCT ADD_INTEGERS
#include "convolve_integers.inc"
#define T uint32_t
#define NAME(x) x##_u32
#define ADD_PRODUCT ADD_INTEGERS
#include "convolve_integers.inc"
#define T uint64_t
#define NAME(x) x##_u64
#define ADD_PRODUCT ADD_INTEGERS
#include "convolve_integers.inc"
/* Whether any pair is true. A boolean is true whatever bits say so; taps are all ones or 0. */
#define T uint8_t
#define NAME(x) x##_bool
#define ADD_PRODUCT(sum, x, tap) ((sum) | ((x) & (tap)))
#include "convolve_integers.inc"

void LEVEL(fill_convolve)(struct kernels *k)
{
    k->convolve[K_BOOL] = kernel_bool;
    k->convolve[K_I8] = k->convolve[K_U8] = kernel_u8;
    k->convolve[K_I16] = k->convolve[K_U16] = kernel_u16;
    k->convolve[K_I32] = k->convolve[K_U32] = kernel_u32;
    k->convolve[K_I64] = k->convolve[K_U64] = kernel_u64;
    k->convolve[K_F32] = k->convolve[K_C64] = kernel_f32;
    k->convolve[K_F64] = k->convolve[K_C128] = kernel_f64;
    k->convolve_join[K_C64] = join_f32;
    k->convolve_join[K_C128] = join_f64;
}
