#ifndef SHEAF_KERNELS_SINGLE_H
#define SHEAF_KERNELS_SINGLE_H

/* Elementary functions of floats, computed in double with polynomials of coefficients.py that are off by 2^-33 or less:
 * rounded once, to 0.51 ULP, with no care for overflow or subnormals. The methods are those of the functions of
 * doubles, in whose files they are explained. */

#include "atan_asin.h"
#include "exp.h"
#include "log.h"
#include "sin_cos.h"

#define SINF_1 0x1.5555554cb23a3p-3
#define SINF_2 -0x1.111108909fc1cp-7
#define SINF_3 0x1.a00f99067be81p-13
#define SINF_4 -0x1.6cd73af1a988dp-19
#define COSF_1 -0x1.ffffffd096fd3p-2
#define COSF_2 0x1.55553dff028cbp-5
#define COSF_3 -0x1.6c087770c77c1p-10
#define COSF_4 0x1.99327a17f51d7p-16
#define LOGF_2 -0x1.ffffffe6f5bdep-2
#define LOGF_3 0x1.555552ef73741p-2
#define LOGF_4 -0x1.000013bda0299p-2
#define LOGF_5 0x1.999bf03e9e824p-3
#define LOGF_6 -0x1.5550066f0c568p-3
#define LOGF_7 0x1.2432d89e2a486p-3
#define LOGF_8 -0x1.ffada2653d417p-4
#define LOGF_9 0x1.d2b7a53282c14p-4
#define LOGF_10 -0x1.b30dd3acb1e0fp-4
#define LOGF_11 0x1.4cef7664e8e24p-4
#define LOGF_12 -0x1.078a4a59e5988p-5
#define EXPF_2 0x1.00000039171fbp-1
#define EXPF_3 0x1.55555446d755ep-3
#define EXPF_4 0x1.55548f5e18892p-5
#define EXPF_5 0x1.11126d11b2a19p-7
#define EXPF_6 0x1.6d8be8a49b5cap-10
#define EXPF_7 0x1.9f0c2b0da5a0fp-13
#define ATANF_1 0x1.555554c8ad3b2p-2
#define ATANF_2 -0x1.99991a57ea0c6p-3
#define ATANF_3 0x1.247f085e8c42ep-3
#define ATANF_4 -0x1.c46832d3800afp-4
#define ATANF_5 0x1.5b4686159e3d1p-4
#define ATANF_6 -0x1.84fa82efe9515p-5
#define ASINF_1 0x1.5555560918d7cp-3
#define ASINF_2 0x1.3332a80813d61p-4
#define ASINF_3 0x1.6ddb26b935907p-5
#define ASINF_4 0x1.ed538f396f563p-6
#define ASINF_5 0x1.9358d58b19957p-6
#define ASINF_6 0x1.e9802b654febcp-8
#define ASINF_7 0x1.1c343eaa50130p-5

/* sin(r) = r - minus_rest, and cos(r), |r| ≤ pi/4; the sum with 0 keeps the sign of a zero. */
STEP pd sinf_minus_rest(pd r, pd z)
{
    const pd w = pd_mul(z, z);
    const pd even = pd_fma(w, pd_set(SINF_3), pd_set(SINF_1)), odd = pd_fma(w, pd_set(SINF_4), pd_set(SINF_2));
    return pd_fma(pd_mul(r, z), pd_fma(z, odd, even), pd_set(0));
}
STEP pd cosf_whole(pd z)
{
    const pd w = pd_mul(z, z);
    const pd even = pd_fma(w, pd_set(COSF_3), pd_set(COSF_1)), odd = pd_fma(w, pd_set(COSF_4), pd_set(COSF_2));
    return pd_fma(z, pd_fma(z, odd, even), pd_set(1));
}
/* n pi/2 to 2^-107 n is enough: no float below 2^30 is nearer than 2^-34 or so to a multiple of pi/2. */
STEP pd anglef_reduced(pd x, pu *bits)
{
    const pd shifted = pd_fma(x, pd_set(TWO_OVER_PI), pd_set(ROUND)), n = pd_sub(shifted, pd_set(ROUND));
    *bits = pu_bits(shifted);
    return pd_fnma(n, pd_set(HALF_PI_2), pd_fnma(n, pd_set(HALF_PI_1), x));
}
STEP pd sinf_shifted(pd x, uint64_t more)
{
    pu n;
    const pd r = anglef_reduced(x, &n), z = pd_mul(r, r);
    n = pu_add(n, pu_set(more));
    const pd y = pd_select(pdm_odd(n), cosf_whole(z), pd_sub(r, sinf_minus_rest(r, z)));
    return pu_double(pu_xor(pu_bits(y), pu_left(pu_right(n, 1), 63)));
}
STEP pd sin_single(pd x)
{
    return sinf_shifted(x, 0);
}
STEP pd cos_single(pd x)
{
    return sinf_shifted(x, 1);
}
STEP pd tan_single(pd x)
{
    pu n;
    const pd r = anglef_reduced(x, &n), z = pd_mul(r, r);
    const pd s = pd_sub(r, sinf_minus_rest(r, z)), c = cosf_whole(z);
    const pdm odd = pdm_odd(n);
    const pd t = pd_div(pd_select(odd, c, s), pd_select(odd, s, c));
    return pu_double(pu_xor(pu_bits(t), pu_left(n, 63)));
}

/* exp(r) - 1 */
STEP pd expf_poly(pd r)
{
    const pd z = pd_mul(r, r);
    pd even = pd_fma(z, pd_set(EXPF_6), pd_set(EXPF_4)), odd = pd_fma(z, pd_set(EXPF_7), pd_set(EXPF_5));
    even = pd_fma(z, even, pd_set(EXPF_2));
    odd = pd_fma(z, odd, pd_set(EXPF_3));
    return pd_fma(z, pd_fma(r, odd, even), r);
}
/* exp(r) - 1 with x = n log(2) + r; 2^n. */
STEP pd expf_parts(pd x, pd *scale)
{
    const pd shifted = pd_fma(x, pd_set(INVERSE_LN2), pd_set(ROUND));
    *scale = power_of_two(pu_bits(shifted), 0);
    return expf_poly(pd_fnma(pd_sub(shifted, pd_set(ROUND)), pd_set(LN2), x));
}
STEP pd expm1f_of(pd x)
{
    pd scale;
    const pd m = expf_parts(x, &scale);
    return pd_fma(scale, m, pd_sub(scale, pd_set(1)));
}
/* Beyond these a float's result is 0, -1 or infinite; NaN stays. */
STEP pd expf_clamped(pd x)
{
    return pd_max(pd_set(-110), pd_min(pd_set(100), x));
}
STEP pd exp_single(pd x)
{
    pd scale;
    const pd m = expf_parts(expf_clamped(x), &scale);
    return pd_fma(scale, m, scale);
}
STEP pd exp2_single(pd x)
{
    const pd v = pd_max(pd_set(-160), pd_min(pd_set(140), x)), shifted = pd_add(v, pd_set(ROUND));
    const pd f = pd_sub(v, pd_sub(shifted, pd_set(ROUND))), scale = power_of_two(pu_bits(shifted), 0);
    return pd_fma(scale, expf_poly(pd_mul(f, pd_set(LN2))), scale);
}
STEP pd expm1_single(pd x)
{
    return pd_signed(expm1f_of(expf_clamped(x)), x);
}
STEP pd sinh_single(pd x)
{
    const pd t = expm1f_of(pd_min(pd_set(100), pd_abs(x)));
    const pd sum = pd_add(t, pd_div(t, pd_add(t, pd_set(1))));
    return pd_signed(pd_mul(sum, pd_set(0.5)), x);
}
STEP pd cosh_single(pd x)
{
    const pd e = exp_single(pd_abs(x));
    return pd_mul(pd_add(e, pd_div(pd_set(1), e)), pd_set(0.5));
}
STEP pd tanh_single(pd x)
{
    const pd a = pd_min(pd_set(20), pd_abs(x)), t = expm1f_of(pd_add(a, a));
    return pd_signed(pd_div(t, pd_add(t, pd_set(2))), x);
}
STEP pd sigmoid_single(pd x)
{
    const pd e = exp_single(pd_neg(pd_abs(x)));
    return pd_div(pd_select(pd_less(x, pd_set(0)), e, pd_set(1)), pd_add(e, pd_set(1)));
}

/* log(1 + f) as a polynomial, which costs less than the division that a shorter one would need. Every float but 0 is a
 * normal double, so only zeros and what has no logarithm are rare. */
STEP pd logf_sum(pd f, pd k)
{
    const pd w = pd_mul(f, f);
    pd even = pd_fma(w, pd_set(LOGF_12), pd_set(LOGF_10)), odd = pd_fma(w, pd_set(LOGF_11), pd_set(LOGF_9));
    even = pd_fma(w, even, pd_set(LOGF_8));
    odd = pd_fma(w, odd, pd_set(LOGF_7));
    even = pd_fma(w, even, pd_set(LOGF_6));
    odd = pd_fma(w, odd, pd_set(LOGF_5));
    even = pd_fma(w, even, pd_set(LOGF_4));
    odd = pd_fma(w, odd, pd_set(LOGF_3));
    even = pd_fma(w, even, pd_set(LOGF_2));
    return pd_fma(k, pd_set(LN2), pd_fma(w, pd_fma(f, odd, even), f));
}
STEP pd logf_sum_2(pd f, pd k)
{
    return pd_fma(logf_sum(f, pd_set(0)), pd_set(INVERSE_LN2), k);
}
STEP pd logf_sum_10(pd f, pd k)
{
    return pd_mul(logf_sum(f, k), pd_set(0x1.bcb7b1526e50ep-2));
}
STEP pd log_single(pd x)
{
    return log_finite(x, pd_set(LOG_BIAS), logf_sum);
}
STEP pd log2_single(pd x)
{
    return log_finite(x, pd_set(LOG_BIAS), logf_sum_2);
}
STEP pd log10_single(pd x)
{
    return log_finite(x, pd_set(LOG_BIAS), logf_sum_10);
}
STEP pd log1p_single(pd x)
{
    return log1p_finite(x, pd_set(LOG_BIAS), logf_sum);
}
/* log1p of what these are one less than; the square of a float does not overflow. */
STEP pd asinh_single(pd x)
{
    const pd a = pd_abs(x), square = pd_mul(a, a), root = pd_sqrt(pd_add(square, pd_set(1)));
    const pd more = pd_add(a, pd_div(square, pd_add(root, pd_set(1))));
    return pd_signed(log1p_finite(more, pd_set(LOG_BIAS), logf_sum), x);
}
STEP pd acosh_single(pd x)
{
    const pd t = pd_sub(x, pd_set(1)), root = pd_sqrt(pd_fma(t, t, pd_add(t, t)));
    return log1p_finite(pd_add(t, root), pd_set(LOG_BIAS), logf_sum);
}
STEP pd atanh_single(pd x)
{
    const pd a = pd_abs(x), more = pd_div(pd_add(a, a), pd_sub(pd_set(1), a));
    return pd_signed(pd_mul(log1p_finite(more, pd_set(LOG_BIAS), logf_sum), pd_set(0.5)), x);
}

STEP pd atanf_poly(pd z)
{
    const pd w = pd_mul(z, z);
    pd even = pd_fma(w, pd_set(ATANF_5), pd_set(ATANF_3)), odd = pd_fma(w, pd_set(ATANF_6), pd_set(ATANF_4));
    even = pd_fma(w, even, pd_set(ATANF_1));
    odd = pd_fma(w, odd, pd_set(ATANF_2));
    return pd_fma(z, odd, even);
}
STEP pd asinf_poly(pd z)
{
    const pd w = pd_mul(z, z);
    pd even = pd_fma(w, pd_set(ASINF_7), pd_set(ASINF_5)), odd = pd_fma(w, pd_set(ASINF_6), pd_set(ASINF_4));
    even = pd_fma(w, even, pd_set(ASINF_3));
    odd = pd_fma(w, odd, pd_set(ASINF_2));
    even = pd_fma(w, even, pd_set(ASINF_1));
    return pd_fma(z, odd, even);
}
STEP pd atan_single(pd x)
{
    const pd a = pd_min(pd_set(0x1p60), pd_abs(x)), one = pd_set(1);
    const pdm middle = pd_less(pd_set(TAN_PI_8), a), steep = pd_less(pd_set(1 / TAN_PI_8), a);
    const pd over = pd_select(steep, pd_set(-1), pd_select(middle, pd_sub(a, one), a));
    const pd under = pd_select(steep, a, pd_select(middle, pd_add(a, one), one));
    const pd base = pd_select(steep, pd_set(2 * QUARTER_PI), pd_select(middle, pd_set(QUARTER_PI), pd_set(0)));
    const pd r = pd_div(over, under), z = pd_mul(r, r);
    return pd_signed(pd_add(base, pd_fnma(pd_mul(r, z), atanf_poly(z), r)), x);
}
/* asin(t) with t = |x|, or 2 sqrt((1 - |x|) / 2). */
STEP pd asinf_reduced(pd x, pdm *small)
{
    const pd a = pd_abs(x), half = pd_set(0.5), rest = pd_fnma(a, half, half), s = pd_sqrt(rest);
    *small = pd_not_less(half, a);
    const pd z = pd_select(*small, pd_mul(a, a), rest), t = pd_select(*small, a, pd_add(s, s));
    return pd_fma(pd_mul(t, z), asinf_poly(z), t);
}
STEP pd asin_single(pd x)
{
    pdm small;
    const pd t = asinf_reduced(x, &small);
    return pd_signed(pd_select(small, t, pd_sub(pd_set(2 * QUARTER_PI), t)), x);
}
STEP pd acos_single(pd x)
{
    pdm small;
    const pd t = asinf_reduced(x, &small), signed_t = pd_signed(t, x);
    const pd large = pd_select(pd_less(x, pd_set(0)), pd_sub(pd_set(4 * QUARTER_PI), t), t);
    return pd_select(small, pd_sub(pd_set(2 * QUARTER_PI), signed_t), large);
}

/* The rare arguments, and what the functions are there, given what they would be. */
STEP int never_rare(pd x)
{
    (void)x;
    return 0;
}
STEP pd log_single_rare(pd x, pd y)
{
    return log_special(x, y);
}
STEP pd log1p_single_rare(pd x, pd y)
{
    return log_special(pd_add(x, pd_set(1)), y);
}
STEP pd asinh_single_rare(pd x, pd y)
{
    return pd_select(pd_not_less(pd_abs(x), pd_set(INFINITY)), x, y);
}
STEP pd acosh_single_rare(pd x, pd y)
{
    y = pd_select(pd_less(x, pd_set(1)), pd_set(NAN), y);
    return pd_select(pd_not_less(x, pd_set(INFINITY)), x, y);
}
STEP pd atanh_single_rare(pd x, pd y)
{
    y = pd_select(pd_less(pd_abs(x), pd_set(1)), y, pd_mul(x, pd_set(INFINITY)));
    return pd_select(pd_not_less(pd_set(1), pd_abs(x)), y, pd_set(NAN));
}
STEP int log1p_single_is_rare(pd x)
{
    return pdm_any_of(pd_not_less(pd_set(-1), x), pd_not_less(x, pd_set(INFINITY)));
}
STEP int asinh_single_is_rare(pd x)
{
    return pdm_any(pd_not_less(pd_abs(x), pd_set(INFINITY)));
}
STEP int acosh_single_is_rare(pd x)
{
    return pdm_any_of(pd_less(x, pd_set(1)), pd_not_less(x, pd_set(INFINITY)));
}
STEP int atanh_single_is_rare(pd x)
{
    return pdm_any(pd_not_less(pd_abs(x), pd_set(1)));
}
STEP pd as_usual(pd x, pd y)
{
    (void)x;
    return y;
}
/* Far angles: the functions of doubles. */
STEP pd angle_single_rare(pd x, pd y, void (*f)(const double *x, double *y))
{
    double t[PD];
    pd_store(t, x);
    f(t, t);
    return pd_select(pd_less(pd_set(ANGLE_LIMIT), pd_abs(x)), pd_load(t), y);
}
STEP pd sin_single_rare(pd x, pd y)
{
    return angle_single_rare(x, y, sin_rare);
}
STEP pd cos_single_rare(pd x, pd y)
{
    return angle_single_rare(x, y, cos_rare);
}
STEP pd tan_single_rare(pd x, pd y)
{
    return angle_single_rare(x, y, tan_rare);
}

#endif
