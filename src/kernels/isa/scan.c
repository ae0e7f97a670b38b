/* Running sums, products and extremes. The definition is at struct scan_state in kernels.h. */

#include "level.h"
#include "simd.h"
#include <string.h>

/* gcc 12 fuses complex products even under -ffp-contract=off; the barrier keeps both roundings. */
#if defined(__has_builtin)
#if __has_builtin(__builtin_assoc_barrier)
#define ROUNDED(x) __builtin_assoc_barrier(x)
#endif
#endif
#ifndef ROUNDED
#define ROUNDED(x) (x)
#endif

/* Complex numbers are taken apart so many at a time. */
#define SPLIT 256
/* The most columns of a call that ends within a group. */
#define STRIP 64

#define T double
#define NAME(x) x##_f64
#define DTYPE K_F64
#define COMPLEX(x) x##_c128
#define COMPLEX_DTYPE K_C128
#define LOAD vd_load
#define STORE vd_store
#include "scan_float_body.inc"

#define T float
#define NAME(x) x##_f32
#define DTYPE K_F32
#define COMPLEX(x) x##_c64
#define COMPLEX_DTYPE K_C64
#define LOAD vd_load_f32
#define STORE vd_store_f32
#include "scan_float_body.inc"

#define T double
#define BITS uint64_t
#define NAME(x) x##_f64
#define DTYPE K_F64
#define V(x) vd_##x
#define VECTOR vd
#define WIDTH VD
#include "scan_extreme_body.inc"

#define T float
#define BITS uint32_t
#define NAME(x) x##_f32
#define DTYPE K_F32
#define V(x) vf_##x
#define VECTOR vf
#define WIDTH VF
#include "scan_extreme_body.inc"

/* ---- integers: any order gives the same; one addition a cycle is as fast as memory ---- */

#define OP(a, b) ((a) + (b))
#define NAME(x) x##_sum
#define KIND S_cumsum
#define NEUTRAL 0
#include "scan_integer_body.inc"

#define OP(a, b) ((a) * (b))
#define NAME(x) x##_product
#define KIND S_cumprod
#define NEUTRAL 1
#include "scan_integer_body.inc"

#define T uint8_t
#define VALUE(v) ((v) != 0)
#define NAME(x) x##_bool
#define DTYPE K_BOOL
#include "scan_order_body.inc"

#define T int8_t
#define VALUE(v) (v)
#define NAME(x) x##_i8
#define DTYPE K_I8
#include "scan_order_body.inc"

#define T int16_t
#define VALUE(v) (v)
#define NAME(x) x##_i16
#define DTYPE K_I16
#include "scan_order_body.inc"

#define T int32_t
#define VALUE(v) (v)
#define NAME(x) x##_i32
#define DTYPE K_I32
#include "scan_order_body.inc"

#define T int64_t
#define VALUE(v) (v)
#define NAME(x) x##_i64
#define DTYPE K_I64
#include "scan_order_body.inc"

#define T uint8_t
#define VALUE(v) (v)
#define NAME(x) x##_u8
#define DTYPE K_U8
#include "scan_order_body.inc"

#define T uint16_t
#define VALUE(v) (v)
#define NAME(x) x##_u16
#define DTYPE K_U16
#include "scan_order_body.inc"

#define T uint32_t
#define VALUE(v) (v)
#define NAME(x) x##_u32
#define DTYPE K_U32
#include "scan_order_body.inc"

#define T uint64_t
#define VALUE(v) (v)
#define NAME(x) x##_u64
#define DTYPE K_U64
#include "scan_order_body.inc"

void LEVEL(fill_scan)(struct kernels *k)
{
    fill_f64(k);
    fill_f32(k);
    fill_extreme_f64(k);
    fill_extreme_f32(k);
    fill_sum(k);
    fill_product(k);
    fill_bool(k);
    fill_i8(k);
    fill_i16(k);
    fill_i32(k);
    fill_i64(k);
    fill_u8(k);
    fill_u16(k);
    fill_u32(k);
    fill_u64(k);
}
