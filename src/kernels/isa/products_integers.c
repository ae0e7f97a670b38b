/* Products of integers, and numbers without the NaNs among them. */

#include "level.h"
#include <string.h>

#define T int8_t
#define U uint32_t
#define W(v) ((uint64_t)(int64_t)(v))
#define NAME(x) x##_i8
#define DTYPE K_I8
#include "products_integers_body.inc"

#define T int16_t
#define U uint32_t
#define W(v) ((uint64_t)(int64_t)(v))
#define NAME(x) x##_i16
#define DTYPE K_I16
#include "products_integers_body.inc"

#define T int32_t
#define U uint32_t
#define W(v) ((uint64_t)(int64_t)(v))
#define NAME(x) x##_i32
#define DTYPE K_I32
#include "products_integers_body.inc"

#define T int64_t
#define U uint64_t
#define W(v) ((uint64_t)(int64_t)(v))
#define NAME(x) x##_i64
#define DTYPE K_I64
#include "products_integers_body.inc"

#define T uint8_t
#define U uint32_t
#define W(v) ((uint64_t)(v))
#define NAME(x) x##_u8
#define DTYPE K_U8
#include "products_integers_body.inc"

#define T uint16_t
#define U uint32_t
#define W(v) ((uint64_t)(v))
#define NAME(x) x##_u16
#define DTYPE K_U16
#include "products_integers_body.inc"

#define T uint32_t
#define U uint32_t
#define W(v) ((uint64_t)(v))
#define NAME(x) x##_u32
#define DTYPE K_U32
#include "products_integers_body.inc"

#define T uint64_t
#define U uint64_t
#define W(v) ((uint64_t)(v))
#define NAME(x) x##_u64
#define DTYPE K_U64
#include "products_integers_body.inc"

/* A boolean is true whatever bits say so. */
static uint64_t prod_bool(size_t n, const void *xv)
{
    const uint8_t *x = xv;
    uint8_t zero = 0;
    for (size_t i = 0; i < n; i++)
        zero |= x[i] == 0;
    return zero == 0;
}

static uint64_t dot_bool(size_t n, const void *xv, const void *yv)
{
    const uint8_t *x = xv, *y = yv;
    uint8_t both = 0;
    for (size_t i = 0; i < n; i++)
        both |= (x[i] != 0) & (y[i] != 0);
    return both;
}

#define T float
#define NAME(x) x##_f32
#include "compress_body.inc"

#define T double
#define NAME(x) x##_f64
#include "compress_body.inc"

static size_t compress_split(size_t n, const double *re, const double *im, double *to_re, double *to_im)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        to_re[kept] = re[i];
        to_im[kept] = im[i];
        kept += (re[i] == re[i]) & (im[i] == im[i]);
    }
    return kept;
}

void LEVEL(fill_products_integers)(struct kernels *k)
{
    fill_i8(k);
    fill_i16(k);
    fill_i32(k);
    fill_i64(k);
    fill_u8(k);
    fill_u16(k);
    fill_u32(k);
    fill_u64(k);
    k->prod_int[K_BOOL] = prod_bool;
    k->dot_int[K_BOOL] = dot_bool;
    k->compress[K_F32] = compress_f32;
    k->compress[K_F64] = compress_f64;
    k->compress[K_C64] = compress_pairs_f32;
    k->compress[K_C128] = compress_pairs_f64;
    k->compress_split = compress_split;
}
