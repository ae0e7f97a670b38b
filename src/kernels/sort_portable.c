/* Sorting in plain C, and the parts of sorting that vqsort leaves to us. */

#include "kernels/sort.h"
#include <string.h>

#define T int16_t
#define LESS(a, b) ((a) < (b))
#define NAME(x) x##_i16
#include "sort_body.inc"
#define T int32_t
#define LESS(a, b) ((a) < (b))
#define NAME(x) x##_i32
#include "sort_body.inc"
#define T int64_t
#define LESS(a, b) ((a) < (b))
#define NAME(x) x##_i64
#include "sort_body.inc"
#define T uint16_t
#define LESS(a, b) ((a) < (b))
#define NAME(x) x##_u16
#include "sort_body.inc"
#define T uint32_t
#define LESS(a, b) ((a) < (b))
#define NAME(x) x##_u32
#include "sort_body.inc"
#define T uint64_t
#define LESS(a, b) ((a) < (b))
#define NAME(x) x##_u64
#include "sort_body.inc"

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
