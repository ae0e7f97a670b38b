/* where: a choice between two elements of any kind, which only their size matters to. */

#include "level.h"

#define T uint8_t
#define NAME(x) x##_1
#include "where_body.inc"

#define T uint16_t
#define NAME(x) x##_2
#include "where_body.inc"

#define T uint32_t
#define NAME(x) x##_4
#include "where_body.inc"

#define T uint64_t
#define NAME(x) x##_8
#include "where_body.inc"

static void where_16(size_t n, const void *xv, const void *yv, const void *zv, void *wv)
{
    const uint8_t *x = xv;
    const uint64_t *y = yv, *z = zv;
    uint64_t *w = wv;
#pragma omp simd
    for (size_t i = 0; i < n; i++) {
        const uint64_t yes[] = {y[2 * i], y[2 * i + 1]}, no[] = {z[2 * i], z[2 * i + 1]};
        w[2 * i] = x[i] != 0 ? yes[0] : no[0];
        w[2 * i + 1] = x[i] != 0 ? yes[1] : no[1];
    }
}

void LEVEL(fill_select)(struct kernels *k)
{
    kernel_ternary **where = k->ternary[K_where];
    where[K_BOOL] = where[K_I8] = where[K_U8] = where_1;
    where[K_I16] = where[K_U16] = where_2;
    where[K_I32] = where[K_U32] = where[K_F32] = where_4;
    where[K_I64] = where[K_U64] = where[K_F64] = where[K_C64] = where_8;
    where[K_C128] = where_16;
}
