#ifndef SHEAF_KERNELS_ATAN_ASIN_H
#define SHEAF_KERNELS_ATAN_ASIN_H

/* atan, atan2, asin and acos of doubles.
 *
 * atan of a quotient t = a / b ≥ 0: with c = 0, 1 or infinity, atan(t) = atan(c) + atan(r), r = (t - c) / (1 + c t),
 * |r| ≤ tan(pi/8); that is a / b, (a - b) / (a + b), -b / a, so one division does. What the division and the sums lose
 * is carried along. atan(r) = r - r³ P(r²), with P a minimax polynomial of coefficients.py.
 *
 * asin(x) = x + x³ Q(x²) for |x| ≤ 1/2; beyond, it is pi/2 - 2 asin(s) with s² = (1 - |x|) / 2, which is exact, and
 * s in two parts. */

#include "exp_log_simd.h"
#include "two.h"
#include <float.h>
#include <math.h>

#define ATAN_1 0x1.555555555553dp-2
#define ATAN_2 -0x1.99999999958fap-3
#define ATAN_3 0x1.24924922b182cp-3
#define ATAN_4 -0x1.c71c70e7ca709p-4
#define ATAN_5 0x1.745cf90fcb799p-4
#define ATAN_6 -0x1.3b111cbad9128p-4
#define ATAN_7 0x1.10ebe190eb65ep-4
#define ATAN_8 -0x1.df11a278e3429p-5
#define ATAN_9 0x1.9cdd36f0e7973p-5
#define ATAN_10 -0x1.37f00283e72bcp-5
#define ATAN_11 0x1.25a372c54a71ap-6
#define ASIN_1 0x1.5555555555578p-3
#define ASIN_2 0x1.333333332df7ep-4
#define ASIN_3 0x1.6db6db72260f9p-5
#define ASIN_4 0x1.f1c71a8dc1c83p-6
#define ASIN_5 0x1.6e8bdfa698dbap-6
#define ASIN_6 0x1.1c49e2b877780p-6
#define ASIN_7 0x1.ca20ce554089fp-7
#define ASIN_8 0x1.757b77e2b1514p-7
#define ASIN_9 0x1.6173ff378d007p-7
#define ASIN_10 0x1.e2bdeb6f7cd26p-9
#define ASIN_11 0x1.6492dd39f5841p-6
#define ASIN_12 -0x1.5954c0254c7abp-6
#define ASIN_13 0x1.0bb07574621bcp-5
#define TAN_PI_8 0x1.a827999fcef32p-2
#define QUARTER_PI 0x1.921fb54442d18p-1
#define QUARTER_PI_LOW 0x1.1a62633145c07p-55
#define THREE_QUARTERS_PI_LOW 0x1.a79394c9e8a0ap-54 /* beside 3 QUARTER_PI, rounded */

STEP pd atan_poly(pd z)
{
    const pd w = pd_mul(z, z);
    pd even = pd_fma(w, pd_set(ATAN_11), pd_set(ATAN_9));
    pd odd = pd_fma(w, pd_set(ATAN_10), pd_set(ATAN_8));
    even = pd_fma(w, even, pd_set(ATAN_7));
    odd = pd_fma(w, odd, pd_set(ATAN_6));
    even = pd_fma(w, even, pd_set(ATAN_5));
    odd = pd_fma(w, odd, pd_set(ATAN_4));
    even = pd_fma(w, even, pd_set(ATAN_3));
    odd = pd_fma(w, odd, pd_set(ATAN_2));
    even = pd_fma(w, even, pd_set(ATAN_1));
    return pd_fma(z, odd, even);
}

STEP pd asin_poly(pd z)
{
    const pd w = pd_mul(z, z);
    pd even = pd_fma(w, pd_set(ASIN_13), pd_set(ASIN_11));
    pd odd = pd_fma(w, pd_set(ASIN_12), pd_set(ASIN_10));
    even = pd_fma(w, even, pd_set(ASIN_9));
    odd = pd_fma(w, odd, pd_set(ASIN_8));
    even = pd_fma(w, even, pd_set(ASIN_7));
    odd = pd_fma(w, odd, pd_set(ASIN_6));
    even = pd_fma(w, even, pd_set(ASIN_5));
    odd = pd_fma(w, odd, pd_set(ASIN_4));
    even = pd_fma(w, even, pd_set(ASIN_3));
    odd = pd_fma(w, odd, pd_set(ASIN_2));
    even = pd_fma(w, even, pd_set(ASIN_1));
    return pd_fma(z, odd, even);
}

/* base + high + low, |base| being 0 or the larger, and with low already rounded well enough. */
STEP pd angle_sum(pd base, pd base_low, pd high, pd low)
{
    const struct two sum = two_sum(base, high);
    return pd_add(sum.high, pd_add(pd_add(sum.low, base_low), low));
}

/* atan(a / b) for 0 ≤ a, 0 < b, or with `beyond`, pi less that. */
STEP pd atan_quotient(pd a, pd b, pdm beyond, int may_be_beyond)
{
    const pdm steep = pd_less(b, a);
    const pd less = pd_select(steep, b, a), more = pd_select(steep, a, b);
    const pdm middle = pd_less(pd_mul(more, pd_set(TAN_PI_8)), less);
    const struct two difference = two_sum(pd_neg(more), less), sum = two_sum(more, less);
    const pd zero = pd_set(0);
    const struct two over = {pd_select(middle, difference.high, less), pd_select(middle, difference.low, zero)};
    const struct two under = {pd_select(middle, sum.high, more), pd_select(middle, sum.low, zero)};
    const struct two r = two_quotient(over, under);
    const pd z = pd_mul(r.high, r.high), cube = pd_mul(r.high, z);
    const pd low = pd_fnma(cube, atan_poly(z), pd_fnma(r.low, z, r.low));
    /* Half of a right angle, a right one less r where it is steep, or none; beyond, two right ones less all that. */
    pd base = pd_select(middle, pd_set(QUARTER_PI), pd_select(steep, pd_set(2 * QUARTER_PI), zero));
    pd base_low = pd_select(middle, pd_set(QUARTER_PI_LOW), pd_select(steep, pd_set(2 * QUARTER_PI_LOW), zero));
    pu sign = pu_bits(pd_select(steep, pd_set(-0.0), zero));
    if (may_be_beyond) {
        const pd back = pd_select(middle, pd_set(3 * QUARTER_PI), pd_sub(pd_set(4 * QUARTER_PI), base));
        const pd back_low = pd_sub(pd_set(4 * QUARTER_PI_LOW), base_low);
        base = pd_select(beyond, back, base);
        base_low = pd_select(beyond, pd_select(middle, pd_set(THREE_QUARTERS_PI_LOW), back_low), base_low);
        sign = pu_xor(sign, pu_bits(pd_select(beyond, pd_set(-0.0), zero)));
    }
    return angle_sum(base, base_low, pu_double(pu_xor(pu_bits(r.high), sign)), pu_double(pu_xor(pu_bits(low), sign)));
}

/* From 2^60 on it is pi/2 to all digits. */
STEP pd atan_usual(pd x)
{
    const pd a = pd_min(pd_set(0x1p60), pd_abs(x));
    return pd_signed(atan_quotient(a, pd_set(1), pd_less(a, pd_set(0)), 0), x);
}

STEP pd atan2_usual(pd y, pd x)
{
    return pd_signed(atan_quotient(pd_abs(y), pd_abs(x), pd_less(x, pd_set(0)), 1), y);
}
STEP int atan2_is_rare(pd y, pd x)
{
    const pd less = pd_min(pd_abs(y), pd_abs(x)), sum = pd_add(pd_abs(y), pd_abs(x));
    return pdm_any_of(pd_not_less(sum, pd_set(0x1p500)), pd_less(less, pd_set(0x1p-500)));
}

/* Zeros, infinities and the very large and small. One that is lost in scaling to a size that suits does not count,
 * but in a quotient that is its own arc tangent. */
STEP pd atan2_rare(pd y, pd x)
{
    const pd zero = pd_set(0), one = pd_set(1), limit = pd_set(DBL_MAX);
    const pd a = pd_abs(y), b = pd_abs(x), sum = pd_add(a, b);
    const pdm huge = pd_not_less(sum, pd_set(0x1p500)), small = pd_less(sum, pd_set(0x1p-400));
    const pdm tiny = pd_less(pd_min(a, b), pd_set(0x1p-500));
    const pd scale = pd_select(huge, pd_set(0x1p-600), pd_select(small, pd_set(0x1p600), one));
    const pdm a_infinite = pd_less(limit, a), b_infinite = pd_less(limit, b);
    pd over = pd_mul(a, scale), under = pd_mul(b, scale);
    under = pd_select(a_infinite, pd_select(b_infinite, one, zero), pd_select(b_infinite, one, under));
    over = pd_select(a_infinite, one, pd_select(b_infinite, zero, over));
    under = pd_select(pd_less(zero, pd_add(over, under)), under, one);
    const pdm left = pd_less(pd_signed(one, x), zero);
    const pd angle = atan_quotient(over, under, left, 1);
    const pd least = pd_select(huge, pd_set(0x1p-40), pd_select(tiny, pd_set(0x1p-40), zero));
    const pdm flat = pd_less(over, pd_mul(under, least));
    const pd quotient = pd_select(flat, pd_div(a, pd_select(pd_less(zero, b), b, one)), angle);
    const pd r = pd_select(left, angle, pd_select(b_infinite, angle, quotient));
    return pd_select(pd_unordered(x, y), sum, pd_signed(r, y));
}

/* What asin and acos share: the argument t of base + asin(t) as t + low and its square z, |x| ≤ 1/2 or not. */
struct asin_parts {
    pdm small;
    pd t, t_low, z; /* t = |x|, or 2 sqrt(z) */
};
STEP struct asin_parts asin_reduced(pd x)
{
    const pd a = pd_abs(x), half = pd_set(0.5);
    const pdm small = pd_not_less(half, a);
    const pd rest = pd_fnma(a, half, half), s = pd_sqrt(rest), twice = pd_add(s, s);
    /* sqrt(rest) = s + (rest - s²) / 2s; a root of 0 leaves nothing over. */
    const pd lost = pd_div(pd_fnma(s, s, rest), pd_add(twice, pd_set(DBL_MIN)));
    const pd z = pd_select(small, pd_mul(a, a), rest);
    return (struct asin_parts){small, pd_select(small, a, twice), pd_select(small, pd_set(0), pd_add(lost, lost)), z};
}
STEP pd asin_usual(pd x)
{
    const struct asin_parts p = asin_reduced(x);
    const pd low = pd_fma(pd_mul(p.t, p.z), asin_poly(p.z), p.t_low), zero = pd_set(0);
    const pd base = pd_select(p.small, zero, pd_set(2 * QUARTER_PI));
    const pd base_low = pd_select(p.small, zero, pd_set(2 * QUARTER_PI_LOW));
    const pd sign = pd_select(p.small, pd_set(1), pd_set(-1));
    return pd_signed(angle_sum(base, base_low, pd_mul(p.t, sign), pd_mul(low, sign)), x);
}
STEP pd acos_usual(pd x)
{
    const struct asin_parts p = asin_reduced(x);
    const pd low = pd_fma(pd_mul(p.t, p.z), asin_poly(p.z), p.t_low), zero = pd_set(0);
    const pdm left = pd_less(x, zero);
    /* pi/2 - asin(x) for small x; else 2 asin(s), or pi less that. */
    const pd quarters = pd_select(p.small, pd_set(1), pd_select(left, pd_set(2), zero));
    const pd base = pd_mul(quarters, pd_set(2 * QUARTER_PI)), base_low = pd_mul(quarters, pd_set(2 * QUARTER_PI_LOW));
    const pd plus = pd_set(1), minus = pd_set(-1);
    const pd sign = pd_select(left, pd_select(p.small, plus, minus), pd_select(p.small, minus, plus));
    return angle_sum(base, base_low, pd_mul(p.t, sign), pd_mul(low, sign));
}

/* None is rare. */
STEP int atan_is_rare(pd x)
{
    (void)x;
    return 0;
}
#define asin_is_rare atan_is_rare
#define acos_is_rare atan_is_rare
OWN_RARE void atan_rare(const double *x, double *y)
{
    pd_store(y, atan_usual(pd_load(x)));
}
OWN_RARE void asin_rare(const double *x, double *y)
{
    pd_store(y, asin_usual(pd_load(x)));
}
OWN_RARE void acos_rare(const double *x, double *y)
{
    pd_store(y, acos_usual(pd_load(x)));
}

#endif
