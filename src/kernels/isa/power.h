#ifndef SHEAF_KERNELS_POWER_H
#define SHEAF_KERNELS_POWER_H

/* pow of doubles: exp(y log(x)), the logarithm to 2^-65 of its size.
 *
 * x = 2^k m, 45/64 ≤ m < 45/32, and a table has for each sixteenth of that octave an inverse of few bits, so that
 * f = m / c - 1 is exact (Tang, Table-driven implementation of the logarithm function, 1990). With s = f / (2 + f),
 * log(1 + f) = 2 s + s³ P(s²) and |s| < 0.0241, so only 2 s need be in two parts. P is a minimax polynomial of
 * coefficients.py, and so is the table. The product with y, in two parts, goes into exp.h's reduction. */

#include "exp.h"
#include "log.h"
#include "two.h"

#define POWER_1 0x1.5555555555555p-1
#define POWER_2 0x1.999999999992bp-2
#define POWER_3 0x1.2492492567f74p-2
#define POWER_4 0x1.c71c5b3a8b6edp-3
#define POWER_5 0x1.74e7549978d6fp-3
#define POWER_LEAST 0x3fe6800000000000u /* the bits of 45/64 */

static const double power_inverse[] = {0x1.6p+0, 0x1.5p+0, 0x1.4p+0, 0x1.4p+0, 0x1.3p+0, 0x1.2p+0, 0x1.2p+0, 0x1.1p+0,
                                       0x1p+0,   0x1p+0,   0x1.ep-1, 0x1.cp-1, 0x1.bp-1, 0x1.ap-1, 0x1.8p-1, 0x1.7p-1};
/* log(c), the first part so short that k LN2_HIGH can be added exactly. */
static const double power_high[] = {-0x1.4618bc21c6p-2,
                                    -0x1.1675cababbp-2,
                                    -0x1.c8ff7c79aap-3,
                                    -0x1.c8ff7c79aap-3,
                                    -0x1.5ff3070a7ap-3,
                                    -0x1.e27076e2bp-4,
                                    -0x1.e27076e2bp-4,
                                    -0x1.f0a30c0118p-5,
                                    0,
                                    0,
                                    0x1.08598b59ep-4,
                                    0x1.1178e8227ep-3,
                                    0x1.5bf406b542p-3,
                                    0x1.a93ed3c8acp-3,
                                    0x1.269621134dp-2,
                                    0x1.522ae0738ap-2};
static const double power_low[] = {0x1.3d82f484c84ccp-46,
                                   0x1.3e3f8c670551ep-43,
                                   0x1.7794f689f8434p-45,
                                   0x1.7794f689f8434p-45,
                                   0x1.8586f183bebf2p-44,
                                   0x1.a342c2af0003cp-45,
                                   0x1.a342c2af0003cp-45,
                                   0x1.d599e83368e91p-45,
                                   0,
                                   0,
                                   0x1.d034451fecdfbp-43,
                                   0x1.1ef78ce2d07f2p-45,
                                   0x1.db1fb8292ecfdp-43,
                                   0x1.9e36f2bea77a6p-43,
                                   0x1.724f077d6eceep-43,
                                   0x1.ebe708164c759p-45};

/* table[at], of the low four bits of `at`; one by one is faster than AVX2's gathering. */
STEP vd vd_lookup(const double *table, vu at)
{
#if SHEAF_LEVEL == 2
    return _mm512_permutex2var_pd(vd_load(table), (__m512i)at, vd_load(table + VD));
#elif SHEAF_LEVEL == 1
    at &= 15;
    return (vd){table[at[0]], table[at[1]], table[at[2]], table[at[3]]};
#else
    return (vd){table[at[0] & 15], table[at[1] & 15]};
#endif
}
STEP pd pd_lookup(const double *table, pu at)
{
    pd r;
    EACH r.v[i] = vd_lookup(table, at.v[i]);
    return r;
}

STEP struct exp_parts exp_reduced_two(pd x, pd x_low)
{
    const pd shifted = pd_fma(x, pd_set(INVERSE_LN2), pd_set(ROUND)), n = pd_sub(pd_set(ROUND), shifted);
    return exp_rest(pd_fma(n, pd_set(LN2_HIGH), x), pd_fma(n, pd_set(LN2_LOW), x_low), shifted);
}

STEP pd power_poly(pd z)
{
    const pd odd = pd_fma(z, pd_set(POWER_4), pd_set(POWER_3)), even = pd_fma(z, pd_set(POWER_2), pd_set(POWER_1));
    const pd z2 = pd_mul(z, z);
    return pd_fma(z2, pd_fma(z2, pd_set(POWER_5), odd), even);
}

/* log(x) of a normal positive x, in two parts; `bias` as in log.h. */
STEP struct two power_log(pd x, pd bias)
{
    const pu exponent = pu_add(pu_bits(x), pu_set(EXPONENT_ONE - POWER_LEAST)), at = pu_right(exponent, 48);
    const pu shift = pu_sub(pu_and(exponent, pu_set(EXPONENT_MASK)), pu_set(EXPONENT_ONE));
    const pd k = log_k(exponent, bias), m = pu_double(pu_sub(pu_bits(x), shift));
    const pd f = pd_fma(m, pd_lookup(power_inverse, at), pd_set(-1));
    const struct two d = two_sum(pd_set(2), f);
    const pd inverse = pd_div(pd_set(1), d.high), s = pd_mul(f, inverse), z = pd_mul(s, s);
    const pd twice_low = pd_mul(pd_fnma(s, d.low, pd_fnma(s, d.high, f)), pd_add(inverse, inverse));
    const struct two sum = two_sum(pd_fma(k, pd_set(LN2_HIGH), pd_lookup(power_high, at)), pd_add(s, s));
    const pd rest = pd_fma(pd_mul(s, z), power_poly(z), pd_fma(z, twice_low, twice_low));
    const pd low = pd_fma(k, pd_set(LN2_LOW), pd_lookup(power_low, at));
    return two_sum(sum.high, pd_add(pd_add(sum.low, low), rest));
}

/* y log(x) */
STEP struct two power_product(struct two log, pd y)
{
    const pd high = pd_mul(log.high, y);
    return (struct two){high, pd_fma(log.low, y, pd_fma(log.high, y, pd_neg(high)))};
}

/* The logarithm is written twice and found once. */
STEP int pow_is_rare(pd x, pd y)
{
    const struct two p = power_product(power_log(x, pd_set(LOG_BIAS)), y);
    return log_is_rare(x) | pdm_any(pd_not_less(pd_abs(p.high), pd_set(EXP_SCALABLE)));
}
STEP pd pow_usual(pd x, pd y)
{
    const struct two p = power_product(power_log(x, pd_set(LOG_BIAS)), y);
    return exp_joined(exp_reduced_two(p.high, p.low));
}

/* |x|^y for every x and y; not a number only where one of them is not. */
STEP pd power_magnitude(pd a, pd y)
{
    const pdm tiny = pd_less(a, pd_set(DBL_MIN));
    const pd bias = pd_select(tiny, pd_set(LOG_BIAS + 54), pd_set(LOG_BIAS)), zero = pd_set(0);
    struct two log = power_log(pd_select(tiny, pd_mul(a, pd_set(0x1p54)), a), bias);
    log.high = pd_select(pd_less(zero, a), log.high, pd_set(-INFINITY));
    log.high = pd_select(pd_not_less(a, pd_set(INFINITY)), a, log.high);
    const struct two p = power_product(log, y);
    const pd low = pd_select(pd_less(pd_abs(p.high), pd_set(1000)), p.low, zero);
    const pd m = exp_scaled(p.high, exp_reduced_two(pd_clamp(p.high, -746, 710), low));
    return pd_select(pd_unordered(p.high, p.high), pd_set(1), m); /* 0 times infinity */
}

/* x where |y| is a whole number, else `otherwise`. */
STEP pd where_whole(pd y, pd x, pd otherwise)
{
    const pd a = pd_abs(y), big = pd_set(0x1p52);
    const pd whole = pd_sub(pd_add(a, big), big), off = pd_abs(pd_sub(whole, a));
    return pd_select(pd_less(a, big), pd_select(pd_less(pd_set(0), off), otherwise, x), x);
}

/* Negative bases and all that annex F of the C standard has to say. */
STEP pd pow_rare(pd x, pd y)
{
    const pd a = pd_abs(x), zero = pd_set(0), one = pd_set(1), nan = pd_set(NAN);
    const pd m = power_magnitude(a, y);
    /* Whole, and odd if half of it is not whole. */
    const pd half = pd_mul(y, pd_set(0.5));
    const pd odd = where_whole(y, where_whole(half, m, pd_signed(m, x)), m);
    const pdm below = pd_less(x, zero), finite = pd_less(pd_set(-INFINITY), x);
    pd r = pd_select(below, pd_select(finite, where_whole(y, odd, nan), odd), odd);
    r = pd_select(pd_unordered(x, y), nan, r);
    r = pd_select(pd_less(pd_abs(y), pd_set(DBL_TRUE_MIN)), one, r);
    return pd_select(pd_less(pd_abs(pd_sub(x, one)), pd_set(DBL_TRUE_MIN)), one, r);
}

#endif
