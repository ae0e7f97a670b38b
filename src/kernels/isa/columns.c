/* Reductions down the columns of a tile. Floating sums have the lanes, and so the bits, of those of reduce.c; for the
 * rest order does not matter. */

#include "columns.h"
#include "level.h"
#include "simd.h"
#include <math.h>
#include <string.h>

#define GROUP 8                                 /* vectors of columns whose lanes are in registers together */
#define MANY 8                                  /* rows for one lane, added before it is stored */
#define DENSE_COLUMNS 16                        /* up to here, rows without gaps are taken 32 at a time */
#define NEAR_BYTES (96 << 10)                   /* of a tile that is in a cache already, or soon */
#define FAR_COLUMNS (KERNEL_COLUMN_SCRATCH / 8) /* whose stack has room */

static const unsigned char lane_order[LANES] = {0, 16, 8, 24, 4, 20, 12, 28, 2, 18, 10, 26, 6, 22, 14, 30,
                                                1, 17, 9, 25, 5, 21, 13, 29, 3, 19, 11, 27, 7, 23, 15, 31};

/* What is summed: x, and with d = x - mean: d² by fma, d², d³, d⁴; or x multiplied, or x y summed. */
enum term {
    SUM,
    PRODUCT,
    DOT,
    SQUARES,
    SECOND,
    THIRD,
    FOURTH
};

#define T double
#define NAME(x) x##_f64
#define DTYPE K_F64
#define LOAD vd_load
#define LOAD_PART vd_load_part
#include "columns_body.inc"

#define T float
#define NAME(x) x##_f32
#define DTYPE K_F32
#define LOAD vd_load_f32
#define LOAD_PART vd_load_part_f32
#include "columns_body.inc"

#define T double
#define BITS uint64_t
#define NAME(x) x##_f64
#define V(x) vd_##x
#define M(x) vdm_##x
#define VECTOR vd
#define MASK vdm
#define WIDTH VD
#include "columns_minmax_body.inc"

#define T float
#define BITS uint32_t
#define NAME(x) x##_f32
#define V(x) vf_##x
#define M(x) vfm_##x
#define VECTOR vf
#define MASK vfm
#define WIDTH VF
#include "columns_minmax_body.inc"

void LEVEL(fill_columns)(struct kernels *k)
{
    fill_sums_f64(k);
    fill_sums_f32(k);
    k->minmax_columns[K_F64] = minmax_columns_f64;
    k->minmax_columns[K_F32] = minmax_columns_f32;
}
