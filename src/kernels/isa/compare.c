/* Comparisons: one byte, 0 or 1, for every pair of elements. Complex numbers are ordered by real, then imaginary part.
 */

#include "level.h"

#define VALUE(x) (x)
#define T int8_t
#define NAME(x) x##_i8
#define DTYPE K_I8
#include "compare_body.inc"

#define T int16_t
#define NAME(x) x##_i16
#define DTYPE K_I16
#include "compare_body.inc"

#define T int32_t
#define NAME(x) x##_i32
#define DTYPE K_I32
#include "compare_body.inc"

#define T int64_t
#define NAME(x) x##_i64
#define DTYPE K_I64
#include "compare_body.inc"

#define T uint8_t
#define NAME(x) x##_u8
#define DTYPE K_U8
#include "compare_body.inc"

#define T uint16_t
#define NAME(x) x##_u16
#define DTYPE K_U16
#include "compare_body.inc"

#define T uint32_t
#define NAME(x) x##_u32
#define DTYPE K_U32
#include "compare_body.inc"

#define T uint64_t
#define NAME(x) x##_u64
#define DTYPE K_U64
#include "compare_body.inc"

#define T float
#define NAME(x) x##_f32
#define DTYPE K_F32
#include "compare_body.inc"

#define T double
#define NAME(x) x##_f64
#define DTYPE K_F64
#include "compare_body.inc"
#undef VALUE

/* Any byte but 0 is true. */
#define VALUE(x) ((x) != 0)
#define T uint8_t
#define NAME(x) x##_bool
#define DTYPE K_BOOL
#include "compare_body.inc"
#undef VALUE

#define T float
#define NAME(x) x##_c64
#define DTYPE K_C64
#include "compare_complex_body.inc"

#define T double
#define NAME(x) x##_c128
#define DTYPE K_C128
#include "compare_complex_body.inc"

void LEVEL(fill_compare)(struct kernels *k)
{
    fill_bool(k);
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
}
