#ifndef SHEAF_KERNELS_SIN_COS_H
#define SHEAF_KERNELS_SIN_COS_H

/* sin, cos and tan of doubles: x = n pi/2 + r with |r| ≤ pi/4 (and a little), and a polynomial each for sin(r), cos(r)
 * and tan(r / 2); n says which of the first two it is and its sign.
 *
 * The reduction (after Cody and Waite, with fused multiply-add) is for |x| ≤ 2^30. pi/2 = P1 + P2 + P3 + 2^-162 or so,
 * P1 and P2 being the nearest doubles to what is left. x - n P1 is exact: it is a multiple of 2^-53, as P1, and x
 * where n is not 0, are, and below 1. n P2 = w + e by fused multiply-add, exactly; so is high + t = (x - n P1) - w
 * (fast two-sum, for x - n P1 is a multiple of the last place of w < 2^-23). What is left is the rounding of
 * low = t - e - n P3, whose terms are below 2^-54, 2^-76 and 2^-78: less than 2^-106 when high is as large as 2^-1, and
 * 2^-53 of its last place whatever its size. No double below 2^30 is nearer than 2^-62 to a multiple of pi/2 (Muller,
 * Elementary Functions, chapter 11), so high + low is r to 2^-60 of its size or better.
 *
 * The zeros keep their sign because low and the polynomial of sin are kept negated. */

#include "exp_log_simd.h"
#include "sleef.h"
#include "two.h"
#include <math.h>

#define SIN_1 0x1.5555555555549p-3
#define SIN_2 -0x1.111111110f862p-7
#define SIN_3 0x1.a01a019c0e64fp-13
#define SIN_4 -0x1.71de3574d0d8fp-19
#define SIN_5 0x1.ae5e63dfcbd55p-26
#define SIN_6 -0x1.5d924c4707111p-33
#define COS_1 0x1.555555555554bp-5
#define COS_2 -0x1.6c16c16c1514fp-10
#define COS_3 0x1.a01a019caf104p-16
#define COS_4 -0x1.27e4f807e5fbap-22
#define COS_5 0x1.1ee9ea77f1d26p-29
#define COS_6 -0x1.8fadd66f0acddp-37
#define TAN_1 0x1.5555555555575p-2
#define TAN_2 0x1.111111110d14cp-3
#define TAN_3 0x1.ba1ba1bfa40c8p-5
#define TAN_4 0x1.664f46a14e536p-6
#define TAN_5 0x1.226e91c2e8f58p-7
#define TAN_6 0x1.d6be782775a9fp-9
#define TAN_7 0x1.7f260452cd41dp-10
#define TAN_8 0x1.250e73c060c6ep-11
#define TAN_9 0x1.58f2a6a673efbp-12
#define TWO_OVER_PI 0x1.45f306dc9c883p-1
#define HALF_PI_1 0x1.921fb54442d18p+0
#define HALF_PI_2 0x1.1a62633145c07p-54
#define HALF_PI_3 -0x1.f1976b7ed8fbcp-110
#define ANGLE_LIMIT 0x1p30

struct angle {
    pd high, minus_low; /* r = high - minus_low */
    pu n;               /* n in the low bits */
};

STEP struct angle angle_reduced(pd x)
{
    const pd shifted = pd_fma(x, pd_set(TWO_OVER_PI), pd_set(ROUND));
    const pd n = pd_sub(shifted, pd_set(ROUND));
    const pd near = pd_fnma(n, pd_set(HALF_PI_1), x);
    const pd w = pd_mul(n, pd_set(HALF_PI_2)), e = pd_fma(n, pd_set(HALF_PI_2), pd_neg(w));
    const pd high = pd_sub(near, w), minus_t = pd_sub(w, pd_sub(near, high));
    return (struct angle){high, pd_fma(n, pd_set(HALF_PI_3), pd_add(minus_t, e)), pu_bits(shifted)};
}

/* Without what is added last: sin(r) = high - minus_rest, cos(r) = 1 - z/2 + rest in two parts, z = high². */
STEP pd sin_minus_rest(struct angle a, pd z)
{
    const pd w = pd_mul(z, z);
    pd even = pd_fma(w, pd_set(SIN_5), pd_set(SIN_3));
    pd odd = pd_fma(w, pd_set(SIN_6), pd_set(SIN_4));
    even = pd_fma(w, even, pd_set(SIN_1));
    odd = pd_fma(w, odd, pd_set(SIN_2));
    const pd poly = pd_fma(z, odd, even), slope = pd_fnma(z, pd_set(0.5), pd_set(1));
    return pd_fma(pd_mul(a.high, z), poly, pd_mul(a.minus_low, slope));
}

STEP pd cos_rest(struct angle a, pd z, pd first)
{
    const pd w = pd_mul(z, z);
    pd even = pd_fma(w, pd_set(COS_5), pd_set(COS_3));
    pd odd = pd_fma(w, pd_set(COS_6), pd_set(COS_4));
    even = pd_fma(w, even, pd_set(COS_1));
    odd = pd_fma(w, odd, pd_set(COS_2));
    const pd lost = pd_fnma(z, pd_set(0.5), pd_sub(pd_set(1), first));
    return pd_fma(w, pd_fma(z, odd, even), pd_fma(a.high, a.minus_low, lost));
}

/* sin(x + more pi/2) */
STEP pd sin_shifted(pd x, uint64_t more)
{
    const struct angle a = angle_reduced(x);
    const pu n = pu_add(a.n, pu_set(more));
    const pd z = pd_mul(a.high, a.high), first = pd_fnma(z, pd_set(0.5), pd_set(1));
    const pd s = pd_sub(a.high, sin_minus_rest(a, z)), c = pd_add(first, cos_rest(a, z, first));
    const pu sign = pu_left(pu_right(n, 1), 63);
    return pu_double(pu_xor(pu_bits(pd_select(pdm_odd(n), c, s)), sign));
}

STEP pd sin_usual(pd x)
{
    return sin_shifted(x, 0);
}
STEP pd cos_usual(pd x)
{
    return sin_shifted(x, 1);
}

STEP pd tan_poly(pd z)
{
    const pd w = pd_mul(z, z);
    pd even = pd_fma(w, pd_set(TAN_9), pd_set(TAN_7)), odd = pd_fma(w, pd_set(TAN_8), pd_set(TAN_6));
    even = pd_fma(w, even, pd_set(TAN_5));
    odd = pd_fma(w, odd, pd_set(TAN_4));
    even = pd_fma(w, even, pd_set(TAN_3));
    odd = pd_fma(w, odd, pd_set(TAN_2));
    even = pd_fma(w, even, pd_set(TAN_1));
    return pd_fma(z, odd, even);
}

/* tan(r) = 2 t / (1 - t²) with t = tan(r / 2), and -1 / tan(r) where n is odd; all in two parts, so that one rounding
 * counts. */
STEP pd tan_usual(pd x)
{
    const struct angle a = angle_reduced(x);
    const pd half = pd_mul(a.high, pd_set(0.5)), z = pd_mul(half, half), cube = pd_mul(a.high, z);
    const pd rest = pd_fma(cube, tan_poly(z), pd_neg(pd_fma(z, a.minus_low, a.minus_low)));
    const struct two twice = two_sum(a.high, rest);
    const pd t = pd_mul(twice.high, pd_set(0.5)), square = pd_mul(t, t);
    const pd square_low = pd_fma(t, twice.low, pd_fma(t, t, pd_neg(square)));
    struct two less = two_sum(pd_set(1), pd_neg(square));
    less.low = pd_sub(less.low, square_low);
    const pdm odd = pdm_odd(a.n);
    const struct two over = {pd_select(odd, less.high, twice.high), pd_select(odd, less.low, twice.low)};
    const struct two under = {pd_select(odd, twice.high, less.high), pd_select(odd, twice.low, less.low)};
    const struct two q = two_quotient(over, under);
    const pd y = pu_double(pu_xor(pu_bits(pd_add(q.high, q.low)), pu_left(a.n, 63)));
    return pd_select(pd_less(pd_abs(x), pd_set(0x1p-27)), x, y);
}

STEP int angle_is_rare(pd x)
{
    return pdm_any(pd_not_less(pd_abs(x), pd_set(ANGLE_LIMIT)));
}
#define sin_is_rare angle_is_rare
#define cos_is_rare angle_is_rare
#define tan_is_rare angle_is_rare

/* SLEEF for the lanes beyond the limit. */
STEP pd angle_rare(pd x, pd usual, vd (*f)(vd))
{
    pd far = x;
    EACH far.v[i] = f(x.v[i]);
    return pd_select(pd_less(pd_set(ANGLE_LIMIT), pd_abs(x)), far, usual);
}
OWN_RARE void sin_rare(const double *x, double *y)
{
    const pd v = pd_load(x);
    pd_store(y, angle_rare(v, sin_usual(v), SLEEF_D(sin, u10)));
}
OWN_RARE void cos_rare(const double *x, double *y)
{
    const pd v = pd_load(x);
    pd_store(y, angle_rare(v, cos_usual(v), SLEEF_D(cos, u10)));
}
OWN_RARE void tan_rare(const double *x, double *y)
{
    const pd v = pd_load(x);
    pd_store(y, angle_rare(v, tan_usual(v), SLEEF_D(tan, u10)));
}

#endif
