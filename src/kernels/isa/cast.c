/* Strided casts between every two dtypes: one row file per source, which includes one body per destination. */

#include "level.h"
#include <string.h>

#define KIND_BOOL 0
#define KIND_INT 1
#define KIND_HALF 2
#define KIND_FLOAT 3
#define PASTE4(a, b, c, d) a##b##c##d
#define JOIN4(a, b, c, d) PASTE4(a, b, c, d)

/* Scaling by 2^112 moves the exponent from half's bias to float's and makes subnormals normal. */
static inline float half_to_float(uint16_t h)
{
    const uint32_t magnitude = (uint32_t)(h & 0x7fff) << 13;
    float value;
    memcpy(&value, &magnitude, sizeof value);
    value *= 0x1p112f;
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    bits = magnitude >= 0x0f800000u ? magnitude | 0x7f800000u : bits;
    bits |= (uint32_t)(h & 0x8000) << 16;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* Rounds once, to nearest, ties to even. Below 2^-14 the addition of 2^28 rounds to half's smallest step. */
static inline uint16_t half_from_double(double v)
{
    uint64_t bits;
    memcpy(&bits, &v, sizeof bits);
    const uint64_t sign = bits >> 63 << 15, magnitude = bits & 0x7fffffffffffffffu;
    double a;
    memcpy(&a, &magnitude, sizeof a);
    const double shifted = a + 0x1p28;
    uint64_t tiny;
    memcpy(&tiny, &shifted, sizeof tiny);
    uint64_t h = ((magnitude + ((magnitude >> 42) & 1) + 0x1ffffffffffu) >> 42) - (1008u << 10);
    h = a < 0x1p-14 ? tiny & 0xffffu : h;
    h = a >= 65520 ? 0x7c00u : h;
    h = a != a ? 0x7e00u : h;
    return (uint16_t)(h | sign);
}

#define COPY_T uint8_t
#define NAME copy_1
#include "copy_body.inc"
#define COPY_T uint16_t
#define NAME copy_2
#include "copy_body.inc"
#define COPY_T uint32_t
#define NAME copy_4
#include "copy_body.inc"
#define COPY_T uint64_t
#define NAME copy_8
#include "copy_body.inc"
struct pair {
    uint64_t part[2];
};
#define COPY_T struct pair
#define NAME copy_16
#include "copy_body.inc"

#define S_NAME b1
#define S_T uint8_t
#define S_PARTS 1
#define S_KIND KIND_BOOL
#include "cast_row.inc"

#define S_NAME i8
#define S_T int8_t
#define S_PARTS 1
#define S_KIND KIND_INT
#include "cast_row.inc"

#define S_NAME i16
#define S_T int16_t
#define S_PARTS 1
#define S_KIND KIND_INT
#include "cast_row.inc"

#define S_NAME i32
#define S_T int32_t
#define S_PARTS 1
#define S_KIND KIND_INT
#include "cast_row.inc"

#define S_NAME i64
#define S_T int64_t
#define S_PARTS 1
#define S_KIND KIND_INT
#include "cast_row.inc"

#define S_NAME u8
#define S_T uint8_t
#define S_PARTS 1
#define S_KIND KIND_INT
#include "cast_row.inc"

#define S_NAME u16
#define S_T uint16_t
#define S_PARTS 1
#define S_KIND KIND_INT
#include "cast_row.inc"

#define S_NAME u32
#define S_T uint32_t
#define S_PARTS 1
#define S_KIND KIND_INT
#include "cast_row.inc"

#define S_NAME u64
#define S_T uint64_t
#define S_PARTS 1
#define S_KIND KIND_INT
#include "cast_row.inc"

#define S_NAME f16
#define S_T uint16_t
#define S_PARTS 1
#define S_KIND KIND_HALF
#include "cast_row.inc"

#define S_NAME f32
#define S_T float
#define S_PARTS 1
#define S_KIND KIND_FLOAT
#include "cast_row.inc"

#define S_NAME f64
#define S_T double
#define S_PARTS 1
#define S_KIND KIND_FLOAT
#include "cast_row.inc"

#define S_NAME c64
#define S_T float
#define S_PARTS 2
#define S_KIND KIND_FLOAT
#include "cast_row.inc"

#define S_NAME c128
#define S_T double
#define S_PARTS 2
#define S_KIND KIND_FLOAT
#include "cast_row.inc"

static void fill_same(struct kernels *k)
{
    k->cast[K_I8][K_I8] = copy_1;
    k->cast[K_I16][K_I16] = copy_2;
    k->cast[K_I32][K_I32] = copy_4;
    k->cast[K_I64][K_I64] = copy_8;
    k->cast[K_U8][K_U8] = copy_1;
    k->cast[K_U16][K_U16] = copy_2;
    k->cast[K_U32][K_U32] = copy_4;
    k->cast[K_U64][K_U64] = copy_8;
    k->cast[K_F16][K_F16] = copy_2;
    k->cast[K_F32][K_F32] = copy_4;
    k->cast[K_F64][K_F64] = copy_8;
    k->cast[K_C64][K_C64] = copy_8;
    k->cast[K_C128][K_C128] = copy_16;
}

void LEVEL(fill_cast)(struct kernels *k)
{
    fill_from_b1(k->cast[K_BOOL]);
    fill_from_i8(k->cast[K_I8]);
    fill_from_i16(k->cast[K_I16]);
    fill_from_i32(k->cast[K_I32]);
    fill_from_i64(k->cast[K_I64]);
    fill_from_u8(k->cast[K_U8]);
    fill_from_u16(k->cast[K_U16]);
    fill_from_u32(k->cast[K_U32]);
    fill_from_u64(k->cast[K_U64]);
    fill_from_f16(k->cast[K_F16]);
    fill_from_f32(k->cast[K_F32]);
    fill_from_f64(k->cast[K_F64]);
    fill_from_c64(k->cast[K_C64]);
    fill_from_c128(k->cast[K_C128]);
    fill_same(k);
}
