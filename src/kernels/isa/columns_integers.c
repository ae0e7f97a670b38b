/* Integers, and counts of what is not 0, down the columns of a tile: exact, so in any order. */

#include "columns.h"
#include "level.h"
#include <string.h>

#define T int8_t
#define PART int16_t
#define PART_ROWS 256
#define WIDE int64_t
#define U uint32_t
#define NAME(x) x##_i8
#define DTYPE K_I8
#include "columns_integers_body.inc"

#define T int16_t
#define PART int32_t
#define PART_ROWS KERNEL_BLOCK
#define WIDE int64_t
#define U uint32_t
#define NAME(x) x##_i16
#define DTYPE K_I16
#include "columns_integers_body.inc"

#define T int32_t
#define PART int64_t
#define PART_ROWS KERNEL_BLOCK
#define WIDE int64_t
#define U uint32_t
#define NAME(x) x##_i32
#define DTYPE K_I32
#include "columns_integers_body.inc"

#define T int64_t
#define PART uint64_t
#define PART_ROWS KERNEL_BLOCK
#define WIDE uint64_t
#define U uint64_t
#define NAME(x) x##_i64
#define DTYPE K_I64
#include "columns_integers_body.inc"

#define T uint8_t
#define PART uint16_t
#define PART_ROWS 256
#define WIDE uint64_t
#define U uint32_t
#define NAME(x) x##_u8
#define DTYPE K_U8
#include "columns_integers_body.inc"

#define T uint16_t
#define PART uint32_t
#define PART_ROWS KERNEL_BLOCK
#define WIDE uint64_t
#define U uint32_t
#define NAME(x) x##_u16
#define DTYPE K_U16
#include "columns_integers_body.inc"

#define T uint32_t
#define PART uint64_t
#define PART_ROWS KERNEL_BLOCK
#define WIDE uint64_t
#define U uint32_t
#define NAME(x) x##_u32
#define DTYPE K_U32
#include "columns_integers_body.inc"

#define T uint64_t
#define PART uint64_t
#define PART_ROWS KERNEL_BLOCK
#define WIDE uint64_t
#define U uint64_t
#define NAME(x) x##_u64
#define DTYPE K_U64
#include "columns_integers_body.inc"

#define T uint8_t
#define BITS UINT8_MAX
#define NAME(x) x##_u8
#include "columns_count_body.inc"

#define T uint16_t
#define BITS UINT16_MAX
#define NAME(x) x##_u16
#include "columns_count_body.inc"

#define T uint32_t
#define BITS UINT32_MAX
#define NAME(x) x##_u32
#include "columns_count_body.inc"

#define T uint64_t
#define BITS UINT64_MAX
#define NAME(x) x##_u64
#include "columns_count_body.inc"

#define T uint32_t
#define BITS (UINT32_MAX >> 1)
#define NAME(x) x##_f32
#include "columns_count_body.inc"

#define T uint64_t
#define BITS (UINT64_MAX >> 1)
#define NAME(x) x##_f64
#include "columns_count_body.inc"

#define T uint64_t
#define BITS 0x7fffffff7fffffffU
#define NAME(x) x##_c64
#include "columns_count_body.inc"

/* Two parts to an element. */
static void count_columns_c128(size_t rows, size_t columns, const void *x, ptrdiff_t stride, size_t *counts)
{
    memset(counts, 0, columns * sizeof *counts);
    for (size_t r = 0; r < rows; r++) {
        const uint64_t *row = down(x, r, stride);
        for (size_t c = 0; c < columns; c++)
            counts[c] += (row[2 * c] | row[2 * c + 1]) << 1 != 0;
    }
}

static void sum_columns_bool(size_t rows, size_t columns, const void *x, ptrdiff_t stride, uint64_t *sums)
{
    count_columns_u8(rows, columns, x, stride, sums);
}

static void prod_columns_bool(size_t rows, size_t columns, const void *x, ptrdiff_t stride, uint64_t *products)
{
    count_columns_u8(rows, columns, x, stride, products);
    for (size_t c = 0; c < columns; c++)
        products[c] = products[c] == rows;
}

static void dot_columns_bool(size_t rows, size_t columns, const void *x, ptrdiff_t stride, const void *y,
                             ptrdiff_t y_stride, uint64_t *dots)
{
    memset(dots, 0, columns * sizeof *dots);
    for (size_t r = 0; r < rows; r++) {
        const uint8_t *p = down(x, r, stride), *q = down(y, r, y_stride);
        for (size_t c = 0; c < columns; c++)
            dots[c] |= (p[c] != 0) & (q[c] != 0);
    }
}

static void minmax_columns_bool(size_t rows, size_t columns, const void *xv, ptrdiff_t stride, void *min, void *max)
{
    const uint8_t *x = xv;
    uint8_t *least = min, *greatest = max;
    size_t counts[COLUMNS_BYTES / sizeof(size_t)];
    const size_t wide = sizeof counts / sizeof *counts;
    for (size_t c = 0; c < columns; c += wide) {
        const size_t n = columns - c < wide ? columns - c : wide;
        count_columns_u8(rows, n, x + c, stride, counts);
        for (size_t i = 0; i < n; i++) {
            least[c + i] = counts[i] == rows;
            greatest[c + i] = counts[i] > 0;
        }
    }
}

void LEVEL(fill_columns_integers)(struct kernels *k)
{
    fill_columns_i8(k);
    fill_columns_i16(k);
    fill_columns_i32(k);
    fill_columns_i64(k);
    fill_columns_u8(k);
    fill_columns_u16(k);
    fill_columns_u32(k);
    fill_columns_u64(k);
    k->sum_int_columns[K_BOOL] = sum_columns_bool;
    k->prod_int_columns[K_BOOL] = prod_columns_bool;
    k->dot_int_columns[K_BOOL] = dot_columns_bool;
    k->minmax_columns[K_BOOL] = minmax_columns_bool;
    k->count_nonzero_columns[K_BOOL] = count_columns_u8;
    k->count_nonzero_columns[K_I8] = k->count_nonzero_columns[K_U8] = count_columns_u8;
    k->count_nonzero_columns[K_I16] = k->count_nonzero_columns[K_U16] = count_columns_u16;
    k->count_nonzero_columns[K_I32] = k->count_nonzero_columns[K_U32] = count_columns_u32;
    k->count_nonzero_columns[K_I64] = k->count_nonzero_columns[K_U64] = count_columns_u64;
    k->count_nonzero_columns[K_F32] = count_columns_f32;
    k->count_nonzero_columns[K_F64] = count_columns_f64;
    k->count_nonzero_columns[K_C64] = count_columns_c64;
    k->count_nonzero_columns[K_C128] = count_columns_c128;
}
