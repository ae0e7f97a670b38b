#ifndef SHEAF_KERNELS_POWER_H
#define SHEAF_KERNELS_POWER_H

/* pow of doubles: exp(y log(x)), the logarithm to 2^-66 of its size.
 *
 * x = 2^k (1 + f) with sqrt(1/2) ≤ 1 + f ≤ sqrt(2), s = f / (2 + f) and log(1 + f) = 2 s + s³ (2/3 + z P(z)), z = s²
 * (Muller, Elementary Functions, chapter 4): in two parts but for z P, at most 1/50 of the bracket, which itself is at
 * most 1/100 of the whole. P is a minimax polynomial of coefficients.py. The product with y, in two parts, goes into
 * exp.h's reduction. */

#include "exp.h"
#include "log.h"
#include "two.h"

#define POWER_1 0x1.5555555555555p-1
#define POWER_1_LOW 0x1.5555555555555p-55
#define POWER_2 0x1.9999999999996p-2
#define POWER_3 0x1.249249249302fp-2
#define POWER_4 0x1.c71c71c58092cp-3
#define POWER_5 0x1.745d183242ac1p-3
#define POWER_6 0x1.3b1362ba36461p-3
#define POWER_7 0x1.1120b50089694p-3
#define POWER_8 0x1.de338a900918ap-4
#define POWER_9 0x1.eb10470b01285p-4
#define POWER_LEAST 0x3fe6a09e667f3bcdu /* the bits of sqrt(1/2) */

STEP struct exp_parts exp_reduced_two(pd x, pd x_low)
{
    const pd shifted = pd_fma(x, pd_set(INVERSE_LN2), pd_set(ROUND)), n = pd_sub(pd_set(ROUND), shifted);
    return exp_rest(pd_fma(n, pd_set(LN2_HIGH), x), pd_fma(n, pd_set(LN2_LOW), x_low), shifted);
}

/* z P(z) */
STEP pd power_poly(pd z)
{
    const pd z2 = pd_mul(z, z), z4 = pd_mul(z2, z2);
    const pd p3 = pd_fma(z, pd_set(POWER_4), pd_set(POWER_3)), p5 = pd_fma(z, pd_set(POWER_6), pd_set(POWER_5));
    const pd p7 = pd_fma(z2, pd_set(POWER_9), pd_fma(z, pd_set(POWER_8), pd_set(POWER_7)));
    return pd_fma(z, pd_set(POWER_2), pd_mul(z2, pd_fma(z4, p7, pd_fma(z2, p5, p3))));
}

/* 2 s + s³ (2/3 + z P(z)) */
STEP struct two power_log_near(struct two s)
{
    const pd twice = pd_add(s.high, s.high);
    const pd z = pd_mul(s.high, s.high), z_low = pd_fma(twice, s.low, pd_fma(s.high, s.high, pd_neg(z)));
    const struct two sum = two_sum(pd_set(POWER_1), power_poly(z));
    const pd sum_low = pd_fma(z_low, pd_set(POWER_2), pd_add(sum.low, pd_set(POWER_1_LOW)));
    const pd zq = pd_mul(z, sum.high);
    const pd zq_low = pd_fma(z_low, sum.high, pd_fma(z, sum_low, pd_fma(z, sum.high, pd_neg(zq))));
    const pd cubic = pd_mul(s.high, zq);
    const pd cubic_low = pd_fma(s.low, zq, pd_fma(s.high, zq_low, pd_fma(s.high, zq, pd_neg(cubic))));
    const struct two r = two_sum(twice, cubic);
    return (struct two){r.high, pd_add(r.low, pd_fma(s.low, pd_set(2), cubic_low))};
}

/* log(x) of a normal positive x, in two parts; `bias` as in log.h. */
STEP struct two power_log(pd x, pd bias)
{
    const pu exponent = pu_add(pu_bits(x), pu_set(EXPONENT_ONE - POWER_LEAST));
    const pu shift = pu_sub(pu_and(exponent, pu_set(EXPONENT_MASK)), pu_set(EXPONENT_ONE));
    const pd k = log_k(exponent, bias), f = pd_sub(pu_double(pu_sub(pu_bits(x), shift)), pd_set(1));
    const struct two d = two_sum(pd_set(2), f);
    const pd inverse = pd_div(pd_set(1), d.high), q = pd_mul(f, inverse);
    const pd left = pd_fnma(q, d.low, pd_fnma(q, d.high, f));
    const struct two near = power_log_near((struct two){q, pd_mul(left, inverse)});
    const struct two sum = two_sum(pd_mul(k, pd_set(LN2_HIGH)), near.high);
    return (struct two){sum.high, pd_fma(k, pd_set(LN2_LOW), pd_add(sum.low, near.low))};
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
OWN_RARE void pow_rare(const double *x, const double *y, double *z)
{
    const pd v = pd_load(x), w = pd_load(y), a = pd_abs(v), zero = pd_set(0), one = pd_set(1), nan = pd_set(NAN);
    const pd m = power_magnitude(a, w);
    /* Whole, and odd if half of it is not whole. */
    const pd half = pd_mul(w, pd_set(0.5));
    const pd odd = where_whole(w, where_whole(half, m, pd_signed(m, v)), m);
    const pdm below = pd_less(v, zero), finite = pd_less(pd_set(-INFINITY), v);
    pd r = pd_select(below, pd_select(finite, where_whole(w, odd, nan), odd), odd);
    r = pd_select(pd_unordered(v, w), nan, r);
    r = pd_select(pd_less(pd_abs(w), pd_set(DBL_TRUE_MIN)), one, r);
    pd_store(z, pd_select(pd_less(pd_abs(pd_sub(v, one)), pd_set(DBL_TRUE_MIN)), one, r));
}

#endif
