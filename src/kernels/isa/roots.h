#ifndef SHEAF_KERNELS_ROOTS_H
#define SHEAF_KERNELS_ROOTS_H

/* cbrt and hypot of doubles, both within a few thousandths of half an ULP.
 *
 * cbrt: a first t ≈ x^(-1/3), to 4 %, by a linear function of x's bits (as fdlibm's s_cbrt.c, for the inverse root),
 * and r = t P(x t³), P ≈ s^(-1/3) a minimax polynomial of coefficients.py. Cut to 17 bits, r has an exact cube, so h =
 * 1 - x r³ is rounded once; x^(1/3) = x r² (1 - h)^(-2/3) with |h| < 2^-15, of whose series four terms do.
 *
 * hypot: sqrt of x² + y² in two parts, mended by what it leaves over. */

#include "exp_log_simd.h"
#include "two.h"
#include <float.h>
#include <math.h>

#define CBRT_0 0x1.92f7e8fbf64d2p+0
#define CBRT_1 -0x1.c82a5dee809bdp-1
#define CBRT_2 0x1.88e37b77c7202p-2
#define CBRT_3 -0x1.13f7af80d284ap-4
#define CBRT_START 0x1.55aa9672015d8p+52
#define CBRT_BITS 0xfffffff000000000u /* sign, exponent and 16 bits */
#define BITS_2_52 0x4330000000000000u /* the bits of 2^52 */

STEP pd cbrt_usual(pd x)
{
    const pd a = pd_abs(x);
    const pd bits = pu_double(pu_or(pu_right(pu_bits(a), 20), pu_set(BITS_2_52)));
    const pd t = pu_double(pu_left(pu_bits(pd_fma(bits, pd_set(-1.0 / 3), pd_set(CBRT_START))), 20));
    const pd t2 = pd_mul(t, t), s = pd_mul(pd_mul(a, t), t2), s2 = pd_mul(s, s);
    const pd odd = pd_fma(s, pd_set(CBRT_3), pd_set(CBRT_2)), even = pd_fma(s, pd_set(CBRT_1), pd_set(CBRT_0));
    const pd poly = pd_fma(s2, odd, even);
    const pd r = pu_double(pu_and(pu_bits(pd_mul(t, poly)), pu_set(CBRT_BITS)));
    const pd r2 = pd_mul(r, r), h = pd_fnma(a, pd_mul(r2, r), pd_set(1));
    const pd near = pd_mul(x, r2), lost = pd_fma(x, r2, pd_neg(near));
    const pd series = pd_fma(h, pd_fma(h, pd_set(40.0 / 81), pd_set(5.0 / 9)), pd_set(2.0 / 3));
    return pd_add(near, pd_fma(near, pd_mul(h, series), lost));
}

STEP int cbrt_is_rare(pd x)
{
    const pd a = pd_abs(x);
    return pdm_any_of(pd_not_less(a, pd_set(0x1p1000)), pd_less(a, pd_set(0x1p-1000)));
}

/* Scaling by 2^±600 changes no bit of a result, but its exponent. Zeros, infinities and NaN are their own roots. */
OWN_RARE void cbrt_rare(const double *x, double *y)
{
    const pd v = pd_load(x), a = pd_abs(v), one = pd_set(1);
    const pdm small = pd_less(a, pd_set(0x1p-900)), large = pd_less(pd_set(0x1p900), a);
    const pd up = pd_select(small, pd_set(0x1p600), pd_select(large, pd_set(0x1p-600), one));
    const pd down = pd_select(small, pd_set(0x1p-200), pd_select(large, pd_set(0x1p200), one));
    const pd root = pd_mul(cbrt_usual(pd_mul(v, up)), down);
    pd_store(y, pd_select(pd_less(pd_set(0), a), pd_select(pd_not_less(a, pd_set(INFINITY)), v, root), v));
}

/* sqrt(a² + b²) where the squares neither overflow nor lose what counts. */
STEP pd hypot_usual(pd x, pd y)
{
    const pd a = pd_max(pd_abs(x), pd_abs(y)), b = pd_min(pd_abs(x), pd_abs(y));
    const pd a2 = pd_mul(a, a), b2 = pd_mul(b, b);
    const struct two sum = two_sum(a2, b2);
    const pd low = pd_add(pd_fma(a, a, pd_neg(a2)), pd_add(pd_fma(b, b, pd_neg(b2)), sum.low));
    const pd root = pd_sqrt(sum.high), left = pd_add(pd_fnma(root, root, sum.high), low);
    return pd_add(root, pd_mul(left, pd_div(pd_set(0.5), root)));
}

STEP int hypot_is_rare(pd x, pd y)
{
    const pd sum = pd_add(pd_abs(x), pd_abs(y));
    return pdm_any_of(pd_not_less(sum, pd_set(0x1p500)), pd_less(sum, pd_set(0x1p-400)));
}

STEP pd hypot_rare(pd x, pd y)
{
    const pd v = pd_abs(x), w = pd_abs(y), one = pd_set(1), sum = pd_add(v, w);
    const pdm small = pd_less(sum, pd_set(0x1p-400)), large = pd_less(pd_set(0x1p500), sum);
    const pd up = pd_select(small, pd_set(0x1p600), pd_select(large, pd_set(0x1p-600), one));
    const pd down = pd_select(small, pd_set(0x1p-600), pd_select(large, pd_set(0x1p600), one));
    const pd usual = pd_mul(hypot_usual(pd_mul(v, up), pd_mul(w, up)), down);
    /* Both zero; no number; infinite, whatever the other. */
    const pd more = pd_max(v, w), zero = pd_set(0), infinity = pd_set(INFINITY);
    pd h = pd_select(pd_less(zero, sum), usual, more);
    h = pd_select(pd_unordered(v, w), sum, h);
    h = pd_select(pd_less(pd_set(DBL_MAX), v), infinity, h);
    return pd_select(pd_less(pd_set(DBL_MAX), w), infinity, h);
}

#endif
