/* Integers and bool are whole, finite and real: rounding and the parts of complex numbers leave them as they are. */

#include "level.h"
#include <string.h>

static void copy(size_t bytes, const void *x, void *y)
{
    if (x != y)
        memcpy(y, x, bytes);
}

static void copy_1(size_t n, const void *x, void *y)
{
    copy(n, x, y);
}
static void copy_2(size_t n, const void *x, void *y)
{
    copy(2 * n, x, y);
}
static void copy_4(size_t n, const void *x, void *y)
{
    copy(4 * n, x, y);
}
static void copy_8(size_t n, const void *x, void *y)
{
    copy(8 * n, x, y);
}

static void zero_1(size_t n, const void *x, void *y)
{
    (void)x;
    memset(y, 0, n);
}
static void zero_2(size_t n, const void *x, void *y)
{
    (void)x;
    memset(y, 0, 2 * n);
}
static void zero_4(size_t n, const void *x, void *y)
{
    (void)x;
    memset(y, 0, 4 * n);
}
static void zero_8(size_t n, const void *x, void *y)
{
    (void)x;
    memset(y, 0, 8 * n);
}

static void always(size_t n, const void *x, void *y)
{
    (void)x;
    memset(y, 1, n);
}

static void fill_dtype(struct kernels *k, enum kdtype dtype, kernel_unary *same, kernel_unary *zero)
{
    static const enum kunary identities[] = {K_floor, K_ceil, K_trunc, K_round, K_nan_to_num, K_real};
    for (size_t i = 0; i < sizeof identities / sizeof *identities; i++)
        k->unary[identities[i]][dtype] = same;
    if (dtype != K_BOOL)
        k->unary[K_conj][dtype] = same;
    k->unary[K_imag][dtype] = zero;
    k->unary[K_isnan][dtype] = zero_1;
    k->unary[K_isinf][dtype] = zero_1;
    k->unary[K_isfinite][dtype] = always;
}

void LEVEL(fill_whole)(struct kernels *k)
{
    fill_dtype(k, K_BOOL, copy_1, zero_1);
    fill_dtype(k, K_I8, copy_1, zero_1);
    fill_dtype(k, K_I16, copy_2, zero_2);
    fill_dtype(k, K_I32, copy_4, zero_4);
    fill_dtype(k, K_I64, copy_8, zero_8);
    fill_dtype(k, K_U8, copy_1, zero_1);
    fill_dtype(k, K_U16, copy_2, zero_2);
    fill_dtype(k, K_U32, copy_4, zero_4);
    fill_dtype(k, K_U64, copy_8, zero_8);
    k->unary[K_real][K_F32] = k->unary[K_conj][K_F32] = copy_4;
    k->unary[K_real][K_F64] = k->unary[K_conj][K_F64] = copy_8;
    k->unary[K_imag][K_F32] = zero_4;
    k->unary[K_imag][K_F64] = zero_8;
}
