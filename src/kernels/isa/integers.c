/* Integer and boolean kernels. Overflow wraps: all arithmetic is done unsigned. */

#include "level.h"
#include <string.h>

#define T int8_t
#define U uint32_t
#define PART int32_t
#define WIDE int64_t
#define NEGATIVE(x) ((x) < 0)
#define COUNT uint16_t
#define NAME(x) x##_i8
#define DTYPE K_I8
#include "integers_body.inc"

#define T int16_t
#define U uint32_t
#define PART int32_t
#define WIDE int64_t
#define NEGATIVE(x) ((x) < 0)
#define COUNT uint16_t
#define NAME(x) x##_i16
#define DTYPE K_I16
#include "integers_body.inc"

#define T int32_t
#define U uint32_t
#define PART int64_t
#define WIDE int64_t
#define NEGATIVE(x) ((x) < 0)
#define COUNT uint32_t
#define NAME(x) x##_i32
#define DTYPE K_I32
#include "integers_body.inc"

#define T int64_t
#define U uint64_t
#define PART int64_t
#define WIDE int64_t
#define NEGATIVE(x) ((x) < 0)
#define COUNT uint64_t
#define NAME(x) x##_i64
#define DTYPE K_I64
#include "integers_body.inc"

#define T uint8_t
#define U uint32_t
#define PART uint32_t
#define WIDE uint64_t
#define NEGATIVE(x) 0
#define COUNT uint16_t
#define NAME(x) x##_u8
#define DTYPE K_U8
#include "integers_body.inc"

#define T uint16_t
#define U uint32_t
#define PART uint32_t
#define WIDE uint64_t
#define NEGATIVE(x) 0
#define COUNT uint16_t
#define NAME(x) x##_u16
#define DTYPE K_U16
#include "integers_body.inc"

#define T uint32_t
#define U uint32_t
#define PART uint64_t
#define WIDE uint64_t
#define NEGATIVE(x) 0
#define COUNT uint32_t
#define NAME(x) x##_u32
#define DTYPE K_U32
#include "integers_body.inc"

#define T uint64_t
#define U uint64_t
#define PART uint64_t
#define WIDE uint64_t
#define NEGATIVE(x) 0
#define COUNT uint64_t
#define NAME(x) x##_u64
#define DTYPE K_U64
#include "integers_body.inc"

static void copy_bool(size_t n, const void *xv, void *yv)
{
    const uint8_t *x = xv;
    uint8_t *y = yv;
#pragma omp simd
    for (size_t i = 0; i < n; i++)
        y[i] = x[i] != 0;
}

static void or_bool(size_t n, const void *xv, const void *yv, void *zv)
{
    const uint8_t *x = xv, *y = yv;
    uint8_t *z = zv;
#pragma omp simd
    for (size_t i = 0; i < n; i++)
        z[i] = (x[i] | y[i]) != 0;
}

static void and_bool(size_t n, const void *xv, const void *yv, void *zv)
{
    const uint8_t *x = xv, *y = yv;
    uint8_t *z = zv;
#pragma omp simd
    for (size_t i = 0; i < n; i++)
        z[i] = (x[i] != 0) & (y[i] != 0);
}

static uint64_t sum_bool(size_t n, const void *x)
{
    return count_nonzero_u8(n, x);
}

static void minmax_bool(size_t n, const void *x, void *min, void *max)
{
    size_t ones = count_nonzero_u8(n, x);
    *(uint8_t *)min = ones == n;
    *(uint8_t *)max = ones > 0;
}

static void fill_bool(struct kernels *k)
{
    k->unary[K_abs][K_BOOL] = copy_bool;
    k->unary[K_square][K_BOOL] = copy_bool;
    k->binary[K_add][K_BOOL] = or_bool;
    k->binary[K_mul][K_BOOL] = and_bool;
    k->binary[K_minimum][K_BOOL] = and_bool;
    k->binary[K_maximum][K_BOOL] = or_bool;
    k->sum_int[K_BOOL] = sum_bool;
    k->minmax[K_BOOL] = minmax_bool;
    k->count_nonzero[K_BOOL] = count_nonzero_u8;
}

void LEVEL(fill_integers)(struct kernels *k)
{
    fill_i8(k);
    fill_i16(k);
    fill_i32(k);
    fill_i64(k);
    fill_u8(k);
    fill_u16(k);
    fill_u32(k);
    fill_u64(k);
    fill_bool(k);
}
