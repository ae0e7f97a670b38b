#ifndef SHEAF_KERNELS_INVERSE_HYPERBOLIC_H
#define SHEAF_KERNELS_INVERSE_HYPERBOLIC_H

/* asinh, acosh and atanh of doubles: k log(2) + 2 atanh(s) = k log(2) + 2 s + s z R(z), z = s², with log.h's R.
 *
 *   atanh a = log((1 + a) / (1 - a)) / 2,       s = (1 + a - c (1 - a)) / (1 + a + c (1 - a)), c = 2^k
 *   asinh a = log(t), t = sqrt(a² + 1) + a,     s = (t - c) / (t + c); for k = 0 it is a / (sqrt(a² + 1) + 1)
 *   acosh a = log(t), t = a + sqrt(a² - 1),     s = (t - c) / (t + c); for k = 0 it is sqrt(a² - 1) / (a + 1)
 *
 * (tanh of half of y is sinh y / (cosh y + 1).) The sums, roots and quotients are in two parts, so that one rounding
 * counts; k is such that |s| ≤ 1/5, and t - c and the like are exact. */

#include "log.h"
#include "two.h"

/* k log(2) + 2 atanh(over / under), of twice `over` */
STEP pd log_of_quotient(struct two twice_over, struct two under, pd k)
{
    const struct two q = two_quotient(twice_over, under);
    const pd s = pd_mul(q.high, pd_set(0.5)), z = pd_mul(s, s);
    const struct two sum = two_sum(pd_mul(k, pd_set(LN2_HIGH)), q.high);
    const pd rest = pd_fma(pd_mul(s, z), log_poly(z), q.low);
    return pd_add(sum.high, pd_add(pd_fma(k, pd_set(LN2_LOW), sum.low), rest));
}

/* The bits of doubles are near to their logarithms, so the difference of two tells c and k. */
STEP pd atanh_usual(pd x)
{
    const pd a = pd_abs(x), one = pd_set(1), u = pd_add(one, a), v = pd_sub(one, a);
    const pd u_low = pd_sub(a, pd_sub(u, one)), v_low = pd_sub(pd_sub(one, v), a);
    const pu apart = pu_add(pu_sub(pu_bits(u), pu_bits(v)), pu_set((uint64_t)1 << 51));
    const pd c = pu_double(pu_add(pu_and(apart, pu_set(EXPONENT_MASK)), pu_set(EXPONENT_ONE)));
    const pd k = log_k(apart, pd_set(0x1p52)), cv = pd_mul(c, v);
    const struct two over = two_sum_any(pd_sub(u, cv), pd_fnma(c, v_low, u_low)), under = two_sum_any(u, cv);
    const struct two twice = {pd_add(over.high, over.high), pd_add(over.low, over.low)};
    const pd low = pd_add(under.low, pd_fma(c, v_low, u_low));
    return pd_signed(pd_mul(log_of_quotient(twice, (struct two){under.high, low}, k), pd_set(0.5)), x);
}
STEP int atanh_is_rare(pd x)
{
    return pdm_any(pd_not_less(pd_abs(x), pd_set(1)));
}
OWN_RARE void atanh_rare(const double *x, double *y)
{
    const pd v = pd_load(x), a = pd_abs(v), one = pd_set(1);
    const pdm inside = pd_less(a, one);
    const pd outside = pd_select(pd_less(one, a), pd_set(NAN), pd_set(INFINITY));
    const pd r = pd_select(inside, atanh_usual(pd_select(inside, v, pd_set(0))), pd_signed(outside, v));
    pd_store(y, pd_select(pd_unordered(v, v), v, r));
}

/* sqrt(square) in two parts; of 0 it is 0. */
STEP struct two two_root(struct two square)
{
    const pd root = pd_sqrt(square.high), left = pd_add(pd_fnma(root, root, square.high), square.low);
    return (struct two){root, pd_mul(left, pd_div(pd_set(0.5), pd_add(root, pd_set(DBL_MIN))))};
}

/* log(t); near 1, where k is 0, it is 2 atanh(over / under). */
STEP pd log_of_sum(struct two t, struct two over, struct two under)
{
    const pu exponent = log_exponent(t.high);
    const pd k = log_k(exponent, pd_set(LOG_BIAS)), c = pu_double(pu_and(exponent, pu_set(EXPONENT_MASK)));
    const pdm near = pd_less(k, pd_set(1));
    const struct two sum = two_sum(c, t.high);
    over.high = pd_select(near, over.high, pd_sub(t.high, c));
    over.low = pd_select(near, over.low, t.low);
    under.high = pd_select(near, under.high, sum.high);
    under.low = pd_select(near, under.low, pd_add(sum.low, t.low));
    const struct two twice = {pd_add(over.high, over.high), pd_add(over.low, over.low)};
    return log_of_quotient(twice, under, k);
}

/* Up to where squares are doubles; from there on, log(2 a) will do. */
#define SQUARE_LIMIT 0x1p500

STEP pd asinh_usual(pd x)
{
    const pd a = pd_abs(x), square = pd_mul(a, a), one = pd_set(1);
    struct two sum = two_sum_any(square, one);
    sum.low = pd_add(sum.low, pd_fma(a, a, pd_neg(square)));
    const struct two root = two_root(sum);
    struct two t = two_sum(root.high, a), under = two_sum(root.high, one);
    t.low = pd_add(t.low, root.low);
    under.low = pd_add(under.low, root.low);
    return pd_signed(log_of_sum(t, (struct two){a, pd_set(0)}, under), x);
}
STEP int asinh_is_rare(pd x)
{
    return pdm_any(pd_not_less(pd_abs(x), pd_set(SQUARE_LIMIT)));
}
OWN_RARE void asinh_rare(const double *x, double *y)
{
    const pd v = pd_load(x), a = pd_abs(v), limit = pd_set(SQUARE_LIMIT);
    const pd large = log_special(a, log_finite(a, pd_set(LOG_BIAS - 1), log_sum));
    pd_store(y, pd_select(pd_not_less(a, limit), pd_signed(large, v),
                          asinh_usual(pd_select(pd_less(a, limit), v, pd_set(0)))));
}

STEP pd acosh_usual(pd x)
{
    const pd square = pd_mul(x, x), one = pd_set(1);
    struct two less = two_sum(square, pd_set(-1));
    less.low = pd_add(less.low, pd_fma(x, x, pd_neg(square)));
    const struct two root = two_root(less);
    struct two t = two_sum(x, root.high);
    t.low = pd_add(t.low, root.low);
    return log_of_sum(t, root, two_sum(x, one));
}
STEP int acosh_is_rare(pd x)
{
    return pdm_any_of(pd_not_less(x, pd_set(SQUARE_LIMIT)), pd_less(x, pd_set(1)));
}
OWN_RARE void acosh_rare(const double *x, double *y)
{
    const pd v = pd_load(x), limit = pd_set(SQUARE_LIMIT), one = pd_set(1);
    const pd large = log_special(v, log_finite(v, pd_set(LOG_BIAS - 1), log_sum));
    const pd usual = acosh_usual(pd_select(pd_less(v, limit), pd_max(v, one), one));
    pd_store(y, pd_select(pd_not_less(v, limit), large, pd_select(pd_less(v, one), pd_set(NAN), usual)));
}

#endif
