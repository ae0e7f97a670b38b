/* Sorting in plain C, and the parts of sorting that vqsort leaves to us. */

#include "kernels/sort.h"
#include <string.h>

#ifdef __clang__
#define UNROLLED _Pragma("clang loop unroll(full)")
#else
#define UNROLLED _Pragma("GCC unroll 32")
#endif

#define SHORTEST 32      /* elements that a network sorts */
#define DISTRIBUTED 2048 /* elements from which distribution pays */

static inline void exchange(int64_t *a, int64_t *b)
{
    const int64_t p = *a, q = *b;
    *a = q < p ? q : p;
    *b = q < p ? p : q;
}

/* Green's network of 60 comparisons. */
static inline void sort_sixteen(int64_t *a)
{
    static const unsigned char pairs[28][2] = {{5, 10},  {6, 9},  {3, 12}, {13, 14}, {4, 8},   {7, 11}, {1, 2},
                                               {1, 4},   {7, 13}, {2, 8},  {11, 14}, {2, 4},   {5, 6},  {9, 10},
                                               {11, 13}, {3, 8},  {7, 12}, {6, 8},   {10, 12}, {3, 5},  {7, 9},
                                               {3, 4},   {5, 6},  {7, 8},  {9, 10},  {11, 12}, {6, 7},  {8, 9}};
    UNROLLED for (int d = 1; d < 16; d *= 2)
    {
        UNROLLED for (int i = 0; i < 16; i++)
        {
            if (!(i & d))
                exchange(a + i, a + i + d);
        }
    }
    UNROLLED for (int i = 0; i < 28; i++) exchange(a + pairs[i][0], a + pairs[i][1]);
}

/* 16 or 32 elements. Of the merged halves, one half comes from the front, the other from the back, so that neither runs
 * out. */
static void sort_short(size_t n, int64_t *x, int64_t *y)
{
    sort_sixteen(x);
    if (n == 16) {
        memcpy(y, x, 16 * sizeof *y);
        return;
    }
    sort_sixteen(x + 16);
    const int64_t *a = x, *b = x + 16, *c = x + 15, *d = x + 31;
    for (size_t i = 0; i < 16; i++) {
        const int right = *b < *a, left = *d < *c;
        y[i] = right ? *b : *a;
        b += right;
        a += !right;
        y[31 - i] = left ? *c : *d;
        c -= left;
        d -= !left;
    }
}

#define T int16_t
#define LESS(a, b) ((a) < (b))
#define NAME(x) x##_i16
#include "gap_partition_body.inc"
#undef T
#undef LESS
#undef NAME
#define T int16_t
#define U uint16_t
#define GREATEST INT16_MAX
#define TO_WIDE(v) ((int64_t)(v))
#define FROM_WIDE(v) ((int16_t)(v))
#define NAME(x) x##_i16
#include "sort_keys_body.inc"
#define T int32_t
#define LESS(a, b) ((a) < (b))
#define NAME(x) x##_i32
#include "gap_partition_body.inc"
#undef T
#undef LESS
#undef NAME
#define T int32_t
#define U uint32_t
#define GREATEST INT32_MAX
#define TO_WIDE(v) ((int64_t)(v))
#define FROM_WIDE(v) ((int32_t)(v))
#define NAME(x) x##_i32
#include "sort_keys_body.inc"
#define T int64_t
#define LESS(a, b) ((a) < (b))
#define NAME(x) x##_i64
#include "gap_partition_body.inc"
#undef T
#undef LESS
#undef NAME
#define T int64_t
#define U uint64_t
#define GREATEST INT64_MAX
#define TO_WIDE(v) ((int64_t)(v))
#define FROM_WIDE(v) ((int64_t)(v))
#define NAME(x) x##_i64
#include "sort_keys_body.inc"
#define T uint16_t
#define LESS(a, b) ((a) < (b))
#define NAME(x) x##_u16
#include "gap_partition_body.inc"
#undef T
#undef LESS
#undef NAME
#define T uint16_t
#define U uint16_t
#define GREATEST UINT16_MAX
#define TO_WIDE(v) ((int64_t)(v))
#define FROM_WIDE(v) ((uint16_t)(v))
#define NAME(x) x##_u16
#include "sort_keys_body.inc"
#define T uint32_t
#define LESS(a, b) ((a) < (b))
#define NAME(x) x##_u32
#include "gap_partition_body.inc"
#undef T
#undef LESS
#undef NAME
#define T uint32_t
#define U uint32_t
#define GREATEST UINT32_MAX
#define TO_WIDE(v) ((int64_t)(v))
#define FROM_WIDE(v) ((uint32_t)(v))
#define NAME(x) x##_u32
#include "sort_keys_body.inc"
#define T uint64_t
#define LESS(a, b) ((a) < (b))
#define NAME(x) x##_u64
#include "gap_partition_body.inc"
#undef T
#undef LESS
#undef NAME
#define T uint64_t
#define U uint64_t
#define GREATEST UINT64_MAX
#define TO_WIDE(v) ((int64_t)((v) ^ (uint64_t)1 << 63))
#define FROM_WIDE(v) ((uint64_t)(v) ^ (uint64_t)1 << 63)
#define NAME(x) x##_u64
#include "sort_keys_body.inc"

static void sort_count(enum kdtype dtype, size_t n, void *xv)
{
    uint8_t *x = xv;
    size_t count[256] = {0};
    const uint8_t flip = dtype == K_I8 ? 0x80 : 0;
    for (size_t i = 0; i < n; i++)
        count[dtype == K_BOOL ? x[i] != 0 : x[i] ^ flip]++;
    for (unsigned v = 0; v < 256; v++) {
        memset(x, (int)(v ^ flip), count[v]);
        x += count[v];
    }
}

void sort_plain(enum kdtype dtype, size_t n, void *x)
{
    switch (dtype) {
    case K_BOOL:
    case K_I8:
    case K_U8:
        sort_count(dtype, n, x);
        break;
    case K_I16:
        sort_i16(n, x);
        break;
    case K_I32:
        sort_i32(n, x);
        break;
    case K_I64:
        sort_i64(n, x);
        break;
    case K_U16:
        sort_u16(n, x);
        break;
    case K_U32:
        sort_u32(n, x);
        break;
    case K_U64:
        sort_u64(n, x);
        break;
    case K_C64:
    case K_C128:
        sort_complex(dtype, n, x);
        break;
    default:
        break;
    }
}
