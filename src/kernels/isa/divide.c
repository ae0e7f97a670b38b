/* Division with a whole quotient: floor_divide, mod and fmod, with NumPy's results. Remainders are exact, so every
 * way to them gives the same bits. */

#include "level.h"
#include <math.h>
#include <string.h>

/* Elements of a run that are judged together. */
#define RUN 128
/* Where fma is no instruction, the C library's fmod is the faster way. */
#if defined(__FP_FAST_FMA) && defined(__FP_FAST_FMAF)
#define FAST_FMA
#define FAR_ALL 0
#else
#define FAR_ALL 1
#endif

/* Up to NEAR the whole quotient is exact, and stays so in NumPy's formulas, whose own error is then below 1/2. */
#define T double
#define R(name) name
#define NAME(x) x##_f64
#define DTYPE K_F64
#define NEAR 0x1p+50
#include "divide_body.inc"

#define T float
#define R(name) name##f
#define NAME(x) x##_f32
#define DTYPE K_F32
#define NEAR 0x1p+21f
#include "divide_body.inc"

/* Granlund and Montgomery, Division by invariant integers using multiplication (1994), figure 4.1: with 2^l the least
 * power of two not below d, n / d is the upper half of n (2^64 + multiplier), shifted down l places; one of them apart,
 * as the sum has 65 bits. */
__extension__ typedef unsigned __int128 wider;

struct inverse {
    uint64_t multiplier;
    int shift; /* l - 1 */
};

/* The least number of elements that pays for the inverse. */
#define INVERSE_LEAST 32

/* Whether all n divisors are the same, as those of a scalar are. */
static int one_divisor(size_t n, const void *y, size_t size)
{
    return n >= INVERSE_LEAST && memcmp(y, (const char *)y + size, (n - 1) * size) == 0;
}

/* d is 2 or more. */
static struct inverse inverse_of(uint64_t d)
{
    int l = 1;
    while (l < 64 && (uint64_t)1 << l < d)
        l++;
    const uint64_t above = (l < 64 ? (uint64_t)1 << l : 0) - d;
    return (struct inverse){(uint64_t)(((wider)above << 64) / d + 1), l - 1};
}

static inline uint64_t times_inverse(uint64_t n, struct inverse inverse)
{
    const uint64_t t = (uint64_t)((wider)n * inverse.multiplier >> 64);
    return (t + (n - t) / 2) >> inverse.shift;
}

/* The quotient of integers of w bits is at least 2^-w of itself away from the next whole number, so that a quotient
 * of floats with more digits than that is never rounded up to it. */

#define T int8_t
#define U uint32_t
#define FLOAT float
#define Q int32_t
#define NEGATIVE(x) ((x) < 0)
#define NAME(x) x##_i8
#define DTYPE K_I8
#include "divide_integers_body.inc"

#define T int16_t
#define U uint32_t
#define FLOAT float
#define Q int32_t
#define NEGATIVE(x) ((x) < 0)
#define NAME(x) x##_i16
#define DTYPE K_I16
#include "divide_integers_body.inc"

#define T int32_t
#define U uint32_t
#define FLOAT double
#define Q int32_t
#define NEGATIVE(x) ((x) < 0)
#define NAME(x) x##_i32
#define DTYPE K_I32
#include "divide_integers_body.inc"

#define T uint8_t
#define U uint32_t
#define FLOAT float
#define Q int32_t
#define NEGATIVE(x) 0
#define NAME(x) x##_u8
#define DTYPE K_U8
#include "divide_integers_body.inc"

#define T uint16_t
#define U uint32_t
#define FLOAT float
#define Q int32_t
#define NEGATIVE(x) 0
#define NAME(x) x##_u16
#define DTYPE K_U16
#include "divide_integers_body.inc"

#define T uint32_t
#define U uint32_t
#define FLOAT double
#define Q uint32_t
#define NEGATIVE(x) 0
#define NAME(x) x##_u32
#define DTYPE K_U32
#include "divide_integers_body.inc"

/* 64 bits are too many for floats. */
#define T int64_t
#define U uint64_t
#define NEGATIVE(x) ((x) < 0)
#define NAME(x) x##_i64
#define DTYPE K_I64
#include "divide_integers_body.inc"

#define T uint64_t
#define U uint64_t
#define NEGATIVE(x) 0
#define NAME(x) x##_u64
#define DTYPE K_U64
#include "divide_integers_body.inc"

void LEVEL(fill_divide)(struct kernels *k)
{
    fill_f64(k);
    fill_f32(k);
    fill_i8(k);
    fill_i16(k);
    fill_i32(k);
    fill_i64(k);
    fill_u8(k);
    fill_u16(k);
    fill_u32(k);
    fill_u64(k);
}
