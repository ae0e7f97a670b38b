/* Bits: and, or, not, shifts; and the truths of bool, where any byte but 0 is true. */

#include "level.h"

#define T int8_t
#define U uint8_t
#define NEGATIVE(x) ((x) < 0)
#define NAME(x) x##_i8
#define DTYPE K_I8
#include "bits_body.inc"

#define T int16_t
#define U uint16_t
#define NEGATIVE(x) ((x) < 0)
#define NAME(x) x##_i16
#define DTYPE K_I16
#include "bits_body.inc"

#define T int32_t
#define U uint32_t
#define NEGATIVE(x) ((x) < 0)
#define NAME(x) x##_i32
#define DTYPE K_I32
#include "bits_body.inc"

#define T int64_t
#define U uint64_t
#define NEGATIVE(x) ((x) < 0)
#define NAME(x) x##_i64
#define DTYPE K_I64
#include "bits_body.inc"

#define T uint8_t
#define U uint8_t
#define NEGATIVE(x) 0
#define NAME(x) x##_u8
#define DTYPE K_U8
#include "bits_body.inc"

#define T uint16_t
#define U uint16_t
#define NEGATIVE(x) 0
#define NAME(x) x##_u16
#define DTYPE K_U16
#include "bits_body.inc"

#define T uint32_t
#define U uint32_t
#define NEGATIVE(x) 0
#define NAME(x) x##_u32
#define DTYPE K_U32
#include "bits_body.inc"

#define T uint64_t
#define U uint64_t
#define NEGATIVE(x) 0
#define NAME(x) x##_u64
#define DTYPE K_U64
#include "bits_body.inc"

static void and_bool(size_t n, const void *xv, const void *yv, void *zv)
{
    const uint8_t *x = xv, *y = yv;
    uint8_t *z = zv;
#pragma omp simd
    for (size_t i = 0; i < n; i++)
        z[i] = (x[i] != 0) & (y[i] != 0);
}

static void or_bool(size_t n, const void *xv, const void *yv, void *zv)
{
    const uint8_t *x = xv, *y = yv;
    uint8_t *z = zv;
#pragma omp simd
    for (size_t i = 0; i < n; i++)
        z[i] = (x[i] | y[i]) != 0;
}

static void xor_bool(size_t n, const void *xv, const void *yv, void *zv)
{
    const uint8_t *x = xv, *y = yv;
    uint8_t *z = zv;
#pragma omp simd
    for (size_t i = 0; i < n; i++)
        z[i] = (x[i] != 0) ^ (y[i] != 0);
}

static void not_bool(size_t n, const void *xv, void *yv)
{
    const uint8_t *x = xv;
    uint8_t *y = yv;
#pragma omp simd
    for (size_t i = 0; i < n; i++)
        y[i] = x[i] == 0;
}

void LEVEL(fill_bits)(struct kernels *k)
{
    fill_i8(k);
    fill_i16(k);
    fill_i32(k);
    fill_i64(k);
    fill_u8(k);
    fill_u16(k);
    fill_u32(k);
    fill_u64(k);
    k->binary[K_bitwise_and][K_BOOL] = k->binary[K_logical_and][K_BOOL] = and_bool;
    k->binary[K_bitwise_or][K_BOOL] = k->binary[K_logical_or][K_BOOL] = or_bool;
    k->binary[K_bitwise_xor][K_BOOL] = k->binary[K_logical_xor][K_BOOL] = xor_bool;
    k->unary[K_bitwise_not][K_BOOL] = k->unary[K_logical_not][K_BOOL] = not_bool;
}
