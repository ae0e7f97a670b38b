#ifndef SHEAF_KERNELS_FLOATS_LOG_H
#define SHEAF_KERNELS_FLOATS_LOG_H

/* log and its kin of floats, in single precision: x = 2^k (1 + f) with sqrt(1/2) ≤ 1 + f < sqrt(2), and
 * k log(2) + log(1 + f), where log(1 + f) = f + f² L(f). Polynomials of coefficients_f32.py. FUNC_float, FUNC_fast and
 * FUNC_…_rare as in floats_exp.h. */

#include "floats_exp.h"

#define LOG2_E_FLOAT 0x1.715476p+0f
#define LOG2_E_FLOAT_REST 0x1.4ae0c0p-26f
#define LOG10_E_FLOAT 0x1.bcb7b2p-2f
#define LOG10_E_FLOAT_REST -0x1.5b235ep-27f
#define LOG10_2_FLOAT 0x1.344136p-2f
#define LOG10_2_FLOAT_REST -0x1.ec10c0p-27f

#define SQRT_HALF_BITS 0x3f3504f3u
#define ONE_BITS 0x3f800000u

static const float log_c[] = {-0x1.000000p-1f, 0x1.555546p-2f,  -0x1.ffffeep-3f, 0x1.99a540p-3f,  -0x1.5562e6p-3f,
                              0x1.233330p-3f,  -0x1.fb4346p-4f, 0x1.e64ae8p-4f,  -0x1.e2e6d4p-4f, 0x1.1b4b22p-4f};
#define LOG2_2 -0x1.715476p-1f /* the coefficient of f²; the others follow */
static const float log2_c[] = {0x1.ec7088p-2f,  -0x1.71546ap-2f, 0x1.277f2cp-2f,  -0x1.ec8436p-3f, 0x1.a41cdcp-3f,
                               -0x1.6de9aap-3f, 0x1.5ec936p-3f,  -0x1.5c5706p-3f, 0x1.98b4c2p-4f};
#define LOG10_2 -0x1.bcb7acp-3f
static const float log10_c[] = {0x1.287a68p-3f, -0x1.bcbe98p-4f, 0x1.63d3dep-4f, -0x1.277e3ap-4f,
                                0x1.f7e742p-5f, -0x1.d5e7a4p-5f, 0x1.cea5f2p-5f, -0x1.165e6cp-5f};

/* log(1 + f) / f, scaled, for the fast mode */
static const float log2_fast_c[] = {0x1.715476p+0f,  -0x1.715470p-1f, 0x1.ec73dap-2f,  -0x1.715c54p-2f, 0x1.26d33cp-2f,
                                    -0x1.e95ad2p-3f, 0x1.b9cd4ep-3f,  -0x1.a88594p-3f, 0x1.01b60cp-3f};
static const float log10_fast_c[] = {0x1.bcb7b0p-2f,  -0x1.bcb7aap-3f, 0x1.287c68p-3f,  -0x1.bcc12ap-4f, 0x1.63013cp-4f,
                                     -0x1.269ef4p-4f, 0x1.09fdc6p-4f,  -0x1.ff2cd8p-5f, 0x1.3650acp-5f};

/* k in the place of the exponent, of u = 2^k (1 + f). */
STEP vfu log_float_exponent(vf u)
{
    return ((vfu)u - SQRT_HALF_BITS) & 0xff800000u;
}
STEP vf log_float_k(vfu exponent)
{
    return vf_whole((vfu)((vfi)exponent >> 23));
}
STEP vf log_float_f(vf x, vfu exponent)
{
    return (vf)((vfu)x - exponent) - vf_set(1);
}

STEP vf log_float_sum(vf f, vf k)
{
    const vf w = f * f;
    return vf_fma(k, vf_set(LN2_FLOAT), vf_fma(w, VF_POLY(f, w, log_c), f));
}
STEP vf log_float(vf x)
{
    const vfu e = log_float_exponent(x);
    return log_float_sum(log_float_f(x, e), log_float_k(e));
}

/* To the bases 2 and 10, log(1 + f) is scaled: what is small first, so that few roundings count. */
STEP vf log2_float(vf x)
{
    const vfu e = log_float_exponent(x);
    const vf f = log_float_f(x, e), w = f * f;
    const vf rest = vf_fma(w * f, VF_POLY(f, w, log2_c), f * vf_set(LOG2_E_FLOAT_REST));
    return vf_fma(f, vf_set(LOG2_E_FLOAT), vf_fma(w, vf_set(LOG2_2), rest)) + log_float_k(e);
}
STEP vf log2_fast(vf x)
{
    const vfu e = log_float_exponent(x);
    const vf f = log_float_f(x, e);
    return vf_fma(f, VF_POLY(f, f * f, log2_fast_c), log_float_k(e));
}
STEP vf log10_float(vf x)
{
    const vfu e = log_float_exponent(x);
    const vf f = log_float_f(x, e), k = log_float_k(e), w = f * f;
    const vf small = vf_fma(f, vf_set(LOG10_E_FLOAT_REST), k * vf_set(LOG10_2_FLOAT_REST));
    const vf rest = vf_fma(w, vf_set(LOG10_2), vf_fma(w * f, VF_POLY(f, w, log10_c), small));
    return vf_fma(k, vf_set(LOG10_2_FLOAT), vf_fma(f, vf_set(LOG10_E_FLOAT), rest));
}
STEP vf log10_fast(vf x)
{
    const vfu e = log_float_exponent(x);
    const vf f = log_float_f(x, e);
    return vf_fma(f, VF_POLY(f, f * f, log10_fast_c), log_float_k(e) * vf_set(LOG10_2_FLOAT));
}
/* What is not positive, finite and normal. */
STEP vfm log_float_rare(vf x)
{
    return vfu_not_less((vfu)x - 0x00800000u, (vfu){0} + 0x7f000000u);
}
#define log2_float_rare log_float_rare
#define log2_fast_rare log_float_rare
#define log10_float_rare log_float_rare
#define log10_fast_rare log_float_rare

/* 1 + x = 2^k (1 + f), f from x itself. */
STEP vf log1p_fast_of(vf x)
{
    const vfu e = log_float_exponent(x + vf_set(1));
    const vf scale = (vf)(ONE_BITS - e);
    return log_float_sum(vf_fma(x, scale, scale - vf_set(1)), log_float_k(e));
}
STEP vf log1p_fast(vf x)
{
    return vf_signed(log1p_fast_of(x), x);
}
STEP vfm log1p_fast_rare(vf x)
{
    return vfu_not_less((vfu)(x + vf_set(1)) - 0x00800000u, (vfu){0} + 0x7e000000u);
}
STEP vf atanh_fast(vf x)
{
    const vf a = vf_abs(x);
    return vf_signed(vf_set(0.5f) * log1p_fast_of((a + a) / (vf_set(1) - a)), x);
}
STEP vfm atanh_fast_rare(vf x)
{
    return vf_not_less(vf_abs(x), vf_set(1));
}

/* log(u + low), u ≥ 1. */
STEP vf log_float_two(vf u, vf low)
{
    const vfu e = log_float_exponent(u);
    const vf f = log_float_f(u, e), w = f * f;
    const vf slope = vf_fma(f, vf_fma(f, vf_set(0.65f), vf_set(-0.95f)), vf_set(1)); /* 1 / (1 + f), about */
    const vf rest = vf_fma(w * f, VF_POLY_AFTER(f, w, log_c, 1), low * (vf)(ONE_BITS - e) * slope);
    return vf_fma(log_float_k(e), vf_set(LN2_FLOAT), f + vf_fma(w, vf_set(log_c[0]), rest));
}
/* What sqrt(square + low) has beyond root, the square's. */
STEP vf root_float_rest(vf root, vf square, vf low)
{
    return (vf_fnma(root, root, square) + low) * (vf_set(0.5f) / root);
}
/* log(a + sqrt(a² + 1)); a tiny number is its own. From 2^12 on, 1 - square is not exact and does not count. */
STEP vf asinh_float(vf x)
{
    const vf a = vf_abs(x), one = vf_set(1), square = vf_fma(a, a, one), low = vf_fma(a, a, one - square);
    const vf root = vf_sqrt(square), u = root + a, rest = root_float_rest(root, square, low);
    const vf y = log_float_two(u, (a - (u - root)) + rest);
    return vf_signed(vf_select(vf_less(a, vf_set(0x1p-12f)), a, y), x);
}
/* log(x + sqrt((x - 1) (x + 1))) */
STEP vf acosh_float(vf x)
{
    const vf one = vf_set(1), t = x - one, next = x + one, square = t * next;
    const vf low = vf_fma(t, one - (next - x), vf_fma(t, next, -square));
    const vf root = vf_sqrt(square), u = x + root, rest = root_float_rest(root, square, low);
    return log_float_two(u, (root - (u - x)) + rest);
}
STEP vfm asinh_float_rare(vf x)
{
    return vf_not_less(vf_abs(x), vf_set(0x1p60f));
}
/* 1 is rare too: it has no 1 / root. */
STEP vfm acosh_float_rare(vf x)
{
    return vfu_not_less((vfu)x - (ONE_BITS + 1), (vfu)vf_set(0x1p60f) - (ONE_BITS + 1));
}

#endif
