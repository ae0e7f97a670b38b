#ifndef SHEAF_KERNELS_HYPERBOLIC_H
#define SHEAF_KERNELS_HYPERBOLIC_H

/* expm1, sinh, cosh, tanh and the logistic sigmoid of doubles, from exp.h's x = n log(2) + r and exp(r) - 1.
 *
 * exp(x) - 1 = (2^n - 1) + 2^n r + 2^n r²/2 + 2^n (r³ E(r) + …): the first three in two parts (fast two-sum, since of
 * 2^n - 1, 2^n r and 2^n r²/2 each is 0 or larger than the next), the rest is below 1/40 of them. The quotients below
 * are taken of pairs and mended by what they leave over, so that one rounding counts. */

#include "exp.h"
#include "two.h"

/* For |x| ≤ 708 */
STEP struct two expm1_two(pd x)
{
    const pd shifted = pd_fma(x, pd_set(INVERSE_LN2), pd_set(ROUND));
    const pd n = pd_sub(pd_set(ROUND), shifted);
    const struct two r = two_sum(pd_fma(n, pd_set(LN2_HIGH), x), pd_mul(n, pd_set(LN2_LOW)));
    const pd scale = power_of_two(pu_bits(shifted), 0);
    const pd z = pd_mul(r.high, r.high), z_low = pd_fma(r.high, r.high, pd_neg(z));
    const pd rest = pd_fma(z_low, pd_set(0.5), pd_fma(r.low, r.high, r.low));
    const pd cubic = pd_fma(pd_mul(r.high, z), exp_cubic(r.high, z), rest);
    const struct two minus_1 = two_sum(scale, pd_set(-1));
    const struct two sum = two_sum(minus_1.high, pd_mul(scale, r.high));
    const struct two more = two_sum(sum.high, pd_mul(pd_mul(z, pd_set(0.5)), scale));
    return two_sum(more.high, pd_fma(scale, cubic, pd_add(minus_1.low, pd_add(sum.low, more.low))));
}

STEP pd expm1_usual(pd x)
{
    const struct two e = expm1_two(x);
    return pd_signed(pd_add(e.high, e.low), x); /* for -0 */
}

/* With t = exp(2|x|) - 1: tanh |x| = t / (t + 2), 1 from 22 on. */
STEP pd tanh_usual(pd x)
{
    const pd a = pd_min(pd_set(22), pd_abs(x));
    const struct two t = expm1_two(pd_add(a, a));
    const struct two sum = two_sum_any(t.high, pd_set(2));
    const struct two q = two_quotient(t, (struct two){sum.high, pd_add(sum.low, t.low)});
    return pd_signed(pd_add(q.high, q.low), x);
}

/* What sinh and cosh of |x| share: r and its square, cosh(r) - 1, (sinh(r) - r) / r, 2^(n-1) and 2^(-n-1). */
struct wings {
    struct two r;
    pd cosh_rest, sinh_rest, up, down;
};
STEP struct wings wings_of(pd x)
{
    const pd shifted = pd_fma(x, pd_set(INVERSE_LN2), pd_set(ROUND)), n = pd_sub(pd_set(ROUND), shifted);
    const struct two r = two_sum(pd_fma(n, pd_set(LN2_HIGH), x), pd_mul(n, pd_set(LN2_LOW)));
    const pu exponent = pu_left(pu_bits(shifted), 52), one = pu_set((uint64_t)1022 << 52);
    const pd z = pd_mul(r.high, r.high), w = pd_mul(z, z);
    pd even = pd_fma(z, pd_set(EXP_6), pd_set(EXP_4)), odd = pd_fma(z, pd_set(EXP_5), pd_set(EXP_3));
    const pd even8 = pd_fma(z, pd_set(EXP_10), pd_set(EXP_8)), odd7 = pd_fma(z, pd_set(EXP_9), pd_set(EXP_7));
    even = pd_fma(w, pd_fma(w, pd_set(EXP_12), even8), even);
    odd = pd_fma(w, pd_fma(w, pd_set(EXP_11), odd7), odd);
    const pd cosh_rest = pd_mul(z, pd_fma(z, even, pd_set(EXP_2)));
    return (struct wings){r, cosh_rest, pd_mul(z, odd), pu_double(pu_add(one, exponent)),
                          pu_double(pu_sub(one, exponent))};
}

/* a cosh(r) + b sinh(r), a being 0 or greater than b r */
STEP pd wings_sum(struct wings w, struct two a, pd b)
{
    const pd br = pd_mul(b, w.r.high);
    const struct two sum = two_sum(a.high, br);
    pd low = pd_fma(b, w.r.low, pd_fma(b, w.r.high, pd_neg(br)));
    low = pd_fma(br, w.sinh_rest, pd_add(low, pd_add(sum.low, a.low)));
    return pd_add(sum.high, pd_fma(a.high, w.cosh_rest, low));
}

/* sinh(n log(2) + r) = (2^(n-1) - 2^(-n-1)) cosh(r) + (2^(n-1) + 2^(-n-1)) sinh(r), and cosh with the two exchanged. */
STEP pd sinh_usual(pd x)
{
    const struct wings w = wings_of(pd_abs(x));
    return pd_signed(wings_sum(w, two_sum(w.up, pd_neg(w.down)), pd_add(w.up, w.down)), x);
}
STEP pd cosh_usual(pd x)
{
    const struct wings w = wings_of(pd_abs(x));
    return wings_sum(w, two_sum(w.up, w.down), pd_sub(w.up, w.down));
}

/* With e = exp(-|x|): 1 / (1 + e) on the right, e / (1 + e) on the left. */
STEP pd sigmoid_from(pd x, pd e)
{
    const pdm left = pd_less(x, pd_set(0));
    return pd_div(pd_select(left, e, pd_set(1)), pd_add(e, pd_set(1)));
}
STEP pd sigmoid_usual(pd x)
{
    return sigmoid_from(x, exp_usual(pd_neg(pd_abs(x))));
}

/* Rare is what has no 2^n as a double; tanh never is. */
#define expm1_is_rare exp_is_rare
#define sinh_is_rare exp_is_rare
#define cosh_is_rare exp_is_rare
#define sigmoid_is_rare exp_is_rare
STEP int tanh_is_rare(pd x)
{
    (void)x;
    return 0;
}

/* exp(v) more / 16 for v ≥ 708, scaled in two steps; infinity and NaN as well. */
STEP pd exp_large(pd v, int more)
{
    const struct exp_parts p = exp_reduced(pd_min(pd_set(712), v));
    return pd_mul(pd_mul(pd_add(p.one, p.rest), power_of_two(p.n, -4)), pd_set(more));
}

OWN_RARE void expm1_rare(const double *x, double *y)
{
    const pd v = pd_load(x);
    const pd usual = expm1_usual(pd_clamp(v, -60, EXP_SCALABLE));
    pd_store(y, pd_select(pd_not_less(v, pd_set(EXP_SCALABLE)), exp_large(v, 16), usual));
}
OWN_RARE void sinh_rare(const double *x, double *y)
{
    const pd v = pd_load(x), a = pd_abs(v);
    const pd large = pd_signed(exp_large(a, 8), v);
    pd_store(y, pd_select(pd_not_less(a, pd_set(EXP_SCALABLE)), large, sinh_usual(v)));
}
OWN_RARE void cosh_rare(const double *x, double *y)
{
    const pd v = pd_load(x), a = pd_abs(v);
    pd_store(y, pd_select(pd_not_less(a, pd_set(EXP_SCALABLE)), exp_large(a, 8), cosh_usual(v)));
}
OWN_RARE void tanh_rare(const double *x, double *y)
{
    pd_store(y, tanh_usual(pd_load(x)));
}
OWN_RARE void sigmoid_rare(const double *x, double *y)
{
    const pd v = pd_load(x);
    double e[PD];
    pd_store(e, pd_neg(pd_abs(v)));
    exp_rare(e, e);
    pd_store(y, sigmoid_from(v, pd_load(e)));
}

#endif
