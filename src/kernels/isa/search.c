/* Searching, counting, byte order, sorting keys. */

#include "level.h"
#include <string.h>

#define T int8_t
#define IS_NAN(v) 0
#define NAME(x) x##_i8
#define DTYPE K_I8
#include "search_body.inc"

#define T int16_t
#define IS_NAN(v) 0
#define NAME(x) x##_i16
#define DTYPE K_I16
#include "search_body.inc"

#define T int32_t
#define IS_NAN(v) 0
#define NAME(x) x##_i32
#define DTYPE K_I32
#include "search_body.inc"

#define T int64_t
#define IS_NAN(v) 0
#define NAME(x) x##_i64
#define DTYPE K_I64
#include "search_body.inc"

#define T uint8_t
#define IS_NAN(v) 0
#define NAME(x) x##_u8
#define DTYPE K_U8
#include "search_body.inc"

#define T uint16_t
#define IS_NAN(v) 0
#define NAME(x) x##_u16
#define DTYPE K_U16
#include "search_body.inc"

#define T uint32_t
#define IS_NAN(v) 0
#define NAME(x) x##_u32
#define DTYPE K_U32
#include "search_body.inc"

#define T uint64_t
#define IS_NAN(v) 0
#define NAME(x) x##_u64
#define DTYPE K_U64
#include "search_body.inc"

#define T float
#define IS_NAN(v) ((v) != (v))
#define NAME(x) x##_f32
#define DTYPE K_F32
#include "search_body.inc"

#define T double
#define IS_NAN(v) ((v) != (v))
#define NAME(x) x##_f64
#define DTYPE K_F64
#include "search_body.inc"

#define T float
#define NAME(x) x##_c64
#define DTYPE K_C64
#include "search_complex_body.inc"

#define T double
#define NAME(x) x##_c128
#define DTYPE K_C128
#include "search_complex_body.inc"

#define T double
#define BITS uint64_t
#define NOT_A_NUMBER 0x7ff8000000000000u
#define NAME(x) x##_f64
#include "keys_body.inc"
#define T float
#define BITS uint32_t
#define NOT_A_NUMBER 0x7fc00000u
#define NAME(x) x##_f32
#include "keys_body.inc"

static size_t count_nonzero_f64(size_t n, const void *xv)
{
    const double *x = xv;
    size_t count = 0;
    for (size_t i = 0; i < n; i++)
        count += x[i] != 0;
    return count;
}

static size_t count_nonzero_f32(size_t n, const void *xv)
{
    const float *x = xv;
    size_t count = 0;
    while (n > 0) {
        const size_t m = n < KERNEL_BLOCK ? n : KERNEL_BLOCK;
        uint32_t part = 0;
        for (size_t i = 0; i < m; i++)
            part += x[i] != 0;
        count += part;
        x += m;
        n -= m;
    }
    return count;
}

/* A boolean is true whatever bits say so. */
static size_t find_bool(size_t n, const void *xv, const void *value)
{
    const uint8_t *x = xv;
    const int wanted = *(const uint8_t *)value != 0;
    size_t i = 0;
    while (i < n && (x[i] != 0) != wanted)
        i++;
    return i;
}

static void byteswap(size_t n, size_t size, void *xv)
{
    if (size == 2) {
        uint16_t *x = xv;
        for (size_t i = 0; i < n; i++)
            x[i] = __builtin_bswap16(x[i]);
    } else if (size == 4) {
        uint32_t *x = xv;
        for (size_t i = 0; i < n; i++)
            x[i] = __builtin_bswap32(x[i]);
    } else if (size == 8) {
        uint64_t *x = xv;
        for (size_t i = 0; i < n; i++)
            x[i] = __builtin_bswap64(x[i]);
    }
}

/* Unsigned numbers of the order of signed ones; and back. */
static void turn_sign_u32(size_t n, void *xv)
{
    uint32_t *x = xv;
    for (size_t i = 0; i < n; i++)
        x[i] ^= 0x80000000u;
}

static void turn_sign_u64(size_t n, void *xv)
{
    uint64_t *x = xv;
    for (size_t i = 0; i < n; i++)
        x[i] ^= 0x8000000000000000u;
}

void LEVEL(fill_search)(struct kernels *k)
{
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
    fill_c64(k);
    fill_c128(k);
    k->count_nonzero[K_F64] = count_nonzero_f64;
    k->count_nonzero[K_F32] = count_nonzero_f32;
    k->find[K_BOOL] = find_bool;
    k->byteswap = byteswap;
    k->to_keys[K_F32] = to_keys_f32;
    k->to_keys[K_F64] = to_keys_f64;
    k->to_keys[K_U32] = k->from_keys[K_U32] = turn_sign_u32;
    k->to_keys[K_U64] = k->from_keys[K_U64] = turn_sign_u64;
    k->from_keys[K_F32] = from_keys_f32;
    k->from_keys[K_F64] = from_keys_f64;
}
