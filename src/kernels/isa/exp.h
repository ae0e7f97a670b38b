#ifndef SHEAF_KERNELS_EXP_H
#define SHEAF_KERNELS_EXP_H

/* exp and exp2 of doubles: x = n log(2) + r, |r| ≤ log(2) / 2, and 2^n exp(r). exp(r) = 1 + r + r² E(r), where E is a
 * minimax polynomial of coefficients.py, off by 2^-60 of the result; the sum 1 + r carries its rounding error along. */

#include "exp_log_simd.h"
#include <float.h>
#include <math.h>

#define EXP_2 0x1.0000000000000p-1
#define EXP_3 0x1.555555555555bp-3
#define EXP_4 0x1.5555555555508p-5
#define EXP_5 0x1.111111110ed24p-7
#define EXP_6 0x1.6c16c16c2f155p-10
#define EXP_7 0x1.a01a01b33ea62p-13
#define EXP_8 0x1.a01a013a5d2cbp-16
#define EXP_9 0x1.71ddf0a825f6dp-19
#define EXP_10 0x1.27e5aeae67ecfp-22
#define EXP_11 0x1.af6b1a57aa498p-26
#define EXP_12 0x1.1e43619afb0a9p-29
#define INVERSE_LN2 0x1.71547652b82fep+0

struct exp_parts {
    pd one, rest; /* exp(r) = one + rest */
    pu n;         /* n in the low 12 bits, for a shift by 52 */
};

/* (exp(r) - 1 - r - r²/2) / r³ */
STEP pd exp_cubic(pd r, pd z)
{
    pd even = pd_fma(z, pd_set(EXP_12), pd_set(EXP_10));
    pd odd = pd_fma(z, pd_set(EXP_11), pd_set(EXP_9));
    even = pd_fma(z, even, pd_set(EXP_8));
    odd = pd_fma(z, odd, pd_set(EXP_7));
    even = pd_fma(z, even, pd_set(EXP_6));
    odd = pd_fma(z, odd, pd_set(EXP_5));
    even = pd_fma(z, even, pd_set(EXP_4));
    odd = pd_fma(z, odd, pd_set(EXP_3));
    return pd_fma(r, even, odd);
}

/* (exp(r) - 1 - r) / r² */
STEP pd exp_poly(pd r, pd z)
{
    pd even = pd_fma(z, pd_set(EXP_12), pd_set(EXP_10));
    pd odd = pd_fma(z, pd_set(EXP_11), pd_set(EXP_9));
    even = pd_fma(z, even, pd_set(EXP_8));
    odd = pd_fma(z, odd, pd_set(EXP_7));
    even = pd_fma(z, even, pd_set(EXP_6));
    odd = pd_fma(z, odd, pd_set(EXP_5));
    even = pd_fma(z, even, pd_set(EXP_4));
    odd = pd_fma(z, odd, pd_set(EXP_3));
    even = pd_fma(z, even, pd_set(EXP_2));
    return pd_fma(r, odd, even);
}

/* exp(high + low), low below the last places of what it is reduced from */
STEP struct exp_parts exp_rest(pd high, pd low, pd shifted)
{
    const pd r = pd_add(high, low), z = pd_mul(r, r);
    const pd one = pd_add(high, pd_set(1));
    const pd lost = pd_add(pd_sub(high, pd_sub(one, pd_set(1))), low);
    return (struct exp_parts){one, pd_fma(z, exp_poly(r, z), lost), pu_bits(shifted)};
}

STEP struct exp_parts exp_reduced(pd x)
{
    const pd shifted = pd_fma(x, pd_set(INVERSE_LN2), pd_set(ROUND));
    const pd n = pd_sub(pd_set(ROUND), shifted);
    return exp_rest(pd_fma(n, pd_set(LN2_HIGH), x), pd_mul(n, pd_set(LN2_LOW)), shifted);
}

STEP pd power_of_two(pu n, int more)
{
    return pu_double(pu_add(pu_left(n, 52), pu_set((uint64_t)(1023 + more) << 52)));
}

/* exp2: x = n + f, r = f log(2) in two parts. */
STEP struct exp_parts exp2_reduced(pd x)
{
    const pd shifted = pd_add(x, pd_set(ROUND));
    const pd f = pd_sub(x, pd_sub(shifted, pd_set(ROUND)));
    const pd high = pd_mul(f, pd_set(LN2)), z = pd_mul(high, high);
    const pd low = pd_fma(f, pd_set(LN2_REST), pd_fma(f, pd_set(LN2), pd_neg(high)));
    const pd one = pd_add(high, pd_set(1));
    const pd lost = pd_add(pd_sub(high, pd_sub(one, pd_set(1))), low);
    return (struct exp_parts){one, pd_fma(z, exp_poly(high, z), lost), pu_bits(shifted)};
}

/* Right for every x, with the same bits for ordinary ones: scales in two steps, and rounds a subnormal result once,
 * as a multiple of 2^-52 beside 1. */
STEP pd exp_scaled(pd x, struct exp_parts p)
{
    const pd one = pd_set(1), sum = pd_add(p.one, p.rest);
    const pd large = pd_mul(pd_mul(sum, power_of_two(p.n, -1)), pd_set(2));
    const pd up = power_of_two(p.n, 1022);
    const pd scaled = pd_mul(p.one, up), near = pd_add(scaled, one);
    const pd lost = pd_fma(p.rest, up, pd_sub(scaled, pd_sub(near, one)));
    const pd fraction = pd_sub(pd_add(near, lost), one), whole = pd_mul(sum, up);
    const pd small = pd_mul(pd_select(pd_less(whole, one), fraction, whole), pd_set(DBL_MIN));
    return pd_select(pd_unordered(x, x), x, pd_select(pd_less(x, pd_set(0)), small, large));
}
OWN_RARE void exp_rare(const double *x, double *y)
{
    const pd v = pd_load(x);
    pd_store(y, exp_scaled(v, exp_reduced(pd_clamp(v, -746, 710))));
}
OWN_RARE void exp2_rare(const double *x, double *y)
{
    const pd v = pd_load(x);
    pd_store(y, exp_scaled(v, exp2_reduced(pd_clamp(v, -1076, 1025))));
}

/* Where 2^n is no double, or may not be. */
#define EXP_SCALABLE 708
STEP int exp_is_rare(pd x)
{
    return pdm_any(pd_not_less(pd_abs(x), pd_set(EXP_SCALABLE)));
}

STEP int exp2_is_rare(pd x)
{
    return pdm_any(pd_not_less(pd_abs(x), pd_set(1022)));
}

STEP pd exp_joined(struct exp_parts p)
{
    return pu_double(pu_add(pu_bits(pd_add(p.one, p.rest)), pu_left(p.n, 52)));
}
STEP pd exp_usual(pd x)
{
    return exp_joined(exp_reduced(x));
}
STEP pd exp2_usual(pd x)
{
    return exp_joined(exp2_reduced(x));
}

#endif
