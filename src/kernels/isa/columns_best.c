/* Extremes and where they are, down the columns of a tile. */

#include "columns.h"
#include "level.h"
#include "simd.h"
#include <math.h>
#include <string.h>

#define T int8_t
#define U uint8_t
#define MOST_ROWS 248
#define NAME(x) x##_i8
#define DTYPE K_I8
#include "columns_best_body.inc"

#define T int16_t
#define U uint16_t
#define MOST_ROWS KERNEL_BLOCK
#define NAME(x) x##_i16
#define DTYPE K_I16
#include "columns_best_body.inc"

#define T int32_t
#define U uint32_t
#define MOST_ROWS KERNEL_BLOCK
#define NAME(x) x##_i32
#define DTYPE K_I32
#include "columns_best_body.inc"

#define T int64_t
#define U uint64_t
#define MOST_ROWS KERNEL_BLOCK
#define NAME(x) x##_i64
#define DTYPE K_I64
#include "columns_best_body.inc"

#define T uint8_t
#define U uint8_t
#define MOST_ROWS 248
#define NAME(x) x##_u8
#define DTYPE K_U8
#include "columns_best_body.inc"

#define T uint16_t
#define U uint16_t
#define MOST_ROWS KERNEL_BLOCK
#define NAME(x) x##_u16
#define DTYPE K_U16
#include "columns_best_body.inc"

#define T uint32_t
#define U uint32_t
#define MOST_ROWS KERNEL_BLOCK
#define NAME(x) x##_u32
#define DTYPE K_U32
#include "columns_best_body.inc"

#define T uint64_t
#define U uint64_t
#define MOST_ROWS KERNEL_BLOCK
#define NAME(x) x##_u64
#define DTYPE K_U64
#include "columns_best_body.inc"

#define T double
#define NAME(x) x##_f64
#define DTYPE K_F64
#define V(x) vd_##x
#define M(x) vdm_##x
#define VECTOR vd
#define MASK vdm
#define WIDTH VD
#include "columns_best_float_body.inc"

#define T float
#define NAME(x) x##_f32
#define DTYPE K_F32
#define V(x) vf_##x
#define M(x) vfm_##x
#define VECTOR vf
#define MASK vfm
#define WIDTH VF
#include "columns_best_float_body.inc"

void LEVEL(fill_columns_best)(struct kernels *k)
{
    fill_best_i8(k);
    fill_best_i16(k);
    fill_best_i32(k);
    fill_best_i64(k);
    fill_best_u8(k);
    fill_best_u16(k);
    fill_best_u32(k);
    fill_best_u64(k);
    fill_best_f32(k);
    fill_best_f64(k);
}
