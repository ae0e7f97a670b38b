#ifndef SHEAF_KERNELS_LOG_H
#define SHEAF_KERNELS_LOG_H

/* log, log2, log10 and log1p of doubles: x (or 1 + x) = 2^k (1 + f) with 0.75 ≤ 1 + f ≤ 1.5, and k log(2) + log(1 + f).
 *
 * f is exact in both. For log1p that is so because f = x 2^-k + (2^-k - 1) is then a multiple of 2^-54 and at most 1/2
 * (k = 0: it is x), so no correction for the rounding of 1 + x is needed. Not so for k > 53, where 1 no longer counts,
 * and for x = 1/2 - 2^-54, where 1 + x rounds to 3/2 (0.72 ULP; a test has it).
 *
 * log(1 + f) = f - f²/2 + s (f²/2 + R(s²)), s = f / (2 + f), the arrangement of fdlibm's e_log.c; the sum k log(2) + f
 * carries its rounding error along. R is a minimax polynomial of coefficients.py, off by 2^-60. For other bases 1 + f
 * lies around 1 by ratio, and R is shorter. */

#include "exp_log_simd.h"
#include <float.h>
#include <math.h>

#define LOG_1 0x1.555555555554fp-1
#define LOG_2 0x1.999999999c0ccp-2
#define LOG_3 0x1.24924921ed062p-2
#define LOG_4 0x1.c71c74889c92bp-3
#define LOG_5 0x1.745c4c7d9c203p-3
#define LOG_6 0x1.3b358baf4a24ap-3
#define LOG_7 0x1.0dcf13ab50a09p-3
#define LOG_8 0x1.1b69ed0ea5c7ep-3

#define LOGB_1 0x1.5555555555592p-1
#define LOGB_2 0x1.999999997fdb7p-2
#define LOGB_3 0x1.24924941f12d0p-2
#define LOGB_4 0x1.c71c520955d5bp-3
#define LOGB_5 0x1.74663eea0c7c9p-3
#define LOGB_6 0x1.39a1ba8a7b0c9p-3
#define LOGB_7 0x1.2f056565d873ep-3

/* log10(2) in two parts, as LN2_HIGH and LN2_LOW. */
#define LOG10_2_HIGH 0x1.3441350800000p-2
#define LOG10_2_LOW 0x1.f79fef311f12bp-34

#define EXPONENT_ONE 0x3ff0000000000000u  /* the bits of 1.0 */
#define EXPONENT_2_52 0x4330000000000000u /* and of 2^52 */
#define EXPONENT_MASK 0xfff0000000000000u
#define SIGN_BIT 0x8000000000000000u
#define LOG_LEAST 0x3fe8000000000000u  /* the bits of 0.75 */
#define LOGB_LEAST 0x3fe6a09e667f3bcdu /* and of sqrt(1/2) */

STEP pd log_poly(pd z)
{
    const pd z2 = pd_mul(z, z);
    pd even = pd_fma(z2, pd_set(LOG_7), pd_set(LOG_5));
    pd odd = pd_fma(z2, pd_set(LOG_8), pd_set(LOG_6));
    even = pd_fma(z2, even, pd_set(LOG_3));
    odd = pd_fma(z2, odd, pd_set(LOG_4));
    even = pd_fma(z2, even, pd_set(LOG_1));
    odd = pd_fma(z2, odd, pd_set(LOG_2));
    return pd_fma(z, odd, even);
}

/* k log(2) + log(1 + f) */
STEP pd log_sum(pd f, pd k)
{
    const pd s = pd_div(f, pd_add(f, pd_set(2)));
    const pd high = pd_mul(k, pd_set(LN2_HIGH)), sum = pd_add(high, f);
    const pd rest = pd_fma(k, pd_set(LN2_LOW), pd_sub(f, pd_sub(sum, high)));
    const pd h = pd_mul(f, pd_set(0.5)), z = pd_mul(s, s);
    const pd q = pd_fma(z, log_poly(z), pd_mul(h, f));
    return pd_add(sum, pd_fnma(h, f, pd_fma(s, q, rest)));
}

/* As log_poly, doubled, for sqrt(1/2) ≤ 1 + f ≤ sqrt(2). */
STEP pd log_base_poly(pd z)
{
    const pd z2 = pd_mul(z, z);
    pd even = pd_fma(z2, pd_set(2 * LOGB_7), pd_set(2 * LOGB_5)),
       odd = pd_fma(z2, pd_set(2 * LOGB_6), pd_set(2 * LOGB_4));
    even = pd_fma(z2, even, pd_set(2 * LOGB_3));
    odd = pd_fma(z2, odd, pd_set(2 * LOGB_2));
    even = pd_fma(z2, even, pd_set(2 * LOGB_1));
    return pd_fma(z, odd, even);
}

/* As log_sum, to another base of which log(e) is `scale` + `scale_rest` and log(2) `high2` + `low2`, k high2 being
 * exact: twice log(1 + f) in two parts, multiplied and added so that one rounding counts. */
STEP pd log_sum_base(pd f, pd k, double scale, double scale_rest, double high2, double low2)
{
    const pd s = pd_div(f, pd_add(f, pd_set(2)));
    const pd z = pd_mul(s, s), square = pd_mul(f, f), twice = pd_add(f, f), part = pd_sub(twice, square);
    const pd q = pd_fma(z, log_base_poly(z), square);
    const pd lost = pd_sub(pd_sub(pd_sub(twice, part), square), pd_fma(f, f, pd_neg(square)));
    const pd rest = pd_fma(s, q, lost);
    const pd high = pd_mul(part, pd_set(scale / 2)), whole = pd_mul(k, pd_set(high2)), sum = pd_add(whole, high);
    pd low = pd_fma(part, pd_set(scale / 2), pd_neg(high));
    low = pd_fma(part, pd_set(scale_rest / 2), pd_fma(rest, pd_set(scale / 2), low));
    low = pd_add(low, pd_sub(high, pd_sub(sum, whole)));
    return pd_add(sum, low2 == 0 ? low : pd_fma(k, pd_set(low2), low));
}
STEP pd log2_sum(pd f, pd k)
{
    return log_sum_base(f, k, 0x1.71547652b82fep+0, 0x1.777d0ffda0d24p-56, 1, 0);
}
STEP pd log10_sum(pd f, pd k)
{
    return log_sum_base(f, k, 0x1.bcb7b1526e50ep-2, 0x1.95355baaafad3p-57, LOG10_2_HIGH, LOG10_2_LOW);
}

/* The biased exponent k + 1023 of u = 2^k m, 0.75 ≤ m < 1.5, in the bits where a double has it; k from that as a
 * double, where `bias` is LOG_BIAS, or more to have so much less. */
#define LOG_BIAS (0x1p52 + 1023)
STEP pu log_exponent(pd u)
{
    return pu_add(pu_bits(u), pu_set(EXPONENT_ONE - LOG_LEAST));
}
STEP pd log_k(pu exponent, pd bias)
{
    return pd_sub(pu_double(pu_or(pu_right(exponent, 52), pu_set(EXPONENT_2_52))), bias);
}

/* x = 2^k (1 + f), 1 + f from the number with the bits `least` to twice that */
STEP pd log_finite_from(uint64_t least, pd x, pd bias, pd (*sum)(pd f, pd k))
{
    const pu exponent = pu_add(pu_bits(x), pu_set(EXPONENT_ONE - least));
    const pu shift = pu_sub(pu_and(exponent, pu_set(EXPONENT_MASK)), pu_set(EXPONENT_ONE));
    const pd m = pu_double(pu_sub(pu_bits(x), shift));
    return sum(pd_sub(m, pd_set(1)), log_k(exponent, bias));
}

STEP pd log_finite(pd x, pd bias, pd (*sum)(pd f, pd k))
{
    return log_finite_from(LOG_LEAST, x, bias, sum);
}

STEP pd log1p_finite(pd x, pd bias, pd (*sum)(pd f, pd k))
{
    const pu exponent = log_exponent(pd_add(x, pd_set(1)));
    const pd scale = pu_double(pu_sub(pu_set(2 * EXPONENT_ONE), pu_and(exponent, pu_set(EXPONENT_MASK))));
    const pd f = pd_fma(x, scale, pd_sub(scale, pd_set(1)));
    const pu y = pu_bits(sum(f, log_k(exponent, bias)));
    return pu_double(pu_or(y, pu_and(pu_bits(x), pu_set(SIGN_BIT)))); /* for -0 */
}

/* Zero, negative, infinite and NaN arguments. */
STEP pd log_special(pd x, pd y)
{
    y = pd_select(pd_not_less(pd_set(0), x), pd_set(-INFINITY), y);
    y = pd_select(pd_less(x, pd_set(0)), pd_set(NAN), y);
    return pd_select(pd_not_less(x, pd_set(INFINITY)), x, y);
}

/* The rare functions are right for every lane and give ordinary ones the same bits, so it does not matter for whose
 * sake they are called. */
STEP pd log_any(uint64_t least, pd x, pd (*sum)(pd f, pd k))
{
    const pdm tiny = pd_less(x, pd_set(DBL_MIN));
    const pd scaled = pd_select(tiny, pd_mul(x, pd_set(0x1p54)), x);
    const pd bias = pd_select(tiny, pd_set(LOG_BIAS + 54), pd_set(LOG_BIAS));
    return log_special(x, log_finite_from(least, scaled, bias, sum));
}
OWN_RARE void log_rare(const double *x, double *y)
{
    pd_store(y, log_any(LOG_LEAST, pd_load(x), log_sum));
}
OWN_RARE void log2_rare(const double *x, double *y)
{
    pd_store(y, log_any(LOGB_LEAST, pd_load(x), log2_sum));
}
OWN_RARE void log10_rare(const double *x, double *y)
{
    pd_store(y, log_any(LOGB_LEAST, pd_load(x), log10_sum));
}

OWN_RARE void log1p_rare(const double *x, double *y)
{
    const pd v = pd_load(x);
    const pdm huge = pd_less(pd_set(0x1p1000), v);
    const pd scaled = pd_select(huge, pd_mul(v, pd_set(0x1p-64)), v);
    const pd bias = pd_select(huge, pd_set(LOG_BIAS - 64), pd_set(LOG_BIAS));
    pd_store(y, log_special(pd_add(v, pd_set(1)), log1p_finite(scaled, bias, log_sum)));
}

STEP int log_is_rare(pd x)
{
    return pdm_any_of(pd_not_less(x, pd_set(INFINITY)), pd_less(x, pd_set(DBL_MIN)));
}
#define log2_is_rare log_is_rare
#define log10_is_rare log_is_rare
STEP int log1p_is_rare(pd x)
{
    return pdm_any_of(pd_not_less(pd_set(-1), x), pd_less(pd_set(0x1p1000), x));
}

STEP pd log_usual(pd x)
{
    return log_finite(x, pd_set(LOG_BIAS), log_sum);
}
STEP pd log2_usual(pd x)
{
    return log_finite_from(LOGB_LEAST, x, pd_set(LOG_BIAS), log2_sum);
}
STEP pd log10_usual(pd x)
{
    return log_finite_from(LOGB_LEAST, x, pd_set(LOG_BIAS), log10_sum);
}
STEP pd log1p_usual(pd x)
{
    return log1p_finite(x, pd_set(LOG_BIAS), log_sum);
}

#endif
