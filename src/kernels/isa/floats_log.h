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

static const float log_c[] = {-0x1.fffff8p-2f, 0x1.555544p-2f,  -0x1.0003fap-2f, 0x1.99a964p-3f, -0x1.5432f0p-3f,
                              0x1.2211f0p-3f,  -0x1.0e7fbcp-3f, 0x1.0a525cp-3f,  -0x1.407be4p-4f};
#define LOG2_2 -0x1.715476p-1f /* the coefficient of f²; the others follow */
static const float log2_c[] = {0x1.ec7088p-2f,  -0x1.71546ap-2f, 0x1.277f2cp-2f,  -0x1.ec8436p-3f, 0x1.a41cdcp-3f,
                               -0x1.6de9aap-3f, 0x1.5ec936p-3f,  -0x1.5c5706p-3f, 0x1.98b4c2p-4f};
#define LOG10_2 -0x1.bcb7acp-3f
static const float log10_c[] = {0x1.287a68p-3f, -0x1.bcbe98p-4f, 0x1.63d3dep-4f, -0x1.277e3ap-4f,
                                0x1.f7e742p-5f, -0x1.d5e7a4p-5f, 0x1.cea5f2p-5f, -0x1.165e6cp-5f};

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
    const vf f = log_float_f(x, e), w = f * f;
    const vf rest = w * vf_fma(f, VF_POLY(f, w, log2_c), vf_set(LOG2_2));
    return vf_fma(f, vf_set(LOG2_E_FLOAT), rest) + log_float_k(e);
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
    const vf f = log_float_f(x, e), w = f * f;
    const vf rest = w * vf_fma(f, VF_POLY(f, w, log10_c), vf_set(LOG10_2));
    return vf_fma(log_float_k(e), vf_set(LOG10_2_FLOAT), vf_fma(f, vf_set(LOG10_E_FLOAT), rest));
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

#endif
